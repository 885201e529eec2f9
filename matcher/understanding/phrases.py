"""A phrase around a number: its comparators, its period, its wafer's nominal size."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from matcher.records import Interval
from matcher.understanding.amounts import Amount
from matcher.understanding.comparators import Comparison, comparison, interval, words_before
from matcher.understanding.rates import rate_after, rate_before
from matcher.understanding.readings import Reading
from matcher.understanding.sums import currency_sign
from matcher.understanding.units import Unit
from matcher.understanding.wafers import DIAMETERS, is_wafer, wafer_diameter

#: Of SEMI's sizes 1 and 18 inches are as rare as wafers as they are common otherwise.
_WAFERS = frozenset(DIAMETERS) - {1, 18}
_FROM = re.compile(r"(?:从|由|自|\bfrom)(?:约|大约|近)? ?$", re.IGNORECASE)


def finish(
    text: str,
    first: Amount,
    last: Amount,
    unit: Unit,
    low: float,
    high: float,
    floor: int,
    words: Comparison | None = None,
) -> Reading:
    """Return the reading of [low, high] between two amounts, with the comparators and the rate around them."""
    words = words or comparison(text, first.begin, last.end, floor)
    if first.approximate or last.approximate:
        words = replace(words, near=True)
    if unit.dimension == "money" and (sign := currency_sign(text, first.begin)):
        outer = words_before(text, sign.start(), floor)
        words = replace(
            words, start=outer.start, operator=words.operator or outer.operator, near=words.near or outer.near
        )
    begin = words.start
    bounds = interval(low, high, words, unit.dimension)
    if unit.dimension == "length" and unit.name == "inch":
        unit, bounds = settle_inches(text, begin, words.end, unit, bounds)
    else:
        bounds = scaled(bounds, unit.factor)
    dimension, name = unit.dimension, unit.name
    begin, dimension, name = rate_before(text, begin, floor, dimension, name)
    end, dimension, name = rate_after(text, words.end, dimension, name)
    return Reading(begin, end, dimension, bounds, name)


def settle_inches(text: str, start: int, end: int, unit: Unit, bounds: Interval) -> tuple[Unit, Interval]:
    """Take a wafer's nominal inches to mm; other inches stay inches."""
    ends = [value for value in (bounds.min, bounds.max) if math.isfinite(value)]
    nominal = all(value in _WAFERS for value in ends)
    if not nominal or not is_wafer(text[max(0, start - 12) : start], text[end : end + 10], unsaid=nominal):
        return unit, bounds
    wafer = replace(unit, name="mm")
    return wafer, replace(bounds, min=wafer_diameter(bounds.min), max=wafer_diameter(bounds.max))


def scaled(bounds: Interval, factor: float) -> Interval:
    """Multiply both ends; a unit that pint names itself leaves the written figures as they are."""
    if factor == 1.0:
        return bounds
    return replace(bounds, min=bounds.min * factor, max=bounds.max * factor)


def begin_with_from(text: str, start: int, floor: int) -> int:
    """Return where a 从 or from before `start` begins, else `start`."""
    word = _FROM.search(text, max(floor, start - 6), start)
    return word.start() if word else start
