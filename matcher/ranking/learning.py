"""Weights, calibration and thresholds learnt from judged pairs, with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from matcher.ranking.confidence import ANSWER_FEATURES, answer_features
from matcher.ranking.examples import Examples
from matcher.ranking.features import FEATURES, JOINT
from matcher.ranking.profile import INTERCEPT
from matcher.retrieval.retriever import SIGNALS
from matcher.scoring import SHORTLIST

Doubles = NDArray[np.float64]
Curve = tuple[tuple[float, float], ...]

#: Between 0.001 and 1 the figures move in the third decimal; a little keeps two like features from fighting.
PAIRWISE_C = 0.03
#: Nine related features of some 500 answers: held together rather than each trusted by itself.
CONFIDENCE_C = 1.0
#: What is read was chosen for its score, so that among it scores differ little and tell less than they do elsewhere:
#: the regression overrates the reading. On the two folds where it was tried half of it was best.
JOINT_SHARE = 0.5
#: Few judged needs name a place and their judges graded the work, not the way to it, so next to nothing can be learnt
#: of it. Who writes 长三角优先 expects that region first among what is as good: these points are what lies between
#: neighbours at the top. nDCG@10 on needs_dev stays at 0.745 with them.
FLOORS = {"place_meets": 1.5, "place_misses": 1.0}
#: A pair is worth a call from this grade on.
GOOD = 2
#: Curves are stored at this many points at most: a reader should be able to look at them.
CURVE_POINTS = 24


def learn_weights(examples: Examples) -> dict[str, float]:
    """Non-negative weights by feature name, from pairs that were judged.

    Logistic regression on the differences of two candidates of one need that were graded differently, each difference
    counting by that of its gains 2^grade − 1 and each need alike (RankNet's loss, Burges et al. 2005, with a linear
    scorer). A feature that would get a negative weight is left out and the rest learnt anew, until none does: a met
    condition never lowers a score. All weights are 0 where no two candidates differ in grade.
    """
    judged = examples.features[examples.grades >= 0]
    spread = judged.std(axis=0) + 1e-9 if len(judged) else np.ones(len(FEATURES), np.float32)
    better, worth = _differences(examples, spread, examples.features)
    weights = np.zeros(len(FEATURES))
    kept = np.flatnonzero(np.ptp(better, axis=0) > 0) if len(better) else np.zeros(0, np.int64)
    # One class of differences would be all wins: every other one is turned round.
    signs = np.where(np.arange(len(better)) % 2, -1.0, 1.0)
    while len(kept):
        model = LogisticRegression(C=PAIRWISE_C, fit_intercept=False, max_iter=1000)
        found = model.fit(better[:, kept] * signs[:, None], signs > 0, sample_weight=worth).coef_[0]
        if (found >= 0).all():
            weights[kept] = found
            break
        kept = kept[found > 0]
    return {name: float(weight) for name, weight in zip(FEATURES, weights / spread, strict=True)}


def learn_joint(examples: Examples, scores: Doubles) -> float:
    """What a unit of the re-ranker's reading is worth in units of `scores` [m], the scores without it; ≥ 0.

    Logistic regression as in `learn_weights`, on the judged pairs that were read; 0 where these teach nothing. Of what
    it finds `JOINT_SHARE` is taken.
    """
    column = FEATURES.index(JOINT)
    read = examples.features[:, column] > 0
    both = np.stack([scores, examples.features[:, column]], axis=1).astype(np.float64)
    grades = np.where(read, examples.grades, -1)
    better, worth = _differences(replace(examples, grades=grades), np.ones(2), both)
    if not len(better):
        return 0.0
    signs = np.where(np.arange(len(better)) % 2, -1.0, 1.0)
    model = LogisticRegression(C=1.0, fit_intercept=False)
    base, joint = model.fit(better * signs[:, None], signs > 0, sample_weight=worth).coef_[0]
    return JOINT_SHARE * float(joint / base) if base > 0 and joint > 0 else 0.0


def _differences(
    examples: Examples, spread: NDArray[np.floating], features: NDArray[np.floating]
) -> tuple[Doubles, Doubles]:
    """Features of the better candidate minus those of the worse, float64 [p, f], and how much each pair counts [p]."""
    found, worth = [np.zeros((0, features.shape[1]))], [np.zeros(0)]
    for need in range(len(examples.need_ids)):
        span = examples.rows_of(need)
        judged = np.flatnonzero(examples.grades[span] >= 0)
        rows, grades = features[span][judged] / spread, examples.grades[span][judged]
        better, worse = np.nonzero(grades[:, None] > grades[None, :])
        if len(better):
            found.append((rows[better] - rows[worse]).astype(np.float64))
            worth.append((2.0 ** grades[better] - 2.0 ** grades[worse]) / len(better))
    weights: Doubles = np.concatenate(worth)
    weights /= weights.mean() if len(weights) else 1.0
    return np.concatenate(found), weights


def with_floors(weights: dict[str, float]) -> dict[str, float]:
    """The weights, none below what sense asks for (`FLOORS`)."""
    return {name: max(weight, FLOORS.get(name, 0.0)) for name, weight in weights.items()}


def plain_sum(examples: Examples) -> Doubles:
    """float64 [m]: what one would do without learning: the signals of retrieval, each brought to mean 0 and spread 1
    among the candidates of its need, added up. Something to be better than."""
    scores = np.zeros(len(examples))
    for need in range(len(examples.need_ids)):
        span = examples.rows_of(need)
        signals = examples.features[span][:, : len(SIGNALS)].astype(np.float64)
        scores[span] = ((signals - signals.mean(axis=0)) / (signals.std(axis=0) + 1e-9)).sum(axis=1)
    return scores


def scores_of(examples: Examples, weights: dict[str, float]) -> Doubles:
    """float64 [m]: the linear score of each row."""
    scores: Doubles = examples.features.astype(np.float64) @ np.array([weights[name] for name in FEATURES])
    return scores


def out_of_fold(
    examples: Examples, fold_of: Callable[[str], int], learn: Callable[[Examples], dict[str, float]] = learn_weights
) -> Doubles:
    """float64 [m]: the score of each row by weights that were learnt without the fold that its need is in."""
    folds = np.array([fold_of(need_id) for need_id in examples.need_ids])
    scores = np.zeros(len(examples))
    for fold in np.unique(folds):
        others = examples.of([need for need, own in zip(examples.need_ids, folds, strict=True) if own != fold])
        weights = learn(others)
        mine = folds[examples.needs] == fold
        scores[mine] = scores_of(examples, weights)[mine]
    return scores


def joint_out_of_fold(examples: Examples, scores: Doubles, fold_of: Callable[[str], int]) -> Doubles:
    """float64 [m]: out-of-fold scores with the re-ranker's part, its weight learnt without the need's fold."""
    folds = np.array([fold_of(need_id) for need_id in examples.need_ids])
    mixed = scores.copy()
    for fold in np.unique(folds):
        mine = folds[examples.needs] == fold
        others = replace(examples, grades=np.where(mine, -1, examples.grades))
        mixed[mine] += learn_joint(others, scores) * examples.features[mine, FEATURES.index(JOINT)]
    return mixed


def calibrate(scores: Doubles, outcomes: NDArray[np.bool_]) -> Curve:
    """(score, probability) steps of an isotonic regression (Zadrozny and Elkan 2002), both ascending.

    Fewer than `CURVE_POINTS` points are kept; between them the reader of the curve interpolates.
    """
    isotonic = IsotonicRegression(y_min=0.01, y_max=0.99, out_of_bounds="clip").fit(scores, outcomes.astype(float))
    # Few scores come true and they lie close together at the top: half of the points are theirs.
    shares = np.linspace(0, 1, CURVE_POINTS // 2)
    wins = scores[outcomes] if outcomes.any() else scores
    places = np.unique(np.concatenate([np.quantile(scores, shares), np.quantile(wins, shares)]).round(4))
    levels = np.maximum.accumulate(isotonic.predict(places)).round(4)
    return tuple(zip(places.tolist(), levels.tolist(), strict=True))


def pair_curve(examples: Examples, scores: Doubles, *, read: bool = False) -> Curve:
    """How likely a pair of a score is worth a call, from judged pairs: all, or only those that were read."""
    judged = _judged(examples, read=read)
    return calibrate(scores[judged], examples.grades[judged] >= GOOD)


def out_of_fold_reliability(
    examples: Examples, scores: Doubles, fold_of: Callable[[str], int], bins: Sequence[float], *, read: bool = False
) -> list[tuple[float, float, int]]:
    """`reliability` of judged pairs by curves that were learnt without the need's fold."""
    folds = np.array([fold_of(need_id) for need_id in examples.need_ids])[examples.needs]
    judged = _judged(examples, read=read)
    shares = np.zeros(len(scores))
    for fold in np.unique(folds):
        others = judged & (folds != fold)
        curve = np.array(calibrate(scores[others], examples.grades[others] >= GOOD)).T
        shares[folds == fold] = np.interp(scores[folds == fold], *curve)
    return reliability(shares[judged], examples.grades[judged] >= GOOD, bins)


