"""One number with its sign and unit, as the words beside it settle what the unit means."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from matcher.understanding.ambiguity import settle
from matcher.understanding.numerals import Numeral, read_numeral
from matcher.understanding.sums import currency_sign, money_unit, sum_after
from matcher.understanding.unit_table import table, to_base
from matcher.understanding.units import Unit, match_unit

_ENGLISH = (
    "(?:one|a) (?:hundred|thousand|million)|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|"
    "twenty|thirty|fifty"
)
#: Where a number may begin.
CANDIDATE = re.compile(rf"(?i:\b(?:{_ENGLISH})\b)|\d|[零一二三四五六七八九十百千万亿两半几数]|[上近好](?=[百千万亿])")
#: Symbols of measurement that stand right before their number (Ra0.4, φ1.2); other letters make a name of it (T800).
_SYMBOL = re.compile(r"(?:Ra|Rz|Rq|Sa|PV|RMS|[φΦøØ]|Tg|Tm|Td|OD|ID|DN|PO|AC|DC|[≥≤><=~±])$")
_LETTERS = re.compile(r"[A-Za-z]+-?$")
#: A minus behind a figure, a letter or a unit is a dash.
_NEGATIVE = re.compile(r"(?:(?:^|[^\dA-Za-z)\]%℃°'年月日/-])(-)|零下|负) ?$")
#: Every shape that is tried at a place reads the same few numbers behind it.
_SHAPES_TRIED = 64
_PERCENT = Unit("fraction", "percent", 1.0, "分之")
_HALF_MORE = re.compile("半(?![成自导])")
#: 2米5 and 一米八; what follows tells them from 2米5台.
_TENTHS = re.compile(
    r"(?P<tenths>\d{1,2}|[一二三四五六七八九])"
    r"(?= ?(?:[,\uff0c。;、)×xX*乘\n]|$|的|(?<= )[一-龥]|[宽长高厚深]|以[上下内]|及以上|左右|上下|直径))"
)
_FIGURES = {figure: str(value) for value, figure in enumerate("一二三四五六七八九", 1)}
#: 6 个兆帕, 5 个立方: spoken, a unit is counted like a thing.
_COUNTED_UNIT = re.compile(
    " ?个(?=[兆千]帕|帕(?!金)|公斤(?!级)|立方|平方(?!根)|[千兆吉]瓦|[毫厘微纳]米|毫升|升(?![降级])|毫克|克(?![隆服]))"
)
#: annealed at 600 C: typed without its sign. Below, C is the rate of a battery.
_CELSIUS = re.compile(r" ?C(?![A-Za-z0-9一-龥/*·-])(?! ?(?:rate|discharg|charg))")
_CELSIUS_BEFORE = re.compile(
    r"\b(?:at|to|of|up to|below|above|under|over|about|around|and|from|than|temperatures?:?|reach(?:es|ing)?)[ :]*-?$",
    re.IGNORECASE,
)
_LEAST_CELSIUS = 25.0
_DEGREES = Unit("temperature", "degC", 1.0, "C")
_HALF_UNIT = re.compile("个(?P<more>半|多)(?P<unit>月|小时|钟头)")


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


@lru_cache(maxsize=_SHAPES_TRIED)
def read_amount(text: str, start: int, floor: int = 0, sign: str | None = None) -> Amount | None:
    """Return the number at `start` with its sign and unit; the sign is looked for before it unless given."""
    numeral = read_numeral(text, start)
    if numeral is None:
        return None
    begin, negative = start, bool(sign and sign != "+")
    if sign is None and (minus := _NEGATIVE.search(text, max(floor - 1, start - 3, 0), start)):
        begin, negative = (minus.start(1) if minus[1] else minus.start()), True
    unit, end = _unit(text, begin, numeral)
    if halved := _half_more(text, numeral, unit, end) or _with_tenths(text, numeral, unit, end):
        numeral, unit, end = halved
    low, high = (-numeral.high, -numeral.low) if negative else (numeral.low, numeral.high)
    return Amount(begin, end, low, high, numeral, unit, negative)


def is_designation(text: str, start: int, numeral: Numeral) -> bool:
    """Tell whether the number is part of a name: T800, MAX3000, 第 3, 2.5.1; symbols of measurement (Ra, φ) aside."""
    before = text[max(0, start - 12) : start]
    if numeral.chinese:
        return False
    if before[-1:] in ("_", "#", "№", ".") or (before[-1:] == ":" and before[-2:-1].isdigit()):
        return True
    letters = _LETTERS.search(before)
    return bool(letters) and not _SYMBOL.search(before)


def in_unit(amount: Amount, unit: Unit) -> float | None:
    """Return the amount's number as if written with `unit`; None where the dimensions differ."""
    if amount.unit is None or amount.unit == unit:
        return amount.low
    return converted(amount.low, amount.unit, unit)


def converted(value: float, source: Unit, target: Unit) -> float | None:
    if source.dimension != target.dimension:
        return None
    factor, offset = to_base(source.name, source.dimension)
    back, shift = to_base(target.name, target.dimension)
    return (value * source.factor * factor + offset - shift) / back / target.factor


def _half_more(text: str, numeral: Numeral, unit: Unit | None, end: int) -> tuple[Numeral, Unit, int] | None:
    """Read the half in 两个半月 and 一年半, and the 多 in 3 个多月."""
    inner = _HALF_UNIT.match(text, numeral.end)
    if inner and (found := match_unit(text, inner.start("unit"))):
        open_end = replace(numeral, high=math.inf, approximate=True)
        return (_and_half(numeral) if inner["more"] == "半" else open_end), found[0], found[1]
    if unit and numeral.chinese and unit.dimension in ("time", "mass") and _HALF_MORE.match(text, end):
        return _and_half(numeral), unit, end + 1
    return None


def _with_tenths(text: str, numeral: Numeral, unit: Unit | None, end: int) -> tuple[Numeral, Unit, int] | None:
    """Read the figures behind 2米5 and 3吨5 as what comes behind the point."""
    if unit is None or unit.spelling not in ("米", "吨") or numeral.low != numeral.high or "/" in unit.name:
        return None
    found = _TENTHS.match(text, end)
    if found is None or not numeral.low.is_integer() or text[end - 1] != unit.spelling:
        return None
    value = numeral.low + float(f"0.{_FIGURES.get(found['tenths'], found['tenths'])}")
    return replace(numeral, low=value, high=value), unit, found.end()


def _and_half(numeral: Numeral) -> Numeral:
    return replace(numeral, low=numeral.low + 0.5, high=numeral.high + 0.5)


def _is_celsius(text: str, begin: int, numeral: Numeral) -> bool:
    beside = _CELSIUS_BEFORE.search(text, max(0, begin - 16), begin)
    return beside is not None and (numeral.low >= _LEAST_CELSIUS or beside[0].endswith("-") or begin < numeral.start)


def _unit(text: str, begin: int, numeral: Numeral) -> tuple[Unit | None, int]:
    """Return the unit behind a number as the words beside it settle it, and where the number with it ends."""
    if numeral.share:
        return _PERCENT, numeral.end
    if money := sum_after(text, begin, numeral):
        return money
    if (celsius := _CELSIUS.match(text, numeral.end)) and _is_celsius(text, begin, numeral):
        return _DEGREES, celsius.end()
    counted = _COUNTED_UNIT.match(text, numeral.end)
    found = match_unit(text, counted.end() if counted else numeral.end)
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
