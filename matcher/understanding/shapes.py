"""The shapes of one quantity: a number, a range, a tolerance, the sides of a thing, a lower and an upper bound."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

from matcher.understanding.amounts import Amount, converted, in_unit, read_amount
from matcher.understanding.comparators import comparison, words_before
from matcher.understanding.phrases import begin_with_from, finish
from matcher.understanding.readings import Reading

#: Reads what `amount` begins, looking back no further than the offset given; nothing where it has another shape.
Shape = Callable[[str, Amount, int], list[Reading]]

_FIGURE = r"[\d零一二三四五六七八九十百千万两半]"
_RANGE = re.compile(rf" {{0,2}}(?:~|-{{1,2}}|至|到| to |±?~) {{0,2}}(?P<sign>[-+]|零下)?(?={_FIGURE})")
_AND = re.compile(r" ?and (?P<sign>[-+])?(?=\d)")
_BETWEEN = re.compile(r"\bbetween $", re.IGNORECASE)
_SIDES = re.compile(r" ?[×xX*] ?(?=\d)")
_SPREAD = re.compile(r" ?(?:±|\+/-|\+-) ?(?=\d)")
_SPREAD_BEFORE = re.compile(r"(?:±|\+/-|\+-) ?$")
_UPPER = "小于等于|小于或等于|不高于|不多于|小于|低于|不超过|不大于|≤|<"
_BOTH = re.compile(rf" ?(?:[,\uff0c、]? ?(?:并?且|同时| and )?)? ?(?P<words>(?:{_UPPER})(?:约)? ?)(?:-(?=\d))?(?=\d)")
_SCALING = re.compile(r"(?:scal\w+|放大|扩大|increas\w+)(?:工艺|规模| up)?,? ?(?:from|从|由)? ?$", re.IGNORECASE)
#: A thing has three sides; one more catches a count before them.
_MAX_SIDES = 4


def _single(text: str, amount: Amount, floor: int) -> list[Reading]:
    if amount.unit is None:
        return []
    return [finish(text, amount, amount, amount.unit, amount.low, amount.high, floor)]


def _spread(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 180±20 kg/m³ as [160, 200], 10 V±5% as [9.5, 10.5], and ±0.01 mm alone as at most 0.01."""
    if alone := _SPREAD_BEFORE.search(text, max(floor, amount.begin - 4), amount.begin):
        begin = alone.start()
        if amount.unit is None or amount.negative:
            return []
        words = replace(comparison(text, begin, amount.end, floor), operator="le")
        return [finish(text, amount, amount, amount.unit, amount.low, amount.low, floor, words)]
    match = _SPREAD.match(text, amount.end)
    spread = read_amount(text, match.end(), sign="+") if match else None
    if spread is None:
        return []
    unit = spread.unit or amount.unit
    if amount.unit and spread.unit and spread.unit.name == "percent" != amount.unit.name:
        share = abs(amount.low) * spread.low / 100
        return [finish(text, amount, spread, amount.unit, amount.low - share, amount.low + share, floor)]
    if unit is None or (amount.unit and spread.unit and amount.unit.dimension != spread.unit.dimension):
        return []
    half = spread.low * (spread.unit.factor / unit.factor if spread.unit else 1.0)
    return [finish(text, amount, spread, unit, amount.low - half, amount.low + half, floor)]


def _sides(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 650×320×210 mm as one length from the shortest to the longest side."""
    sides = [amount]
    while (
        len(sides) < _MAX_SIDES
        and (match := _SIDES.match(text, sides[-1].end))
        and (side := read_amount(text, match.end(), sign="+"))
    ):
        sides.append(side)
    unit = next((side.unit for side in reversed(sides) if side.unit), None)
    if len(sides) < 2 or unit is None or unit.dimension != "length":
        return []
    if sides[-1].unit is None:
        return []
    values = [in_unit(side, unit) for side in sides]
    if any(value is None for value in values):
        return []
    lengths = [value for value in values if value is not None]
    return [finish(text, amount, sides[-1], unit, min(lengths), max(lengths), floor)]


def _range(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 50–5000 L, -40~85 ℃, 500 L~5 吨, 三到五天; a descending dash is no range."""
    match = _RANGE.match(text, amount.end) or (_AND.match(text, amount.end) if _between(text, amount) else None)
    other = read_amount(text, match.end(), sign=match["sign"] or "+") if match else None
    if match is None or other is None or other.unit is None or (other.numeral.chinese != amount.numeral.chinese):
        return []
    low = amount.low * (other.numeral.scale if _inherits_scale(amount, other) else 1.0)
    unit = other.unit
    if amount.unit and amount.unit.name != unit.name:
        if (amount.unit.dimension, unit.dimension, unit.name) == ("volume", "mass", "t"):
            # Tonnes beside litres are the size of a vessel.
            unit = replace(unit, dimension="volume", name="m^3")
        same = converted(low, amount.unit, unit)
        if same is None:
            return []
        low = same
    high = other.high if math.isfinite(other.high) else other.low
    if low > high and "-" in match.group():
        return []
    reading = finish(text, amount, other, unit, min(low, high), max(low, high), floor)
    reading = replace(reading, start=min(reading.start, begin_with_from(text, amount.begin, floor)))
    if _SCALING.search(text, max(0, amount.begin - 16), amount.begin) and low < high:
        wanted = replace(reading.interval, min=reading.interval.max)
        return [replace(reading, interval=wanted, start_scale=reading.interval.min)]
    return [reading]


def _bounded(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read ≥5 且 <10 kg: a lower and an upper bound of one number."""
    match = _BOTH.match(text, amount.end)
    other = read_amount(text, match.end(), match.start("words")) if match else None
    lower = words_before(text, amount.begin, floor)
    if match is None or other is None or other.unit is None or lower.operator not in ("ge", "gt"):
        return []
    low = in_unit(amount, other.unit)
    upper = words_before(text, other.begin, match.start("words"))
    if low is None or upper.operator not in ("le", "lt") or low > other.low:
        return []
    words = replace(comparison(text, other.begin, other.end, match.start("words")), start=lower.start, operator=None)
    reading = finish(
        text, amount, other, other.unit, low, other.low, floor, replace(words, near=words.near or lower.near)
    )
    closed = {"min_closed": lower.operator == "ge", "max_closed": upper.operator == "le"}
    return [replace(reading, interval=replace(reading.interval, **closed))]


def _between(text: str, amount: Amount) -> bool:
    return bool(_BETWEEN.search(text, max(0, amount.begin - 9), amount.begin))


def _inherits_scale(amount: Amount, other: Amount) -> bool:
    """Tell whether 万 behind the second number belongs to both (2–3 万片): the first is the smaller as written."""
    if other.numeral.scale == 1.0 or amount.numeral.scale != 1.0 or amount.unit:
        return False
    return amount.low <= other.numeral.low / other.numeral.scale


#: What a number with its unit may be by itself; the first shape that reads it wins.
SIMPLE: tuple[Shape, ...] = (_sides, _spread, _range, _bounded, _single)
