"""Laws on `Interval`: what the two ends of a range of numbers do under intersection, containment and conversion."""

from __future__ import annotations

import math
from dataclasses import replace

from matcher.records import Interval

#: Everything: what a number that nobody gave may be.
UNBOUNDED = Interval()


def point(value: float, *, approximate: bool = False) -> Interval:
    """Return the interval that holds `value` alone."""
    return Interval(value, value, approximate=approximate)


def at_least(value: float, *, closed: bool = True, approximate: bool = False) -> Interval:
    """Return [value, ∞), or (value, ∞) where not `closed`."""
    return Interval(min=value, min_closed=closed, approximate=approximate)


def at_most(value: float, *, closed: bool = True, approximate: bool = False) -> Interval:
    """Return (-∞, value], or (-∞, value) where not `closed`."""
    return Interval(max=value, max_closed=closed, approximate=approximate)


def downwards(interval: Interval) -> Interval:
    """Return what is at most the lower end of an interval that has no upper one; others stay as they are."""
    if math.isfinite(interval.max) or math.isinf(interval.min):
        return interval
    return Interval(max=interval.min, max_closed=interval.min_closed, approximate=interval.approximate)


def is_empty(interval: Interval) -> bool:
    """Tell whether no number lies in `interval`. NaN ends hold nothing."""
    if math.isnan(interval.min) or math.isnan(interval.max):
        return True
    if interval.min == interval.max:
        return not (interval.min_closed and interval.max_closed) or math.isinf(interval.min)
    return interval.min > interval.max


def holds(interval: Interval, value: float) -> bool:
    """Tell whether the number `value` lies in `interval`."""
    above = value > interval.min or (interval.min_closed and value == interval.min)
    below = value < interval.max or (interval.max_closed and value == interval.max)
    return above and below


def contains(outer: Interval, inner: Interval) -> bool:
    """Tell whether every number of `inner` lies in `outer`; an empty `inner` lies in everything."""
    if is_empty(inner):
        return True
    return _lower_key(outer) <= _lower_key(inner) and _upper_key(inner) <= _upper_key(outer)


def intersect(one: Interval, other: Interval) -> Interval | None:
    """Return what lies in both, or None where nothing does. It is approximate as soon as one of them is."""
    low, low_closed = max(_lower_key(one), _lower_key(other))
    high, high_closed = min(_upper_key(one), _upper_key(other))
    both = Interval(low, high, low_closed == 0, high_closed == 0, one.approximate or other.approximate)
    both = replace(
        both,
        min_closed=True if math.isinf(low) else both.min_closed,
        max_closed=True if math.isinf(high) else both.max_closed,
    )
    return None if is_empty(both) else both


def overlaps(one: Interval, other: Interval) -> bool:
    """Tell whether some number lies in both."""
    return intersect(one, other) is not None


def convert(interval: Interval, factor: float, offset: float = 0.0) -> Interval:
    """Return the image of `interval` under x → factor·x + offset; a negative factor swaps the ends.

    Raises:
        ValueError: the factor is 0, infinite or NaN.
    """
    if factor == 0 or not math.isfinite(factor):
        raise ValueError(f"no conversion has the factor {factor}")
    low, high = interval.min * factor + offset, interval.max * factor + offset
    if factor > 0:
        return replace(interval, min=low, max=high)
    return replace(interval, min=high, max=low, min_closed=interval.max_closed, max_closed=interval.min_closed)


def widen(interval: Interval, share: float) -> Interval:
    """Return `interval` with each finite end moved outwards by `share` of its size (0.2: 左右 taken as ±20 %)."""
    return replace(
        interval,
        min=interval.min - share * abs(interval.min) if math.isfinite(interval.min) else interval.min,
        max=interval.max + share * abs(interval.max) if math.isfinite(interval.max) else interval.max,
    )


def gap(needed: Interval, offered: Interval) -> float:
    """Return how far `offered` stays away from `needed`: > 0 below it, < 0 above it, 0 where they overlap or touch."""
    if overlaps(needed, offered):
        return 0.0
    if offered.max <= needed.min:
        return needed.min - offered.max
    return needed.max - offered.min


def shortfall(needed: Interval, offered: Interval) -> tuple[float, float] | None:
    """Return (end of `needed` that is missed, nearest number of `offered`), or None where the two overlap.

    Their quotient is the factor by which the offer misses: needed ≥ 500 L and offered ≤ 300 L give (500, 300).
    """
    if overlaps(needed, offered):
        return None
    if offered.max <= needed.min:
        return needed.min, offered.max
    return needed.max, offered.min


def _lower_key(interval: Interval) -> tuple[float, int]:
    """Order lower ends: a closed one comes before an open one at the same number."""
    closed = interval.min_closed or math.isinf(interval.min)
    return interval.min, 0 if closed else 1


def _upper_key(interval: Interval) -> tuple[float, int]:
    """Order upper ends: an open one comes before a closed one at the same number."""
    closed = interval.max_closed or math.isinf(interval.max)
    return interval.max, 0 if closed else -1
