"""`pilotmatch train ranker`: weights from out-of-fold signals, and the figures that belong to them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from embeddings.encoder import BUNDLED
from embeddings.onnx import load_onnx
from embeddings.reranker import HEAD, Reranker, load_reranker
from matcher.catalogue.listings_file import read_listings
from matcher.commands.terminal import progress_bar
from matcher.errors import BrokenArtefact
from matcher.evaluation.bootstrap import compare, mean_estimate
from matcher.evaluation.folds import fold_of
from matcher.evaluation.judged import DEVELOPMENT, FOLDS, JudgedNeeds, read_judged
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.nothing_fits import separation
from matcher.evaluation.runs import Run
from matcher.evaluation.scores import MAIN_METRIC, METRICS, score_run
from matcher.installation import open_encoder
from matcher.match import Matcher
from matcher.ranking import learning
from matcher.ranking.confidence import ANSWER_FEATURES
from matcher.ranking.examples import Examples, collect, join, read_first
from matcher.ranking.features import FEATURES, JOINT
from matcher.ranking.profile import INTERCEPT, SHIPPED, Profile, Thresholds, load_profile, write_profile
from matcher.ranking.reranking import card, joint_feature
from matcher.settings import Settings

Doubles = NDArray[np.float64]
_fold = partial(fold_of, k=FOLDS)

#: Candidates that the re-ranker reads at most: on the three folds it was chosen on, more of them gained nothing.
READS = 16
FAST, DEFAULT = "fast", "default"
#: Rows of the reliability tables.
BINS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.01)

#: A match is strong where three in four such were judged worth a call, possible where one in three was.
STRONG, POSSIBLE = 0.75, 0.33
#: An answer is good where nine in ten such held something worth a call; none where fewer than three in five did.
GOOD, PARTIAL = 0.9, 0.6


def train_ranker(settings: Settings, judged: JudgedNeeds, folder: Path = SHIPPED) -> Iterator[str]:
    """Learn the profiles `fast` and `default` and store them; yields lines that say how good they are out of fold.

    Raises:
        BrokenArtefact: an encoder or a re-ranker of a fold has not been trained yet.
    """
    development = read_judged(settings.datasets, DEVELOPMENT)
    examples = out_of_fold_examples(settings, judged)
    base = learning.out_of_fold(examples, _fold)
    weights = learning.with_floors(learning.learn_weights(examples))
    plain = _Learnt(examples, base, weights, learning.scores_of(examples, weights))
    read = examples_read(settings, judged, examples, base)
    mixed = learning.joint_out_of_fold(read, base, _fold)
    with_joint = weights | {JOINT: learning.learn_joint(read, base)}
    full = _Learnt(read, mixed, with_joint, learning.scores_of(read, with_joint))
    fingerprint = open_encoder(settings).fingerprint
    unread = learning.pair_curve(examples, plain.final)
    confidence = learning.learn_confidence(*learning.answers(examples, plain.final))
    for name, learnt, reads in ((FAST, plain, 0), (DEFAULT, full, READS)):
        found = figures(learnt, plain, development)
        profile = Profile(
            name=name,
            version=judged.data_hash[:8],
            weights={feature: round(weight, 4) for feature, weight in learnt.weights.items()},
            calibration=learning.pair_curve(learnt.examples, learnt.final, read=True) if reads else unread,
            confidence=confidence,
            unread=unread if reads else None,
            thresholds=Thresholds(STRONG, POSSIBLE, GOOD, PARTIAL),
            encoder=fingerprint,
            reads=reads,
            few_layers=True,
            training={
                "command": "pilotmatch train ranker",
                "data_sha256": judged.data_hash,
                "needs": len(examples.need_ids),
                "pairs": int((examples.grades >= 0).sum()),
                "out_of_fold_on_needs_dev": found,
            },
        )
        write_profile(profile, folder / f"{name}.json")
        yield from _told(profile, learnt)
    yield from _answers_told(plain)
    yield _compared(f"{DEFAULT} − {FAST}", plain, full, development)
    summed = replace(plain, scores=learning.plain_sum(examples))
    yield _compared(f"{FAST} − 各项得分标准化后直接相加", summed, plain, development)


def train_joint(settings: Settings, judged: JudgedNeeds, folder: Path = SHIPPED) -> Iterator[str]:
    """Learn for `default` only what the re-ranker's reading is worth beside the stored weights of `fast`, and the
    calibration of what it has read; everything else stays. Yields lines and raises as `train_ranker`."""
    fast, before = (load_profile(folder / f"{name}.json") for name in (FAST, DEFAULT))
    examples = out_of_fold_examples(settings, judged)
    read = examples_read(settings, judged, examples, learning.scores_of(examples, dict(fast.weights)))
    worth = round(learning.learn_joint(read, learning.scores_of(read, dict(fast.weights))), 4)
    weights = dict(fast.weights) | {JOINT: worth}
    curve = learning.pair_curve(read, learning.scores_of(read, weights), read=True)
    training = {"command": "pilotmatch train ranker --joint", "data_sha256": judged.data_hash, FAST: fast.training}
    after = replace(before, weights=weights, calibration=curve, reads=READS, training=training)
    write_profile(after, folder / f"{DEFAULT}.json")
    yield f"{DEFAULT}: {JOINT} {before.weights[JOINT]:.4f} → {worth:.4f}"


@dataclass(frozen=True, slots=True)
class _Learnt:
    """Rows with their out-of-fold scores, the weights learnt from all of them, and the scores that these give."""

    examples: Examples
    scores: Doubles
    weights: dict[str, float]
    final: Doubles


def _told(profile: Profile, learnt: _Learnt) -> Iterator[str]:
    yield f"{profile.name}:"
    for name, value in profile.training["out_of_fold_on_needs_dev"].items():
        yield f"  {name}: {value}"
    for name, weight in sorted(profile.weights.items(), key=lambda item: -item[1]):
        yield f"  {name:22} {weight:8.3f}"
    yield "  一对需求与条目值得联系的概率(交叉验证):预测 实际 对数"
    table = learning.out_of_fold_reliability(learnt.examples, learnt.scores, _fold, BINS, read=profile.reads > 0)
    yield from (f"    {told:.3f}  {true:.3f}  {count:6}" for told, true, count in table)


def _answers_told(plain: _Learnt) -> Iterator[str]:
    features, good = learning.answers(plain.examples, plain.scores)
    folds = np.array([_fold(need) for need in plain.examples.need_ids])
    odds = learning.out_of_fold_confidence(features, good, folds)
    yield "  答案中有值得联系的条目的概率(交叉验证):预测 实际 需求数"
    table = learning.reliability(1 / (1 + np.exp(-odds)), good, BINS)
    yield from (f"    {told:.3f}  {true:.3f}  {count:6}" for told, true, count in table)


def _compared(said: str, plain: _Learnt, full: _Learnt, development: JudgedNeeds) -> str:
    """What one way to rank adds to another on the real needs, out of fold, need by need."""
    ids = [need.id or "" for need in development.needs]
    judgements = Judgements(development.grades)
    before, after = (
        score_run(_run(one.examples, one.scores, ids), judgements, ids).of(MAIN_METRIC, ids) for one in (plain, full)
    )
    found = compare(after, before)
    gain = found.difference
    return (
        f"{said}, {MAIN_METRIC}: {gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}], "
        f"p = {found.p_value:.4f}, {found.wins} 胜 {found.losses} 负"
    )


def examples_read(settings: Settings, judged: JudgedNeeds, examples: Examples, scores: Doubles) -> Examples:
    """The rows with what the re-ranker that was trained without a need's fold makes of its first candidates."""
    from matcher.commands.train import reranker_folder

    cards = {listing.id: card(listing) for listing in read_listings(settings.dataset("listings.jsonl"))}
    texts = {need.id: need.text for need in judged.needs}
    parts = []
    for number in range(FOLDS):
        reranker = _reranker_without(settings, reranker_folder(settings, number), number)
        mine = [need for need in examples.need_ids if _fold(need) == number]
        part = examples.of(mine)
        places = np.concatenate([np.arange(len(examples))[examples.rows_of(examples.need_ids.index(n))] for n in mine])
        with progress_bar(f"第 {number} 份:重排模型读前 {READS} 条") as progress:
            count = itertools.count(1)

            def read(need_id: str, ids: Sequence[str], reranker: Reranker = reranker) -> NDArray[np.float32]:
                odds = reranker.scores(texts[need_id], [cards[listing] for listing in ids])
                progress(next(count), len(mine))  # noqa: B023  # called within the loop only
                return joint_feature(odds)

            parts.append(read_first(part, scores[places], READS, read))
    return join(parts).of(examples.need_ids)


