"""`pilotmatch train ranker`: weights from out-of-fold signals, and the figures that belong to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from embeddings.encoder import BUNDLED
from embeddings.onnx import load_onnx
from matcher.commands.terminal import progress_bar
from matcher.errors import BrokenArtefact
from matcher.evaluation.bootstrap import mean_estimate
from matcher.evaluation.folds import fold_of
from matcher.evaluation.judged import DEVELOPMENT, FOLDS, JudgedNeeds, read_judged
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.nothing_fits import separation
from matcher.evaluation.runs import Run
from matcher.evaluation.scores import METRICS, score_run
from matcher.installation import open_encoder
from matcher.match import Matcher
from matcher.ranking import learning
from matcher.ranking.confidence import ANSWER_FEATURES
from matcher.ranking.examples import Examples, collect, join
from matcher.ranking.features import FEATURES
from matcher.ranking.profile import INTERCEPT, SHIPPED, Profile, Thresholds, write_profile
from matcher.settings import Settings

Doubles = NDArray[np.float64]
_fold = partial(fold_of, k=FOLDS)

#: A match is strong where three in four such were judged worth a call, possible where one in three was.
STRONG, POSSIBLE = 0.75, 0.33
#: An answer is good where nine in ten such held something worth a call; none where fewer than three in five did.
GOOD, PARTIAL = 0.9, 0.6


def train_ranker(settings: Settings, judged: JudgedNeeds, folder: Path = SHIPPED) -> Iterator[str]:
    """Learn the default profile and store it; yields lines that say how good it is out of fold on needs_dev.

    Raises:
        BrokenArtefact: an encoder of a fold has not been trained yet.
    """
    examples = _out_of_fold_examples(settings, judged)
    scores = learning.out_of_fold(examples, _fold)
    development = read_judged(settings.datasets, DEVELOPMENT)
    figures = _figures(examples, scores, development)
    weights = learning.learn_weights(examples)
    final = learning.scores_of(examples, weights)
    profile = Profile(
        name="default",
        version=judged.data_hash[:8],
        weights={name: round(weight, 4) for name, weight in weights.items()},
        calibration=learning.pair_curve(examples, final),
        confidence=learning.learn_confidence(*learning.answers(examples, final)),
        thresholds=Thresholds(STRONG, POSSIBLE, GOOD, PARTIAL),
        encoder=open_encoder(settings).fingerprint,
        training={
            "command": "pilotmatch train ranker",
            "data_sha256": judged.data_hash,
            "needs": len(examples.need_ids),
            "pairs": int((examples.grades >= 0).sum()),
            "out_of_fold_on_needs_dev": figures,
        },
    )
    write_profile(profile, folder / "default.json")
    yield from (f"{name}: {value}" for name, value in figures.items())
    for name, weight in sorted(profile.weights.items(), key=lambda item: -item[1]):
        yield f"  {name:22} {weight:8.3f}"


def _out_of_fold_examples(settings: Settings, judged: JudgedNeeds) -> Examples:
    """Every need's feature rows from the encoder that was trained without its fold."""
    from matcher.commands.train import fold_folder

    parts = []
    for number in range(FOLDS):
        encoder = _encoder_without(settings, fold_folder(settings, number), number)
        with progress_bar(f"第 {number} 份:为条目计算向量") as progress:
            matcher = Matcher.load(settings, progress=progress, profile=_blank(), encoder=encoder)
        with progress_bar(f"第 {number} 份:计算特征") as progress:
            parts.append(collect(matcher, judged.fold(number, inside=True), judged.grades, progress))
    return join(parts)


def _encoder_without(settings: Settings, trained: Path, number: int) -> Encoder:
    """The bundled encoder as trained without a fold; another encoder has seen no judgement and serves all folds."""
    if settings.encoder not in (None, BUNDLED):
        return open_encoder(settings)
    if not any(trained.glob("*.safetensors")):
        raise BrokenArtefact(f"缺少第 {number} 份的编码器", hint=f"先运行 pilotmatch train encoder --fold {number}")
    return load_onnx(settings.data / "encoders", trained=trained)


def _figures(examples: Examples, scores: Doubles, development: JudgedNeeds) -> Mapping[str, float | list[float]]:
    """Out-of-fold figures on the real needs: means with 95 % intervals, and how well "nothing fits" is told."""
    ids = [need.id or "" for need in development.needs]
    run = _run(examples, scores, ids)
    features, good = learning.answers(examples, scores)
    odds = learning.out_of_fold_confidence(features, good, np.array([_fold(need) for need in examples.need_ids]))
    sure = {need: float(value) for need, value in zip(examples.need_ids, odds, strict=True) if need in ids}
    judgements = Judgements(development.grades)
    scored = score_run(run, judgements, ids)
    found: dict[str, float | list[float]] = {}
    for metric in METRICS:
        estimate = mean_estimate(scored.of(metric, ids))
        found[metric] = [round(value, 4) for value in (estimate.mean, estimate.low, estimate.high)]
    told = separation(sure, judgements)
    if told:
        found["nothing_fits_auc"] = round(told.area, 4)
    return found


def _run(examples: Examples, scores: Doubles, ids: Sequence[str]) -> Run:
    by_need: dict[str, dict[str, float]] = {}
    for place, need_id in enumerate(examples.need_ids):
        if need_id in ids:
            span = examples.rows_of(place)
            by_need[need_id] = dict(zip(examples.listing_ids[span], scores[span].tolist(), strict=True))
    return Run.from_scores(by_need)


def _blank() -> Profile:
    """A profile for collecting features, whose scores nobody looks at."""
    flat = ((0.0, 0.5), (1.0, 0.5))
    sure = dict.fromkeys((*ANSWER_FEATURES, INTERCEPT), 0.0)
    return Profile("blank", "0", dict.fromkeys(FEATURES, 0.0), flat, sure, Thresholds(1, 1, 1, 1), "", {})
