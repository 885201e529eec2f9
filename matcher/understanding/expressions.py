"""The grammar of a number with its unit: ranges, tolerances, sides, alternatives, from–to statements and rates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from matcher.records import Interval
from matcher.understanding.ambiguity import settle
from matcher.understanding.comparators import Comparison, comparison, interval, words_before
from matcher.understanding.numerals import Numeral, read_numeral
from matcher.understanding.rates import rate_after, rate_before
from matcher.understanding.readings import Reading, Taken
from matcher.understanding.sums import currency_sign, money_unit
from matcher.understanding.unit_table import table, to_base
from matcher.understanding.units import Unit, match_unit
from matcher.understanding.wafers import is_wafer, wafer_diameter

CANDIDATE = re.compile(
    r"(?i:\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty)\b)|\d|[零一二三四五六七八九十百千万亿两半几数]|[上近好](?=[百千万亿])"
)
_RUN = re.compile(r"[\d.,]+|[零一二三四五六七八九十百千万亿两半]+")
_RANGE = re.compile(
    r" {0,2}(?:~|-{1,2}|至|到| to |±?~) {0,2}(?P<sign>[-+]|零下)?(?=[\d零一二三四五六七八九十百千万两半])"
)
_AND = re.compile(r" ?and (?P<sign>[-+])?(?=\d)")
_SIDES = re.compile(r" ?[×xX*] ?(?=\d)")
_SPREAD = re.compile(r" ?(?:±|\+/-|\+-) ?(?=\d)")
_OR = re.compile(r" ?(?:/|、|或者?|和| or | and |, ?(?=\d{1,2} ?(?:英寸|寸|inch))) ?(?=[\d一二三四五六七八九十两])")
_TOWARDS = re.compile(
    r"(?P<gap>[^\d,。;!?、\n(]{0,8}?) ?(?:(?:再|逐步|逐级|直接|进一步)?(?:放大|扩大|提高|提升|增加|扩|提|增|升|缩|压缩|缩短|降低|减少|减小|压|降|减|掉|做|推进|推|迁移|扩展|放)(?:到|至)|(?:scaled?|scaling) up to|--?>|→|➔)(?:了|约|近)? ?"
)
_WANTED = re.compile(
    r"(?:不低于|不少于|不小于|至少|不超过|小于|大于|低于|≥|≤|<|>)?(?:约)? ?(?:-(?=\d))?(?=[\d零一二三四五六七八九十百千万两半])"
)
_FROM = re.compile(r"(?:从|由|自|\bfrom)(?:约|大约|近)? ?$", re.IGNORECASE)
_SCALING = re.compile(r"(?:scal\w+|放大|扩大|increas\w+)(?:工艺|规模| up)?,? ?(?:from|从|由)? ?$", re.IGNORECASE)
_BOTH = re.compile(
    r" ?(?:且|并且|,|、| and )? ?(?P<words>(?:小于等于|小于|低于|不超过|不大于|≤|<)(?:约)? ?)(?:-(?=\d))?(?=\d)"
)
_SYMBOL = re.compile(r"(?:Ra|Rz|Rq|Sa|PV|RMS|[φΦøØ]|Tg|Tm|Td|OD|ID|DN|PO|[≥≤><=~±])$")
_LETTERS = re.compile(r"[A-Za-z]+-?$")
_NEGATIVE = re.compile(r"(?:(?:^|[^\dA-Za-z)\]%℃°'年月日-])(-)|零下|负) ?$")
_LIST_NUMBER = re.compile(r"(?:^|[\n;。:])\s*$")
_PERCENT = Unit("fraction", "percent", 1.0, "分之")
_HALF_MORE = re.compile("半(?![成自导])")
_HALF_UNIT = re.compile("个(?P<more>半|多)(?P<unit>月|小时|钟头)")
#: A thing has three sides; one more catches a count before them.
_MAX_SIDES = 4
#: A run of alternatives is short: 4/6/8/12 英寸.
_MAX_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class Amount:
    """One number with its unit, if it has one: `begin` is where its sign stands."""

    begin: int
    end: int
    low: float
    high: float
    numeral: Numeral
    unit: Unit | None
    negative: bool = False

    @property
    def approximate(self) -> bool:
        return self.numeral.approximate


def read_expressions(text: str, taken: Taken) -> list[Reading]:
    """Return the quantities of a normalised text outside what is taken, in their order."""
    readings: list[Reading] = []
    position = 0
    while candidate := CANDIDATE.search(text, position):
        start = candidate.start()
        if (end := taken.end_at(start)) is not None:
            position = end
            continue
        floor = max(position, taken.floor(start))
        found, position = _read_at(text, start, floor, taken)
        readings += found
    return readings


def _read_at(text: str, start: int, floor: int, taken: Taken) -> tuple[list[Reading], int]:
    """Return what the number at `start` begins, and where to go on."""
    amount = _amount(text, start, floor)
    if amount is None:
        run = _RUN.match(text, start)
        return [], run.end() if run else start + 1
    if _is_designation(text, start, amount.numeral):
        return [], amount.numeral.end
    for rule in _RULES:
        if found := rule(text, amount, floor):
            end = max(reading.end for reading in found)
            if not taken.overlaps(amount.begin, end):
                return found, max(end, amount.numeral.end)
    return [], amount.numeral.end


def _amount(text: str, start: int, floor: int = 0, sign: str | None = None) -> Amount | None:
    """Return the number at `start` with its sign and unit; the sign is looked for before it unless given."""
    numeral = read_numeral(text, start)
    if numeral is None:
        return None
    begin, negative = start, bool(sign and sign != "+")
    if sign is None and (minus := _NEGATIVE.search(text, max(floor - 1, start - 3, 0), start)):
        begin, negative = (minus.start(1) if minus[1] else minus.start()), True
    unit, end = _unit(text, begin, numeral)
    if halved := _half_more(text, numeral, unit, end):
        numeral, unit, end = halved
    low, high = (-numeral.high, -numeral.low) if negative else (numeral.low, numeral.high)
    return Amount(begin, end, low, high, numeral, unit, negative)


def _half_more(text: str, numeral: Numeral, unit: Unit | None, end: int) -> tuple[Numeral, Unit, int] | None:
    """Read the half in 两个半月 and 一年半, and the 多 in 3 个多月."""
    inner = _HALF_UNIT.match(text, numeral.end)
    if inner and (found := match_unit(text, inner.start("unit"))):
        open_end = replace(numeral, high=math.inf, approximate=True)
        return (_and_half(numeral) if inner["more"] == "半" else open_end), found[0], found[1]
    if unit and numeral.chinese and unit.dimension in ("time", "mass") and _HALF_MORE.match(text, end):
        return _and_half(numeral), unit, end + 1
    return None


def _and_half(numeral: Numeral) -> Numeral:
    return replace(numeral, low=numeral.low + 0.5, high=numeral.high + 0.5)


def _unit(text: str, begin: int, numeral: Numeral) -> tuple[Unit | None, int]:
    """Return the unit behind a number as the words beside it settle it, and where the number with it ends."""
    if numeral.share:
        return _PERCENT, numeral.end
    found = match_unit(text, numeral.end)
    if found and (unit := settle(text, begin, numeral, *found)):
        return unit, found[1]
    if numeral.scale > 1.0 and (per := _per(text, numeral.end)):
        return per
    if currency_sign(text, begin) or found is None:
        return money_unit(text, begin, numeral), numeral.end
    return None, numeral.end


def _per(text: str, end: int) -> tuple[Unit, int] | None:
    """Read a number of cells or particles that names none of them: 8000 万/mL."""
    found = match_unit(text, end + 1) if text[end : end + 1] == "/" else None
    if found is None or found[0].dimension not in ("volume", "mass", "area"):
        return None
    unit, unit_end = found
    dimension = table().compounds[f"count/{unit.dimension}"]
    return Unit(dimension, f"1/{unit.name}", 1.0 / unit.factor, unit.spelling), unit_end


def _is_designation(text: str, start: int, numeral: Numeral) -> bool:
    """Tell whether the number is part of a name: T800, MAX3000, 第 3, 2.5.1; symbols of measurement (Ra, φ) aside."""
    before = text[max(0, start - 12) : start]
    if numeral.chinese:
        return False
    if before[-1:] in ("_", "#", "№", ".") or (before[-1:] == ":" and before[-2:-1].isdigit()):
        return True
    letters = _LETTERS.search(before)
    return bool(letters) and not _SYMBOL.search(before)


def _finish(
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
        unit, bounds = _inches(text, begin, words.end, unit, bounds)
    else:
        bounds = _scaled(bounds, unit.factor)
    dimension, name = unit.dimension, unit.name
    begin, dimension, name = rate_before(text, begin, floor, dimension, name)
    end, dimension, name = rate_after(text, words.end, dimension, name)
    return Reading(begin, end, dimension, bounds, name)


def _scaled(bounds: Interval, factor: float) -> Interval:
    """Multiply both ends; a unit that pint names itself leaves the written figures as they are."""
    if factor == 1.0:
        return bounds
    return replace(bounds, min=bounds.min * factor, max=bounds.max * factor)


def _inches(text: str, start: int, end: int, unit: Unit, bounds: Interval) -> tuple[Unit, Interval]:
    """Take a wafer's nominal inches to mm; other inches stay inches."""
    ends = [value for value in (bounds.min, bounds.max) if math.isfinite(value)]
    nominal = all(value in (2, 3, 4, 5, 6, 8, 12) for value in ends)
    if not nominal or not is_wafer(text[max(0, start - 12) : start], text[end : end + 10], unsaid=nominal):
        return unit, bounds
    wafer = replace(unit, name="mm")
    return wafer, replace(bounds, min=wafer_diameter(bounds.min), max=wafer_diameter(bounds.max))


