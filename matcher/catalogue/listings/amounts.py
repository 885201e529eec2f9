"""Parameters that say nothing, or less than nothing of what there can't be less of."""

from __future__ import annotations

from typing import Final

from matcher.records import Parameter
from matcher.understanding.units import canonical

#: Dimensions of which less than nothing makes no sense. A length or a share may lie below a mark, so they are not here.
_POSITIVE: Final = frozenset(
    {"volume", "mass", "area", "power", "energy", "time", "count", "mass_rate", "volume_rate", "count_rate", "density"}
)


def is_empty(parameter: Parameter) -> bool:
    """Whether neither end is said."""
    return parameter.min is None and parameter.max is None


def is_below_nothing(parameter: Parameter) -> bool:
    """Whether all of a range lies below zero where that can't be; a tolerance (±0.01 g) has zero within it."""
    low, high = parameter.min, parameter.max
    if not any(end is not None and end < 0 for end in (low, high)) or (high is not None and high > 0):
        return False
    said = canonical(low, high, parameter.unit, parameter.name)
    return said is not None and said[0] in _POSITIVE
