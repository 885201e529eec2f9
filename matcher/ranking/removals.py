"""In one line why a hard condition removed a listing that is shown as a near-miss."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.ranking.conditions import missed
from matcher.ranking.near_misses import near_miss, requirement_name
from matcher.records import Fit, PlaceRequirement, Reason

NEAR_MISS = "near_miss"


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
    places = [
        fit for fit in fits if isinstance(fit.requirement, PlaceRequirement) and fit.requirement.strength == "must"
    ]
    if len(places) < 2:
        return list(fits)
    stands = min(places, key=lambda fit: ("meets", "unknown", "misses").index(fit.outcome))
    return [fit for fit in fits if fit is stands or fit not in places]
