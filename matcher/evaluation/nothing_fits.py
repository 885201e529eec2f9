"""Nothing fits: how well a confidence score tells needs that have an answer from needs that have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from matcher.errors import InvalidInput
from matcher.evaluation.bootstrap import LEVEL, SAMPLES
from matcher.evaluation.judgements import Judgements

#: The area is cheap but not vectorised over resamples; 2,000 are enough for an interval read to two digits.
AREA_SAMPLES = min(SAMPLES, 2_000)


@dataclass(frozen=True, slots=True)
class Separation:
    """Area under the ROC curve with its interval, and how many needs stand on each side."""

    area: float
    low: float
    high: float
    answerable: int
    unanswerable: int


def separation(
    confidence: Mapping[str, float], judgements: Judgements, *, samples: int = AREA_SAMPLES, seed: int = 0
) -> Separation | None:
    """P(a need with an answer has more confidence than one without), equal confidence counting half.

    1.0 separates fully, 0.5 is chance. A need without answer is a judged one without any grade > 1. Needs that were
    not judged are passed over; None where one side is empty. The interval resamples each side with replacement.

    Source: Hanley & McNeil, Radiology 143(1), 1982, doi 10.1148/radiology.143.1.7063747 (area = Mann–Whitney U / mn).

    Raises:
        InvalidInput: a confidence is not finite.
    """
    judged = [need for need in judgements.need_ids if need in confidence]
    with_answer = _values(confidence, [need for need in judged if judgements.is_answerable(need)])
    without = _values(confidence, [need for need in judged if not judgements.is_answerable(need)])
    if not with_answer.size or not without.size:
        return None
    random = np.random.default_rng(seed)
    areas = [
        area_under_roc(random.choice(with_answer, with_answer.size), random.choice(without, without.size))
        for _ in range(samples)
    ]
    low, high = np.quantile(areas, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Separation(
        area=area_under_roc(with_answer, without),
        low=float(low),
        high=float(high),
        answerable=with_answer.size,
        unanswerable=without.size,
    )


def area_under_roc(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> float:
    """Share of (positive, negative) pairs where the positive is larger, ties counting half; both float [n], n ≥ 1."""
    ranks = rankdata(np.concatenate([positives, negatives]))
    above = ranks[: positives.size].sum() - positives.size * (positives.size + 1) / 2
    return float(above / (positives.size * negatives.size))


def _values(confidence: Mapping[str, float], needs: list[str]) -> NDArray[np.float64]:
    values = np.array([confidence[need] for need in needs], dtype=np.float64)
    if not np.isfinite(values).all():
        raise InvalidInput("把握分数必须是有限的数", field="confidence")
    return values
