"""Whether an offered range answers a demanded one, by the sense of what is measured.

`verdict` uses comparisons, `&` and `|` alone, so the same lines judge one pair of floats and whole columns of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.meanings import Sense
from matcher.records import Interval
from matcher.understanding.intervals import widen

#: 左右, 约: a fifth more or less is still what was meant.
ABOUT: Final = 0.2
#: An order of magnitude (吨级) is read as one decade, [1, 10) t.
_DECADE: Final = 10.0
#: 公斤级 may well do 30 kg; it does no ton.
SCALE_SLACK: Final = 10.0
#: Sizes in named steps are equal within this share: 200 mm and 8 inches of 25.4 mm, 50 μm and 2 mil.
_NAMED_STEP: Final = 0.02
#: Rounding of converted units must not turn an equal size into a smaller one.
ROUNDING: Final = 1e-9
#: An open end stays apart from a closed one at the same number, rounding and all.
_OPEN: Final = 4 * ROUNDING

Ends = TypeVar("Ends", float, NDArray[np.float64])
Truth = bool | NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Span:
    """An interval with both ends taken in: an open end is moved inwards, 约 is widened, ±inf is no end."""

    low: float
    high: float

    @property
    def is_point(self) -> bool:
        """Whether both ends are the same number, but for rounding."""
        return self.high - self.low <= 3 * ROUNDING * abs(self.high)


def span_of(interval: Interval) -> Span:
    """Return the numbers that `interval` stands for; ends grow by a billionth for the rounding of conversions."""
    low, high = interval.min, interval.max
    if interval.approximate and not is_scale(interval):
        wide = widen(interval, ABOUT)
        low, high = wide.min, wide.max
    low += abs(low) * (-ROUNDING if interval.min_closed else _OPEN) if math.isfinite(low) else 0.0
    high += abs(high) * (ROUNDING if interval.max_closed else -_OPEN) if math.isfinite(high) else 0.0
    return Span(low, high)


def is_scale(interval: Interval) -> bool:
    """Whether an interval is an order of magnitude (公斤级): approximate, a decade wide or more, open above."""
    return interval.approximate and not interval.max_closed and interval.max >= _DECADE * interval.min > 0


def demand_of(interval: Interval, sense: Sense, *, to_peak: bool = False) -> Span:
    """Return what a requirement demands in a sense: 500 L and 百升级 are at least that where bigger covers smaller.

    Args:
        to_peak: the only end is a top that must be reached (最高 1600 ℃, 最大板长 1.2 m), not a ceiling.
    """
    span = span_of(interval)
    is_number = interval.min == interval.max
    if sense == "covers" and (is_number or is_scale(interval)):
        return Span(span.low, math.inf)
    if to_peak and sense in ("covers", "within") and math.isinf(span.low):
        return Span(interval.max - abs(interval.max) * ROUNDING, math.inf)
    if sense == "finer" and (is_number or math.isinf(span.high) or math.isinf(span.low)):
        # 最小钻孔 0.15 mm is read as at least 0.15: it is the size to get down to.
        size = interval.min if math.isinf(span.high) else span.high
        return Span(-math.inf, size + abs(size) * _NAMED_STEP)
    if sense == "member" and is_number:
        return Span(interval.min * (1 - _NAMED_STEP), interval.max * (1 + _NAMED_STEP))
    return span


def verdict(sense: Sense, demand: Span, low: Ends, high: Ends) -> tuple[Truth, Truth]:
    """Return (meets, misses) of offers [low, high] against a demand; neither means that the offer does not tell.

    Args:
        low, high: floats, or float64 arrays of one shape; infinite where the offer names no such end.
    """
    if sense == "finer":
        return _finer(demand, low, high)
    if sense == "within" and not demand.is_point and math.isfinite(demand.low) and math.isfinite(demand.high):
        return _contains(demand, low, high)
    meets, misses = _overlaps(demand, low, high)
    if sense == "reaches":
        return meets, misses & False
    if sense == "covers":
        # A plant too big for a small demand may still do it: only too small a one is sure to miss.
        return meets, high < demand.low
    if sense == "within":
        # A single number is what somebody measured once; it does not say how far the equipment goes.
        return meets, misses & ((high - low) > _point_width(high))
    return meets, misses


def _overlaps(demand: Span, low: Ends, high: Ends) -> tuple[Truth, Truth]:
    """Offer and demand have a number in common; an open end of the offer proves nothing beyond what it names."""
    known = ((high < math.inf) | (low >= demand.low)) & (
        (low > -math.inf) | (high <= demand.high) | (demand.low > -math.inf)
    )
    return (high >= demand.low) & (low <= demand.high) & known, (high < demand.low) | (low > demand.high)


def _contains(demand: Span, low: Ends, high: Ends) -> tuple[Truth, Truth]:
    """The demand lies inside the offer, which must name both ends; a single number tells nothing of its ends."""
    named = (low > -math.inf) & (high < math.inf)
    ranged = (high - low) > _point_width(high)
    meets = (low <= demand.low) & (high >= demand.high) & named
    return meets, ((high < demand.high) | (low > demand.low)) & ranged & named


def _finer(demand: Span, low: Ends, high: Ends) -> tuple[Truth, Truth]:
    """The smallest that the offer names is small enough; 'at most 0.1' may be finer still, so it never misses."""
    if not math.isfinite(demand.high):
        return _overlaps(demand, low, high)
    wanted = demand.low if math.isfinite(demand.low) else demand.high
    meets = ((low > -math.inf) & (low <= wanted)) | (high <= wanted)
    return meets, low > demand.high


def _point_width(high: Ends) -> Ends:
    return 4 * ROUNDING * abs(high)
