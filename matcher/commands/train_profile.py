"""`pilotmatch train ranker --profile NAME`: a draft learnt from this installation's judgements and feedback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from embeddings.encoder import BUNDLED
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database, Session, open_database
from matcher.catalogue.feedback.store import Kept, kept
from matcher.catalogue.judging.measured import judged_set
from matcher.catalogue.profiles.drafts import create, find
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.commands.terminal import existing, progress_bar
from matcher.commands.train_wish import Wish
from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.bootstrap import compare
from matcher.evaluation.folds import fold_of
from matcher.evaluation.judged import FOLDS
from matcher.evaluation.judged_sets import JudgedSet, read_judged_set, shipped_set
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.runs import Run
from matcher.evaluation.scores import MAIN_METRIC, score_run
from matcher.feedback.lessons import Lessons, examples_of, learn_from
from matcher.installation import installed_listings, open_encoder, open_encodings
from matcher.match import Matcher
from matcher.ranking import learning
from matcher.ranking.documents import Document
from matcher.ranking.examples import Examples, collect
from matcher.ranking.profile import Profile
from matcher.ranking.relearning import Read, learn_both, relearn
from matcher.ranking.reranking import joint_feature
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Material:
    """What is learnt from: `answers` are empty where feedback was not asked for."""

    base: StoredProfile
    judged: JudgedSet
    answers: Sequence[Kept]


def train_profile(settings: Settings, wish: Wish, encoder: Encoder | None = None) -> list[str]:
    """Learn a draft and store it; lines that say what came of it. It is never published from here.

    Args:
        encoder: instead of the one that the profile or else the settings name.

    Raises:
        InvalidInput, NotFound: what is to be learnt from is not there, or teaches nothing. Conflict: as for `create`.
    """
    database = open_database(settings)
    try:
        with database.reading() as session:
            material = _material(settings, session, wish)
        source = material.base.document().encoder_source
        encoder = encoder or open_encoder(settings, source)
        matcher = _matcher(settings, database, encoder, source)
        document, lines = _learnt(settings, wish, material, matcher)
        reason = wish.reason or _reason(document.profile.training)
        with database.session() as session:
            stored = create(session, CONSOLE, wish.name, document, reason, parent_id=material.base.id)
    finally:
        database.dispose()
    label = f"{stored.name}@{stored.version}"
    return [*lines, f"已存为草稿 {label}({stored.id});发布之前须通过门禁:pilotmatch gate {label}"]


def _material(settings: Settings, session: Session, wish: Wish) -> _Material:
    base, judged = _base(session, wish.name), _judged(settings, session, wish)
    return _Material(base, judged, list(kept(session)) if wish.feedback else [])


def _matcher(settings: Settings, database: Database, encoder: Encoder, source: str | None) -> Matcher:
    encodings, listings = open_encodings(settings, encoder, database), installed_listings(settings, database)
    with progress_bar("为条目计算向量") as progress:
        return Matcher.load(settings, listings, progress, encoder=encoder, encodings=encodings, source=source)


def _learnt(settings: Settings, wish: Wish, material: _Material, matcher: Matcher) -> tuple[Document, list[str]]:
    base, judged = material.base.document(), material.judged
    matcher = matcher.with_document(base, Vocabulary.load(settings))
    with progress_bar("计算特征") as progress:
        examples = collect(matcher, judged.needs, judged.judgements.grades, progress)
    lessons = learn_from(material.answers)
    behaviour = examples_of(material.answers, lessons, len(examples.need_ids))
    about = _about(wish, judged, examples, lessons, behaviour)
    read = _reader(matcher, judged) if base.profile.reads else None
    found = relearn(base.profile, examples, matcher.retriever.encoder, about, behaviour, read)
    lines = [*found.notes, *(_feedback_told(lessons, behaviour) if wish.feedback else ())]
    if (wish.judged_by, wish.needs) == (None, None) and settings.encoder_named(base.encoder_source) in (None, BUNDLED):
        lines.append("注意:随附的编码器见过随附的标注,语义特征的权重会偏高;请用自己的标注集(--set)")
    lines.append(_compared(base.profile, examples, behaviour, judged.judgements))
    lines += _weights_told(base.profile.weights, found.profile.weights)
    return replace(base, profile=replace(found.profile, name=wish.name)), lines


def _base(session: Session, name: str) -> StoredProfile:
    """The latest version of that name, or else the published one."""
    try:
        return find(session, name)
    except NotFound:
        present = published(session)
        if present is None:
            raise
        return present


def _judged(settings: Settings, session: Session, wish: Wish) -> JudgedSet:
    if wish.judged_by is not None:
        return judged_set(session, wish.judged_by)
    if (wish.needs is None) != (wish.judgements is None):
        raise InvalidInput("--needs 与 --judgements 须一同给出", hint="都不给时用随附的已标注需求", field="needs")
    if wish.needs is not None and wish.judgements is not None:
        return read_judged_set(existing(wish.needs), existing(wish.judgements))
    return shipped_set(settings)


def _about(wish: Wish, judged: JudgedSet, examples: Examples, lessons: Lessons, behaviour: Examples) -> dict[str, Any]:
    """What the profile says of its training; the judged set by its hash."""
    about: dict[str, Any] = {
        "command": f"pilotmatch train ranker --profile {wish.name}" + (" --feedback" if wish.feedback else ""),
        "judgement_set": judged.version,
        "data_sha256": judged.hash,
        "needs": len(examples.need_ids),
        "pairs": int((examples.grades >= 0).sum()),
    }
    if wish.feedback:
        about["feedback"] = {
            "answers": lessons.answers,
            "used": len(behaviour.need_ids),
            "swapped": lessons.swapped,
            "corrected": lessons.is_corrected,
        }
    return about


def _reason(training: Mapping[str, Any]) -> str:
    said = f"由标注集 {training['judgement_set']} 的 {training['needs']} 个需求学得"
    feedback = training.get("feedback")
    return f"{said},并用了 {feedback['used']} 个回答的反馈" if feedback else said


def _reader(matcher: Matcher, judged: JudgedSet) -> Read:
    texts = {need.id or "": need.text for need in judged.needs}

    def read(need_id: str, listing_ids: Sequence[str]) -> NDArray[np.float32]:
        rows = [row for row in map(matcher.catalogue.row, listing_ids) if row is not None]
        return joint_feature(matcher.odds(texts[need_id], np.array(rows, np.int64)))

    return read


def _feedback_told(lessons: Lessons, behaviour: Examples) -> Iterator[str]:
    said = "已按名次校正" if lessons.is_corrected else "随机交换太少,未校正名次的影响"
    yield f"反馈:{lessons.answers} 个回答({said}),用了其中 {len(behaviour.need_ids)} 个"


def _weights_told(before: Mapping[str, float], after: Mapping[str, float]) -> Iterator[str]:
    for name, weight in sorted(after.items(), key=lambda item: -item[1]):
        yield f"  {name:22} {before.get(name, 0.0):8.3f} → {weight:8.3f}"


def _compared(base: Profile, examples: Examples, behaviour: Examples, judgements: Judgements) -> str:
    """What the new weights add to the old on the judged needs, out of fold, without the re-ranker."""
    fold = partial(fold_of, k=FOLDS)
    scores = learning.out_of_fold(examples, fold, lambda others: learn_both(others, behaviour))
    old = learning.scores_of(examples, dict(base.weights))
    ids = list(examples.need_ids)
    before, after = (score_run(_run(examples, one), judgements, ids).of(MAIN_METRIC, ids) for one in (old, scores))
    found = compare(after, before)
    gain = found.difference
    return (
        f"{MAIN_METRIC}(交叉验证,不含重排)新 {np.mean(after):.4f},原 {np.mean(before):.4f},"
        f"差 {gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
    )


def _run(examples: Examples, scores: Doubles) -> Run:
    by_need = {}
    for place, need_id in enumerate(examples.need_ids):
        span = examples.rows_of(place)
        by_need[need_id] = dict(zip(examples.listing_ids[span], scores[span].tolist(), strict=True))
    return Run.from_scores(by_need)