def _reranker_without(settings: Settings, trained: Path, number: int) -> Reranker:
    if not (trained / HEAD).exists():
        raise BrokenArtefact(f"缺少第 {number} 份的重排模型", hint=f"先运行 pilotmatch train reranker --fold {number}")
    from matcher.commands.train import encoder_without

    base = encoder_without(settings, number)
    return load_reranker(settings.data / "encoders", trained=trained, base=base)


def out_of_fold_examples(settings: Settings, judged: JudgedNeeds) -> Examples:
    """Every need's feature rows from the encoder that was trained without its fold."""
    parts = []
    for number in range(FOLDS):
        encoder = _encoder_without(settings, number)
        with progress_bar(f"第 {number} 份:为条目计算向量") as progress:
            matcher = Matcher.load(settings, progress=progress, profile=_blank(), encoder=encoder)
        with progress_bar(f"第 {number} 份:计算特征") as progress:
            everything = [listing.id for listing in matcher.catalogue.supply]
            parts.append(collect(matcher, judged.fold(number, inside=True), judged.grades, progress, everything))
    return join(parts)


def _encoder_without(settings: Settings, number: int) -> Encoder:
    """The bundled encoder as trained without a fold; another encoder has seen no judgement and serves all folds."""
    from matcher.commands.train import encoder_without

    if settings.encoder not in (None, BUNDLED):
        return open_encoder(settings)
    return load_onnx(settings.data / "encoders", trained=encoder_without(settings, number))


def figures(learnt: _Learnt, plain: _Learnt, development: JudgedNeeds) -> Mapping[str, float | list[float]]:
    """Out-of-fold figures on the real needs: means with 95 % intervals, and how well "nothing fits" is told.

    The latter from `plain`, since coverage looks at the answer before anything is read.
    """
    ids = [need.id or "" for need in development.needs]
    run = _run(learnt.examples, learnt.scores, ids)
    features, good = learning.answers(plain.examples, plain.scores)
    need_ids = plain.examples.need_ids
    odds = learning.out_of_fold_confidence(features, good, np.array([_fold(need) for need in need_ids]))
    sure = {need: float(value) for need, value in zip(need_ids, odds, strict=True) if need in ids}
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
    return Profile("blank", "0", dict.fromkeys(FEATURES, 0.0), flat, sure, None, Thresholds(1, 1, 1, 1), "", 0, {})
