"""The one hard condition whose easing opens most: 把容积从 ≥ 500 L 放宽到 ≥ 300 L,可多出 7 个合适的条目.

Looked at are removed listings that miss exactly one hard condition (places together are one: they are alternatives).
Every way to ease a condition has a price; the way that opens most for its price is proposed, and what it opens is found
by holding the eased condition against the listings again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.alignment import wanted_measure
from matcher.ranking.catalogue_facts import CODES
from matcher.ranking.conditions import Conditions
from matcher.ranking.features import COMPLETENESS, FEATURES, feature_matrix
from matcher.ranking.fits.quantity_fit import Demand
from matcher.ranking.near_misses import requirement_name
from matcher.ranking.ranker import Ranker
from matcher.ranking.removals import hard_groups
from matcher.records import Fit, Grade, Interval, PlaceRequirement, QuantityRequirement, Requirement
from matcher.retrieval.retriever import SIGNALS
from matcher.understanding.regions import Regions

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
Codes = NDArray[np.int8]

#: What a listing that opens counts for; a weak one is no reason to give anything up.
WORTH: Final[dict[Grade, float]] = {"strong": 1.0, "possible": 0.5, "weak": 0.0}
#: A number eased n-fold must open n times as much as one that is hardly eased. Easings of other conditions are priced
#: as if they were numbers: two hours by lorry, the same province, and giving the condition up altogether.
NEAR_PRICE: Final = 1.5
PROVINCE_PRICE: Final = 2.0
DROP_PRICE: Final = 4.0
#: 500 L eased to 5 L is another need.
MAX_FACTOR: Final = 10.0
#: Offers tried as the eased bound, nearest first: each is a pass over the candidates.
MAX_BOUNDS: Final = 8


@dataclass(frozen=True, slots=True)
class Easing:
    """One hard condition by its place in the need (or several places to be), and what stands for it; () for nothing."""

    places: tuple[int, ...]
    instead: tuple[Requirement, ...]
    price: float
    words: str

    def applied(self, requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
        """The requirements of the need with this easing."""
        kept = [one for place, one in enumerate(requirements) if place not in self.places]
        return (*kept, *self.instead)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """An easing with the rows of the catalogue that it opens, those graded weak left out, and its text."""

    easing: Easing
    rows: tuple[int, ...]
    text: str


def relax(
    requirements: Sequence[Requirement],
    rows: Rows,
    features: Floats,
    conditions: Conditions,
    ranker: Ranker,
    regions: Regions,
) -> Relaxation | None:
    """Return the easing that opens most suitable listings for its price; None where none opens any.

    Args:
        requirements: of the need. rows, features: removed candidates in any order, each missing some hard condition.
    """
    groups = hard_groups(requirements)
    if not groups or not len(rows):
        return None
    outcomes = conditions.outcomes(requirements, rows)
    missing = np.array([(outcomes[list(group)] == CODES["misses"]).all(axis=0) for group in groups])
    single = missing.sum(axis=0) == 1
    best: tuple[float, Relaxation] | None = None
    for group, misses in zip(groups, missing, strict=True):
        chosen = np.flatnonzero(single & misses)
        if not len(chosen):
            continue
        for easing in _easings(requirements, group, rows[chosen], conditions, regions):
            others = np.delete(outcomes[:, chosen], group, axis=0)
            eased = np.concatenate([others, conditions.outcomes(easing.instead, rows[chosen])])
            opened, worth = _opened(easing, requirements, rows[chosen], eased, features[chosen], ranker)
            if worth > 0 and (best is None or worth / easing.price > best[0]):
                text = f"{easing.words},可多出 {len(opened)} 个合适的条目"
                best = worth / easing.price, Relaxation(easing, opened, text)
    return best[1] if best else None


def _opened(
    easing: Easing,
    requirements: Sequence[Requirement],
    rows: Rows,
    outcomes: Codes,
    features: Floats,
    ranker: Ranker,
) -> tuple[tuple[int, ...], float]:
    """The rows that miss none of what is left of the condition and suit the eased need, and their worth together."""
    left = outcomes[len(outcomes) - len(easing.instead) :]
    kept = np.flatnonzero(~(left == CODES["misses"]).any(axis=0))
    if not len(kept):
        return (), 0.0
    signals, complete = features[kept, : len(SIGNALS)], features[kept, FEATURES.index(COMPLETENESS)]
    scores = ranker.scores(feature_matrix(signals, easing.applied(requirements), outcomes[:, kept], complete))
    worth = np.array([WORTH[ranker.grade(score)] for score in scores.tolist()])
    return tuple(sorted(rows[kept[worth > 0]].tolist())), float(worth.sum())


def _easings(
    requirements: Sequence[Requirement], group: tuple[int, ...], rows: Rows, conditions: Conditions, regions: Regions
) -> Iterator[Easing]:
    """The ways to ease one hard condition, the smallest first."""
    first = requirements[group[0]]
    if isinstance(first, QuantityRequirement):
        (check,) = conditions.checks([first])
        yield from _bounds(first, group, [check(conditions.facts[row]) for row in rows.tolist()])
        return
    if isinstance(first, PlaceRequirement) and not first.excluded and len(group) == 1:
        yield from _wider_places(first, group, regions)
    words = "、".join(requirements[place].text for place in group)
    if isinstance(first, PlaceRequirement) and first.excluded:
        yield Easing(group, (), DROP_PRICE, f"不再排除{first.name}")
        return
    dropped = f"不限{words}" if isinstance(first, PlaceRequirement) else f"放弃{requirement_name(first)}要求“{words}”"
    yield Easing(group, (), DROP_PRICE, dropped)


def _wider_places(wanted: PlaceRequirement, group: tuple[int, ...], regions: Regions) -> Iterator[Easing]:
    if wanted.code not in regions:
        return
    if not wanted.near:
        words = f"把地点从{wanted.name}放宽到{wanted.name}附近"
        yield Easing(group, (replace(wanted, near=True),), NEAR_PRICE, words)
    above = regions.ancestors(wanted.code)
    if above:
        province = regions[above[-1]].name
        wider = replace(wanted, code=above[-1], name=province, near=False, radius_km=None)
        yield Easing(group, (wider,), PROVINCE_PRICE, f"把地点从{wanted.name}放宽到{province}")


def _bounds(wanted: QuantityRequirement, group: tuple[int, ...], fits: Sequence[Fit]) -> Iterator[Easing]:
    """Bounds eased as far as what removed listings offer: each offer is a bound that opens it."""
    factors = {fit.factor for fit in fits if fit.factor and fit.factor != 1}
    near = sorted((max(factor, 1 / factor), factor) for factor in factors)
    name, before = requirement_name(wanted), Demand(wanted).wanted_words()
    for price, factor in near[:MAX_BOUNDS]:
        if price <= MAX_FACTOR and (interval := _eased(wanted, factor)) is not None:
            eased = replace(wanted, interval=interval)
            words = f"把{name}从 {before} 放宽到 {Demand(eased).wanted_words()}"
            yield Easing(group, (eased,), price, words)


def _eased(wanted: QuantityRequirement, factor: float) -> Interval | None:
    """The interval that takes in an offer which is 1 / `factor` of the end that it misses."""
    interval = wanted.interval
    sense = wanted_measure(wanted).sense
    is_number = interval.min == interval.max
    if factor > 1:
        needed = interval.min if math.isfinite(interval.min) else interval.max
        if not math.isfinite(needed):
            return None
        offer = _plain(needed / factor)
        if math.isinf(interval.min):
            # 最高 1600 ℃ is a peak to be reached: a lower one is eased to.
            return replace(interval, max=offer)
        high = math.inf if is_number and sense == "covers" else interval.max
        return replace(interval, min=offer, max=high, min_closed=True)
    needed = interval.max if math.isfinite(interval.max) else interval.min
    if not math.isfinite(needed):
        return None
    offer = _plain(needed / factor)
    if math.isinf(interval.max):
        return replace(interval, min=offer)
    low = -math.inf if is_number and sense == "finer" else interval.min
    return replace(interval, min=low, max=offer, max_closed=True)


def _plain(value: float) -> float:
    """Without the last digits, which division by a rounded factor made."""
    return float(f"{value:.5g}")
