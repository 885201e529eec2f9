"""`pilotmatch train reranker`: first a teacher of half the encoder's layers, then from it the one layer that serves."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings.reranker import TRAINED as RERANKER
from embeddings.trained import TRAINED as ENCODER
from matcher.commands.terminal import progress_bar, write
from matcher.commands.train import about, encoder_without, groups_of, needs_of, reranker_folder, run, texts_of
from matcher.commands.train_ranker import out_of_fold_examples
from matcher.evaluation.folds import fold_of
from matcher.evaluation.judged import FOLDS, JudgedNeeds
from matcher.ranking import learning
from matcher.ranking.reranking import card
from matcher.settings import Settings

if TYPE_CHECKING:
    from embeddings.pair_layers import PairLayers

#: Of each need's candidates, best first without the re-ranker, the teacher scores the first and some of those behind:
#: bounds of a part, and how many are drawn of it.
_TAUGHT = ((0, 20, 20), (20, 60, 6), (60, None, 4))


def train_rerankers(settings: Settings, judged: JudgedNeeds, fold: int | None) -> None:
    """Train one fold's, or all folds' and the one that is shipped.

    Raises:
        BrokenArtefact: an encoder of a fold has not been trained yet.
    """
    choices = _first_choices(settings, judged)
    for number in range(FOLDS) if fold is None else [fold]:
        _train(settings, judged, choices, reranker_folder(settings, number), number)
    if fold is None:
        _train(settings, judged, choices, RERANKER, None)


def _train(
    settings: Settings, judged: JudgedNeeds, choices: Mapping[str, Sequence[str]], folder: Path, without: int | None
) -> None:
    """Train on all judged needs, with an answer or not, or on all but those of one fold; the result is in `folder`."""
    from embeddings.reranker_training import TEACHER, JointRecipe, JointTrainer  # torch takes seconds to import

    cards, needs = texts_of(settings, card), needs_of(judged, without)
    groups, cache = groups_of(needs, judged, cards), settings.data / "encoders"
    base = ENCODER if without is None else encoder_without(settings, without)
    name = "all" if without is None else str(without)
    make = partial(JointTrainer, cache=cache, groups=groups, background=list(cards.values()))
    teacher = make(
        base=cache / "untrained", recipe=TEACHER, resume=settings.data / "training" / f"resume-teacher-{name}.pt"
    )
    run(teacher, "重排模型的教师", without)
    said = "重排模型的教师评分" + ("" if without is None else f"(不含第 {without} 份)")
    lessons = {}
    with progress_bar(said) as progress:
        for done, need in enumerate(needs, 1):
            lessons[need.text] = _lesson(teacher.model, need.text, choices[need.id or ""], cards)
            progress(done, len(needs))
    resume = settings.data / "training" / f"resume-reranker-{name}.pt"
    trainer = make(base=base, recipe=JointRecipe(), resume=resume, lessons=lessons)
    run(trainer, "重排模型", without)
    told = about("reranker", judged, groups, without)
    trainer.write(folder, told)
    teacher.finish()
    write(json.dumps(told, ensure_ascii=False))


def _lesson(teacher: PairLayers, need: str, choices: Sequence[str], cards: Mapping[str, str]) -> dict[str, float]:
    """The teacher's log-odds by card."""
    chance = random.Random(need)
    drawn = [
        listing
        for first, end, count in _TAUGHT
        for listing in chance.sample(choices[first:end], min(count, len(choices[first:end])))
    ]
    texts = [cards[listing] for listing in drawn]
    return dict(zip(texts, teacher.odds(need, texts), strict=True))


def _first_choices(settings: Settings, judged: JudgedNeeds) -> dict[str, list[str]]:
    """The listings of each need by its id, best first, as ranked out of fold without the re-ranker."""
    examples = out_of_fold_examples(settings, judged)
    scores = learning.out_of_fold(examples, partial(fold_of, k=FOLDS))
    found = {}
    for place, need in enumerate(examples.need_ids):
        span = examples.rows_of(place)
        order = np.argsort(-scores[span], kind="stable") + span.start
        found[need] = [examples.listing_ids[row] for row in order.tolist()]
    return found