def _judged(examples: Examples, *, read: bool) -> NDArray[np.bool_]:
    judged: NDArray[np.bool_] = examples.grades >= 0
    return judged & (examples.features[:, FEATURES.index(JOINT)] > 0) if read else judged


def answers(examples: Examples, scores: Doubles) -> tuple[Doubles, NDArray[np.bool_]]:
    """[needs, len(ANSWER_FEATURES)] of each need's answer, and whether anything was judged worth a call."""
    rows, good = [], []
    for need in range(len(examples.need_ids)):
        span = examples.rows_of(need)
        order = np.argsort(-scores[span], kind="stable")[:SHORTLIST]
        rows.append(answer_features(scores[span][order], examples.features[span][order]))
        good.append(bool((examples.grades[span] >= GOOD).any()))
    return np.array(rows), np.array(good)


def learn_confidence(features: Doubles, good: NDArray[np.bool_]) -> dict[str, float]:
    """Weights of a logistic regression on answer features, by name, with "intercept"."""
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    found = LogisticRegression(C=CONFIDENCE_C).fit((features - centre) / spread, good)
    weights = found.coef_[0] / spread
    intercept = float(found.intercept_[0] - centre @ weights)
    return dict(zip(ANSWER_FEATURES, weights.tolist(), strict=True)) | {INTERCEPT: intercept}


