"""Weights, calibration and thresholds learnt from judged pairs, with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import Ridge

from matcher.ranking.examples import Examples
from matcher.ranking.features import FEATURES

Doubles = NDArray[np.float64]
Curve = tuple[tuple[float, float], ...]

#: Between 1 and 100 the figures move in the third decimal; a little keeps two like features from fighting.
RIDGE = 10.0
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


def answer_curve(examples: Examples, scores: Doubles) -> Curve:
    """How likely an answer whose best score this is holds something worth a call, from out-of-fold scores of needs."""
    best, good = best_scores(examples, scores)
    return calibrate(best, good)


def best_scores(examples: Examples, scores: Doubles) -> tuple[Doubles, NDArray[np.bool_]]:
    """For each need its best score, and whether anything was judged worth a call."""
    spans = [examples.rows_of(need) for need in range(len(examples.need_ids))]
    best = np.array([scores[span].max() for span in spans])
    return best, np.array([bool((examples.grades[span] >= GOOD).any()) for span in spans])


def threshold(probabilities: Doubles, outcomes: NDArray[np.bool_], precision: float) -> float:
    """The least probability from which on at least `precision` of the outcomes are true; the greatest one if none."""
    order = np.argsort(-probabilities, kind="stable")
    shares = np.cumsum(outcomes[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(shares >= precision)
    return float(probabilities[order][reached[-1] if len(reached) else 0])


def reliability(probabilities: Doubles, outcomes: NDArray[np.bool_], bins: Sequence[float]) -> list[tuple[float, float, int]]:
    """Rows of a reliability table: mean probability, share that came true, count, for each bin that holds anything."""
    places = np.digitize(probabilities, bins)
    return [
        (float(probabilities[places == place].mean()), float(outcomes[places == place].mean()), int((places == place).sum()))
        for place in np.unique(places)
    ]
