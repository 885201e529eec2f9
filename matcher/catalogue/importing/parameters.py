"""Capability parameters in one cell (发酵罐 50–5000 L;洁净车间 2000㎡) as `Parameter`s, and back."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from matcher.catalogue.importing.cells import write_number
from matcher.catalogue.importing.stray_commas import is_cut, stray_figures
from matcher.records import Parameter, QuantityRequirement
from matcher.understanding.quantities import read_quantities
from matcher.understanding.units import canonical, in_base, resolve
from matcher.written_numbers import NUMBER_HINT, read_number

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
#: What `write_parameter` writes.
_WRITTEN = re.compile(
    rf"(?P<name>(?:\\.|[^\\:\uff1a])+)[:\uff1a](?:—|≥(?P<low>{_NUMBER})|≤(?P<high>{_NUMBER})"
    rf"|(?P<from>{_NUMBER})(?:–(?P<to>{_NUMBER}))?)(?: (?P<unit>\S.*))?",
    re.DOTALL,
)
_SIGNS = "≥|≤|>=|<=|>|<|不小于|不低于|不少于|不大于|不超过|最大|最高"
#: What people write: 发酵罐容积:50-5000L, 容积 ≥500 L, 温度 -20\uff5e80 ℃.
_TYPED = re.compile(
    rf"(?P<name>[^:\uff1a\d≥≤<>~\uff5e约]{{1,40}}?)\s*[:\uff1a]?\s*(?P<sign>{_SIGNS})?\s*"
    r"(?P<from>-?\d[\d,\uff0c]*(?:\.\d+)?)\s*(?:(?:–|—|~|\uff5e|至|到|-)\s*(?P<to>-?\d[\d,\uff0c]*(?:\.\d+)?))?\s*"
    r"(?P<unit>[^\s\d,\uff0c。;\uff1b:\uff1a~\uff5e\-][^\s,\uff0c。;\uff1b:\uff1a~\uff5e\-]{0,11}?)?(?P<closed>以上|以下|以内)?"
)
_SPECIAL = re.compile(r"[\\:\uff1a]")
_ESCAPED = re.compile(r"\\([\\:\uff1a])")
_LEAST = frozenset({"≥", ">=", ">", "不小于", "不低于", "不少于", "以上"})
_MOST = frozenset({"≤", "<=", "<", "不大于", "不超过", "最大", "最高", "以下", "以内"})
_DIGITS = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_COMMAS = ",\uff0c"
_UNIT_TAIL = re.compile(r"\d[\d,.]*\s*(?P<unit>[^\d\s][^\d]*?)\s*(?:以上|以下|以内|左右|余)?$")
_NAME_TAIL = re.compile(r"[\s:\uff1a,\uff0c。;\uff1b(\uff08)约达为有共总≥≤<>=~-]+$")
_DIMENSIONS = {
    "length": "尺寸", "area": "面积", "volume": "容积", "mass": "质量", "temperature": "温度", "pressure": "压力",
    "power": "功率", "time": "时间", "cleanroom": "洁净等级", "mass_rate": "产能", "volume_rate": "流量",
}  # fmt: skip
#: Relative difference beyond which two numbers are not the same one converted.
_EQUAL = 1e-6


@dataclass(frozen=True, slots=True)
class ReadParameter:
    """One parameter read from a cell, or what is wrong with it.

    Attributes:
        code, hint: of the error, as a `Problem` has them.
    """

    parameter: Parameter | None
    text: str
    error: str | None = None
    unknown_unit: str | None = None
    code: str = "range"
    hint: str = "请改正数值;下限应不大于上限"


def write_parameter(parameter: Parameter) -> str:
    """Return a parameter as words that `read_parameters` reads as exactly the same: 发酵罐容积:50–5000 L."""
    name = _SPECIAL.sub(r"\\\g<0>", parameter.name)
    return f"{name}:{write_range(parameter.min, parameter.max)}" + (f" {parameter.unit}" if parameter.unit else "")


def write_range(low: float | None, high: float | None) -> str:
    """Return two ends as words: 50–5000, ≥50, ≤5000, 50, or — where neither is said."""
    if low is None and high is None:
        return "—"
    if low is None or high is None:
        return f"≤{write_number(float(high))}" if high is not None else f"≥{write_number(float(low or 0.0))}"
    ends = (write_number(float(low)), write_number(float(high)))
    return ends[0] if ends[0] == ends[1] else "–".join(ends)


@lru_cache(maxsize=8192)
def read_parameters(item: str) -> tuple[ReadParameter, ...]:
    """Return the parameters that one item of a cell states, none where it states no number.

    What our own export writes is read to the letter, then what people type by hand, then whatever the reader of
    quantities finds in running text. min > max is an error, and so is 1,5, which may be 1.5; an unknown unit is told.
    """
    if match := _WRITTEN.fullmatch(item):
        low = match["low"] or match["from"]
        high = match["high"] or match["to"] or match["from"]
        name = _ESCAPED.sub(r"\1", match["name"]).strip()
        return (_checked(name, _float(low), _float(high), match["unit"], item),) if name else ()
    if (match := _TYPED.fullmatch(item)) and (not match["unit"] or resolve(match["unit"])):
        return (_typed(match, match["unit"], item),)
    return _from_quantities(item)


def read_column(name: str, text: str, unit: str | None) -> ReadParameter | None:
    """Return the parameter of a column of its own: 容积(L) above 50-5000; None where the cell holds no number."""
    match = _TYPED.fullmatch(f"{name} {text}") or _TYPED.fullmatch(f"{name}:{text}")
    if match and (not match["unit"] or resolve(match["unit"])):
        return _typed(match, (match["unit"] or "").strip() or unit, text, name)
    if figure := next(stray_figures(text.replace("\uff0c", ",")), None):
        return _no_number(figure[0], text)
    found = next(iter(_from_quantities(f"{name} {text}{unit or ''}")), None)
    return replace(found, parameter=replace(found.parameter, name=name)) if found and found.parameter else found


def from_parts(name: str, low: str, high: str, unit: str | None) -> ReadParameter:
    """Return a parameter from separate cells for its name, ends and unit."""
    text = " ".join(part for part in (name, low, high, unit or "") if part)
    ends = [read_number(end) if end else None for end in (low, high)]
    for end, value in zip((low, high), ends, strict=True):
        if end and value is None:
            return _no_number(end, text)
    return _checked(name, ends[0], ends[1], unit, text)


def _checked(name: str, low: float | None, high: float | None, unit: str | None, text: str) -> ReadParameter:
    if low is not None and high is not None and low > high:
        return ReadParameter(None, text, f"“{text[:40]}”的下限 {low:g} 大于上限 {high:g}")
    if any(end is not None and not math.isfinite(end) for end in (low, high)):
        return ReadParameter(None, text, f"“{text[:40]}”的数值过大")
    known = not unit or resolve(unit) or canonical(low if low is not None else 1.0, high, unit, name)
    return ReadParameter(Parameter(name, low, high, unit), text, None, None if known else unit)


def _typed(match: re.Match[str], unit: str | None, text: str, name: str | None = None) -> ReadParameter:
    ends = [figure.rstrip(_COMMAS) for figure in (match["from"], match["to"]) if figure]
    numbers = [read_number(end) for end in ends]
    if None in numbers:
        return _no_number(ends[numbers.index(None)], text)
    first, second = numbers[0], numbers[-1]
    words = {match["sign"], match["closed"]}
    low, high = (first, second) if match["to"] else (first, first)
    if not match["to"] and words & _LEAST:
        high = None
    elif not match["to"] and words & _MOST:
        low = None
    called = name or _NAME_TAIL.sub("", match["name"]).strip()
    return _checked(called or "参数", low, high, unit, text)


def _float(text: str | None) -> float | None:
    return None if text is None else float(text)


def _no_number(figure: str, text: str) -> ReadParameter:
    return ReadParameter(None, text, f"“{figure[:20]}”不是数值", code="number", hint=NUMBER_HINT)


def _from_quantities(text: str) -> tuple[ReadParameter, ...]:
    quantities = read_quantities(text)
    spans = [(one.start or 0, one.end or 0) for one in quantities]
    misread = [_no_number(found[0], text) for found in stray_figures(text) if is_cut(found, spans)]
    return tuple(misread or _parameters(text, quantities))


def _parameters(text: str, quantities: Iterable[QuantityRequirement]) -> Iterator[ReadParameter]:
    floor = 0
    for quantity in quantities:
        start, end = quantity.start or 0, quantity.end or 0
        name = quantity.name or _NAME_TAIL.sub("", text[floor:start]).strip() or _unnamed(quantity)
        floor = end
        yield ReadParameter(_as_written(name[-40:], quantity), quantity.text)


def _unnamed(quantity: QuantityRequirement) -> str:
    """Return a name for a number whose text gives none: 8英寸 alone is a wafer."""
    if quantity.dimension == "length" and "寸" in quantity.text and quantity.unit == "mm":
        return "晶圆尺寸"
    return _DIMENSIONS.get(quantity.dimension, "参数")


def _as_written(name: str, quantity: QuantityRequirement) -> Parameter:
    """Keep numbers and unit as the source writes them (万m², 英寸) where they say the same as what was read."""
    low, high = (_end(quantity.interval.min), _end(quantity.interval.max))
    plain = Parameter(name, low, high, quantity.unit)
    unit = match["unit"].strip() if (match := _UNIT_TAIL.search(quantity.text)) else None
    numbers = [read_number(number) for number in _DIGITS.findall(quantity.text)]
    if unit is None or not 1 <= len(numbers) <= 2 or None in numbers:
        return plain
    first, last = numbers[0], numbers[-1]
    written = Parameter(name, None if low is None else first, None if high is None else last, unit)
    said = canonical(written.min, written.max, unit, name)
    meant, base = in_base(quantity.dimension, quantity.interval, quantity.unit)
    same = said is not None and said[0] == quantity.dimension and said[2] == base
    return written if same and said and _close(said[1].min, meant.min) and _close(said[1].max, meant.max) else plain


def _end(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _close(a: float, b: float) -> bool:
    return a == b or math.isclose(a, b, rel_tol=_EQUAL)