def out_of_fold_confidence(features: Doubles, good: NDArray[np.bool_], folds: NDArray[np.int64]) -> Doubles:
    """float64 [needs]: log-odds of each answer by weights learnt without its fold."""
    odds = np.zeros(len(features))
    for fold in np.unique(folds):
        mine = folds == fold
        weights = learn_confidence(features[~mine], good[~mine])
        odds[mine] = features[mine] @ np.array([weights[name] for name in ANSWER_FEATURES]) + weights[INTERCEPT]
    return odds


def threshold(probabilities: Doubles, outcomes: NDArray[np.bool_], precision: float) -> float:
    """The least probability from which on at least `precision` of the outcomes are true; the greatest one if none."""
    order = np.argsort(-probabilities, kind="stable")
    shares = np.cumsum(outcomes[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(shares >= precision)
    return float(probabilities[order][reached[-1] if len(reached) else 0])


def reliability(
    probabilities: Doubles, outcomes: NDArray[np.bool_], bins: Sequence[float]
) -> list[tuple[float, float, int]]:
    """Rows of a reliability table: mean probability, share that came true, count, for each bin that holds anything."""
    places = np.digitize(probabilities, bins)
    return [
        (
            float(probabilities[places == place].mean()),
            float(outcomes[places == place].mean()),
            int((places == place).sum()),
        )
        for place in np.unique(places)
    ]