def _single(text: str, amount: Amount, floor: int) -> list[Reading]:
    if amount.unit is None:
        return []
    return [_finish(text, amount, amount, amount.unit, amount.low, amount.high, floor)]


def _spread(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 180±20 kg/m³ as [160, 200], and ±0.01 mm alone as a tolerance of at most 0.01."""
    if alone := re.search(r"(?:±|\+/-|\+-) ?$", text[max(floor, amount.begin - 4) : amount.begin]):
        begin = max(floor, amount.begin - 4) + alone.start()
        if amount.unit is None or amount.negative:
            return []
        words = replace(comparison(text, begin, amount.end, floor), operator="le")
        return [_finish(text, amount, amount, amount.unit, amount.low, amount.low, floor, words)]
    match = _SPREAD.match(text, amount.end)
    spread = _amount(text, match.end(), sign="+") if match else None
    if spread is None:
        return []
    unit = spread.unit or amount.unit
    if unit is None or (amount.unit and spread.unit and amount.unit.dimension != spread.unit.dimension):
        return []
    half = spread.low * (spread.unit.factor / unit.factor if spread.unit else 1.0)
    return [_finish(text, amount, spread, unit, amount.low - half, amount.low + half, floor)]


def _sides(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 650×320×210 mm as one length from the shortest to the longest side."""
    sides = [amount]
    while (
        len(sides) < _MAX_SIDES
        and (match := _SIDES.match(text, sides[-1].end))
        and (side := _amount(text, match.end(), sign="+"))
    ):
        sides.append(side)
    unit = next((side.unit for side in reversed(sides) if side.unit), None)
    if len(sides) < 2 or unit is None or unit.dimension != "length":
        return []
    if sides[-1].unit is None:
        return []
    values = [_in_unit(side, unit) for side in sides]
    if any(value is None for value in values):
        return []
    lengths = [value for value in values if value is not None]
    return [_finish(text, amount, sides[-1], unit, min(lengths), max(lengths), floor)]


def _in_unit(amount: Amount, unit: Unit) -> float | None:
    """Return the amount's number as if written with `unit`; None where the dimensions differ."""
    if amount.unit is None or amount.unit == unit:
        return amount.low
    return _converted(amount.low, amount.unit, unit)


def _converted(value: float, source: Unit, target: Unit) -> float | None:
    if source.dimension != target.dimension:
        return None
    factor, offset = to_base(source.name, source.dimension)
    back, shift = to_base(target.name, target.dimension)
    return (value * source.factor * factor + offset - shift) / back / target.factor


def _range(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 50–5000 L, -40~85 ℃, 500 L~5 吨, 三到五天; a descending dash is no range."""
    match = _RANGE.match(text, amount.end) or (_AND.match(text, amount.end) if _between(text, amount) else None)
    other = _amount(text, match.end(), sign=match["sign"] or "+") if match else None
    if match is None or other is None or other.unit is None or (other.numeral.chinese != amount.numeral.chinese):
        return []
    low = amount.low * (other.numeral.scale if _inherits_scale(amount, other) else 1.0)
    unit = other.unit
    if amount.unit and amount.unit.name != unit.name:
        converted = _converted(low, amount.unit, unit)
        if converted is None:
            return []
        low = converted
    high = other.high if math.isfinite(other.high) else other.low
    if low > high and "-" in match.group():
        return []
    reading = _finish(text, amount, other, unit, min(low, high), max(low, high), floor)
    reading = replace(reading, start=min(reading.start, _from(text, amount.begin, floor)))
    if _SCALING.search(text, max(0, amount.begin - 16), amount.begin) and low < high:
        wanted = replace(reading.interval, min=reading.interval.max)
        return [replace(reading, interval=wanted, start_scale=reading.interval.min)]
    return [reading]


def _between(text: str, amount: Amount) -> bool:
    return bool(re.search(r"\bbetween $", text[max(0, amount.begin - 9) : amount.begin], re.IGNORECASE))


def _inherits_scale(amount: Amount, other: Amount) -> bool:
    """Tell whether 万 behind the second number belongs to both (2–3 万片): the first is the smaller as written."""
    if other.numeral.scale == 1.0 or amount.numeral.scale != 1.0 or amount.unit:
        return False
    return amount.low <= other.numeral.low / other.numeral.scale


def _towards(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 5 L 放大到 5000 L: the scale wanted, with the scale it starts from."""
    match = _TOWARDS.match(text, amount.end)
    candidate = _WANTED.match(text, match.end()) if match else None
    wanted = _amount(text, candidate.end(), match.end()) if match and candidate else None
    if match is None or wanted is None:
        return []
    found = next((found for rule in _SIMPLE if (found := rule(text, wanted, match.end()))), [])
    if len(found) != 1:
        return []
    return _started(text, amount, found[0], floor)


def _started(text: str, amount: Amount, reading: Reading, floor: int) -> list[Reading]:
    """Give a reading the scale it starts from; nothing where that is of another dimension."""
    rate = amount.unit and table().compounds.get(f"{amount.unit.dimension}/time") == reading.dimension
    if amount.unit and rate:
        begin, _, _ = rate_before(text, amount.begin, floor, amount.unit.dimension, amount.unit.name)
        return [replace(reading, start=begin, start_scale=amount.low * amount.unit.factor)]
    target = Unit(reading.dimension, reading.unit, 1.0, "")
    scale = _converted(amount.low, amount.unit or target, target)
    if scale is None:
        return []
    return [replace(reading, start=_from(text, amount.begin, floor), start_scale=scale)]


def _from(text: str, start: int, floor: int) -> int:
    """Return where a 从 or from before `start` begins, else `start`."""
    word = _FROM.search(text, max(floor, start - 6), start)
    return word.start() if word else start


def _bounded(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read ≥5 且 <10 kg: a lower and an upper bound of one number."""
    match = _BOTH.match(text, amount.end)
    other = _amount(text, match.end(), match.start("words")) if match else None
    lower = words_before(text, amount.begin, floor)
    if match is None or other is None or other.unit is None or lower.operator not in ("ge", "gt"):
        return []
    low = _in_unit(amount, other.unit)
    upper = words_before(text, other.begin, match.start("words"))
    if low is None or upper.operator not in ("le", "lt") or low > other.low:
        return []
    words = replace(comparison(text, other.begin, other.end, match.start("words")), start=lower.start, operator=None)
    reading = _finish(
        text, amount, other, other.unit, low, other.low, floor, replace(words, near=words.near or lower.near)
    )
    closed = {"min_closed": lower.operator == "ge", "max_closed": upper.operator == "le"}
    return [replace(reading, interval=replace(reading.interval, **closed))]


def _alternatives(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 6/8 英寸 or 4、6、8 英寸 as that many quantities, each with its own span."""
    if amount.unit or (
        text[amount.end : amount.end + 1] == "、" and _LIST_NUMBER.search(text[max(0, amount.begin - 3) : amount.begin])
    ):
        return []
    amounts = [amount]
    while amounts[-1].unit is None and len(amounts) < _MAX_ALTERNATIVES:
        match = _OR.match(text, amounts[-1].end)
        following = _amount(text, match.end(), sign="+") if match else None
        if following is None:
            return []
        amounts.append(following)
    unit = amounts[-1].unit
    if unit is None or any(other.numeral.chinese != amount.numeral.chinese for other in amounts):
        return []
    return list(_each(text, amounts, unit, floor))


def _each(text: str, amounts: list[Amount], unit: Unit, floor: int) -> Iterator[Reading]:
    """Yield the readings of alternatives: what stands before the first bounds them all, what stands after, the last."""
    whole = _finish(text, amounts[0], amounts[-1], unit, amounts[0].low, amounts[0].low, floor)
    outer = words_before(text, amounts[0].begin, floor)
    scale = amounts[-1].numeral.scale
    for amount in amounts:
        first, last = amount is amounts[0], amount is amounts[-1]
        begin = whole.start if first else amount.begin
        low = amount.low * (scale if not last and amount.numeral.scale == 1.0 else 1.0)
        words = comparison(text, amount.begin, amount.end, amount.begin) if last else Comparison(begin, amount.end)
        bounds = interval(low, low, replace(words, operator=words.operator or outer.operator), unit.dimension)
        if unit.name == "inch":
            wafer, bounds = _inches(text, whole.start, whole.end, unit, bounds)
            yield Reading(begin, words.end, whole.dimension, bounds, wafer.name)
        else:
            end = whole.end if last else words.end
            yield Reading(begin, end, whole.dimension, _scaled(bounds, unit.factor), whole.unit)


#: What a number with its unit may be by itself, and what it may be beside others; the first rule that reads it wins.
_SIMPLE = (_sides, _spread, _range, _bounded, _single)
_RULES = (_sides, _spread, _towards, _range, _bounded, _alternatives, _single)
