"""Which listings hard conditions remove, and in one line why one was removed that is shown as a near-miss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.catalogue_facts import CODES
from matcher.ranking.conditions import missed
from matcher.ranking.near_misses import near_miss, requirement_name
from matcher.records import Fit, PlaceRequirement, Reason, Requirement

NEAR_MISS = "near_miss"


def hard_groups(requirements: Sequence[Requirement]) -> list[tuple[int, ...]]:
    """Places of the hard conditions: each alone, but all wanted places together, as they are alternatives."""
    hard = [place for place, one in enumerate(requirements) if one.strength == "must"]
    regions = tuple(place for place in hard if is_alternative(requirements[place]))
    others = [(place,) for place in hard if place not in regions]
    return sorted([*others, *([regions] if regions else [])])


def is_alternative(requirement: Requirement) -> bool:
    """Whether one of several such conditions is enough: wanted places are, excluded ones hold each by itself."""
    return isinstance(requirement, PlaceRequirement) and not requirement.excluded


def kept_by(requirements: Sequence[Requirement], outcomes: NDArray[np.int8]) -> NDArray[np.bool_]:
    """bool [c]: which candidates no hard condition removes.

    Args:
        outcomes: [len(requirements), c], as `Conditions.outcomes` has them.
    """
    kept = np.ones(outcomes.shape[1], np.bool_)
    for group in hard_groups(requirements):
        kept &= ~(outcomes[list(group)] == CODES["misses"]).all(axis=0)
    return kept


def removal_reason(fits: Sequence[Fit]) -> Reason | None:
    """Return 除容积外均符合:需要 500 L,最大 300 L, or the hard conditions missed where they are more; None for none."""
    fits = _one_place(fits)
    missing = missed(fits)
    if not missing:
        return None
    names = "、".join(dict.fromkeys(requirement_name(fit.requirement) for fit in missing))
    said = ";".join(fit.shortfall or fit.requirement.text for fit in missing)
    return Reason(near_miss(fits) or f"不符合{names}要求:{said}", NEAR_MISS, missing[0].evidence)


def _one_place(fits: Sequence[Fit]) -> list[Fit]:
    """The fits with hard places, which are alternatives, as one: one that is met or unknown, else the first."""
    places = [fit for fit in fits if is_alternative(fit.requirement) and fit.requirement.strength == "must"]
    if len(places) < 2:
        return list(fits)
    stands = min(places, key=lambda fit: ("meets", "unknown", "misses").index(fit.outcome))
    return [fit for fit in fits if fit is stands or fit not in places]
