"""How likely a place is looked at, estimated where two neighbours were exchanged by chance.

At place k of such answers stand, over many of them, the same listings as at place k + 1, so the acts there are to each
other as the places' propensities: p(k+1) / p(k) = acts at k + 1 / acts at k (Joachims, Swaminathan and Schnabel,
"Unbiased learning-to-rank with biased feedback", WSDM 2017, §4.2, for neighbours). Their product from place 1 on gives
p(k), with p(1) = 1: only ratios matter.

A product of twenty noisy ratios strays. Each is therefore held near that of the power law p(k) = k^−η which fits all of
them best, by as many made-up acts as `PRIOR`: with few answers the curve is the law's, with many it is the data's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from matcher.errors import InvalidInput
from matcher.feedback.shown import Shown
from matcher.feedback.swaps import PLACES

Doubles = NDArray[np.float64]

#: Made-up acts at the upper place of each pair.
PRIOR = 50.0
#: Steepness is looked for in this range; without any act the law is flat.
STEEPEST = 3.0
#: Weights of 1 / propensity beyond this would let one act at place 20 outweigh a hundred at the top.
LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Propensities:
    """`values[k - 1]` is that of place k, 1 for the first and never rising; `answers` is what it was learnt from."""

    values: tuple[float, ...]
    answers: int

    def at(self, place: int) -> float:
        """Of a place from 1 on; behind the last that of the last.

        Raises:
            InvalidInput: the place is below 1.
        """
        if place < 1:
            raise InvalidInput(f"名次应从 1 起,收到 {place}", field="place")
        return self.values[min(place, len(self.values)) - 1]


#: Where nothing was learnt yet, every place counts alike: the correction is off.
FLAT = Propensities((1.0,), 0)


def estimate(answers: Iterable[Shown], places: int = PLACES) -> Propensities:
    """Propensities from the answers that took part in exchanges; the others are passed over.

    The ratios are made not to exceed 1 (people read from the top), and no value falls below `LEAST`.

    Raises:
        InvalidInput: fewer than one place.
    """
    if places < 1:
        raise InvalidInput(f"名次数至少为 1,收到 {places}", field="places")
    upper, lower = np.zeros(places), np.zeros(places)
    counted = 0
    for answer in answers:
        if answer.swapped is None or not 1 <= answer.swapped <= places or len(answer.listings) <= answer.swapped:
            continue
        counted += 1
        place = answer.swapped - 1
        upper[place] += _acted(answer, place)
        lower[place] += _acted(answer, place + 1)
    law = _ratios(_steepness(upper, lower), places)
    ratios = np.minimum((lower + PRIOR * law) / (upper + PRIOR), 1.0)
    values = np.maximum(np.concatenate([[1.0], np.cumprod(ratios)[: places - 1]]), LEAST)
    return Propensities(tuple(values.tolist()), counted)


def _steepness(upper: Doubles, lower: Doubles) -> float:
    """η ≥ 0 of the law under which the acts are likeliest: r / (1 + r) of a pair's acts are the lower one's."""
    if not (upper.any() or lower.any()):
        return 0.0

    def unlikeliness(steepness: float) -> float:
        ratio = _ratios(steepness, len(upper))
        return float(-(lower * np.log(ratio / (1 + ratio)) - upper * np.log1p(ratio)).sum())

    found = minimize_scalar(unlikeliness, bounds=(0.0, STEEPEST), method="bounded")
    return float(found.x)


def _ratios(steepness: float, places: int) -> Doubles:
    """float64 [places]: p(k + 1) / p(k) of the law, from place 1 on."""
    place = np.arange(1, places + 1)
    law: Doubles = (place / (place + 1)) ** steepness
    return law


def _acted(answer: Shown, row: int) -> bool:
    return bool(answer.acts.get(answer.listings[row]))


def agreement(found: Propensities, truth: Sequence[float]) -> float:
    """The greatest difference from known propensities, for tests and the simulation's report."""
    known = np.asarray(truth, np.float64) / truth[0]
    return float(np.max(np.abs(np.array([found.at(place) for place in range(1, len(known) + 1)]) - known)))
