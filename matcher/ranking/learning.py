"""Weights, calibration and thresholds learnt from judged pairs, with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, Ridge

from matcher.ranking.confidence import ANSWER_FEATURES, answer_features
from matcher.ranking.examples import Examples
from matcher.ranking.features import FEATURES
from matcher.ranking.profile import INTERCEPT

Doubles = NDArray[np.float64]
Curve = tuple[tuple[float, float], ...]

#: Between 1 and 100 the figures move in the third decimal; a little keeps two like features from fighting.
RIDGE = 10.0
#: Nine related features of some 500 answers: held together rather than each trusted by itself.
CONFIDENCE_C = 0.1
#: A pair is worth a call from this grade on.
GOOD = 2
#: Curves are stored at this many points at most: a reader should be able to look at them.
CURVE_POINTS = 24


def learn_weights(examples: Examples) -> dict[str, float]:
    """Non-negative weights by feature name, from pairs that were judged, each need counting by itself.

    Ridge regression of the gain 2^grade − 1, both sides centred within each need, as only the order inside a need
    matters; weights are held ≥ 0 (Lawson and Hanson's active set, in scikit-learn's Ridge), so a met condition never
    lowers a score.
    """
    judged = examples.grades >= 0
    spread = examples.features[judged].std(axis=0) + 1e-9
    rows = examples.features[judged].astype(np.float64) / spread
    gains = 2.0 ** examples.grades[judged] - 1
    needs = examples.needs[judged]
    for need in np.unique(needs):
        own = needs == need
        rows[own] -= rows[own].mean(axis=0)
        gains[own] -= gains[own].mean()
    found = Ridge(alpha=RIDGE, positive=True, fit_intercept=False).fit(rows, gains).coef_ / spread
    return {name: float(weight) for name, weight in zip(FEATURES, found, strict=True)}


def scores_of(examples: Examples, weights: dict[str, float]) -> Doubles:
    """float64 [m]: the linear score of each row."""
    return examples.features.astype(np.float64) @ np.array([weights[name] for name in FEATURES])


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


def calibrate(scores: Doubles, outcomes: NDArray[np.bool_]) -> Curve:
    """(score, probability) steps of an isotonic regression (Zadrozny and Elkan 2002), both ascending.

    Fewer than `CURVE_POINTS` points are kept; between them the reader of the curve interpolates.
    """
    isotonic = IsotonicRegression(y_min=0.01, y_max=0.99, out_of_bounds="clip").fit(scores, outcomes.astype(float))
    places = np.unique(np.quantile(scores, np.linspace(0, 1, CURVE_POINTS)).round(4))
    shares = np.maximum.accumulate(isotonic.predict(places)).round(4)
    return tuple(zip(places.tolist(), shares.tolist(), strict=True))


def pair_curve(examples: Examples, scores: Doubles) -> Curve:
    """How likely a pair of a score is worth a call, from out-of-fold scores of judged pairs."""
    judged = examples.grades >= 0
    return calibrate(scores[judged], examples.grades[judged] >= GOOD)


def answers(examples: Examples, scores: Doubles) -> tuple[Doubles, NDArray[np.bool_]]:
    """[needs, len(ANSWER_FEATURES)] of each need's answer, and whether anything was judged worth a call."""
    rows, good = [], []
    for need in range(len(examples.need_ids)):
        span = examples.rows_of(need)
        order = np.argsort(-scores[span], kind="stable")
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
