"""Unit spellings at a place in a text, and structured parameters in the unit their dimension is compared in."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from matcher.records import Interval
from matcher.understanding.intervals import convert
from matcher.understanding.text import normalise
from matcher.understanding.unit_table import Term, table, to_base
from matcher.understanding.wafers import is_wafer, wafer_diameter

#: Latin letters that would make a spelling the beginning of a longer word: 5 mm but not 5 mmol.
_LATIN = re.compile(r"[A-Za-z0-9μΩ]")
_SPACE = re.compile(r" {0,2}")
#: A 500-liter tank.
_HYPHENED = re.compile(r"(?<=\d)-(?=[A-Za-z])")
_STROKE = re.compile(r" ?(?:/|每(?!一)| per ) ?(\()?")
#: 一台每小时蒸发 100 kg: the period belongs to the number that follows.
_RATE_OF_NEXT = re.compile(r"[^,。;、\n]{0,8}?\d")
_LITRES_TO = re.compile(r"[到至] ?\d[\d.]* ?(?:升|[mM]?[lL](?![a-zA-Z])|毫升|吨|立方|方|m[3³])")
_MINUTE = re.compile("分(?![钟之析子数])")
#: Indices are told per round parcel: g/10min, s/100mL, 个/100mL.
_PARCEL = re.compile(r"10{1,4}(?![\d.])")
_PARCELLED = frozenset({"mass", "volume", "time", "count"})
_DOT = re.compile(r"[·*.⋅]")
#: cm-2, s⁻¹: a negative exponent puts the term below the stroke.
_NEGATIVE = re.compile(r"(?:\^?-|⁻)([123¹²³])(?![0-9])")
_EXPONENTS = {"1": 1, "2": 2, "3": 3, "¹": 1, "²": 2, "³": 3}
_POWERS = {("length", 2): "area", ("length", 3): "volume"}
#: Terms as (kind, pint name, factor, spelling).
_Powers = list[tuple[str, str, float, str]]
#: Over these periods metres are an output, not a speed.
_LONG = frozenset({"year", "month", "week", "day"})
#: Terms that stand below the stroke alone (a space velocity of 2000 h-1); after others -1 begins the end of a range.
_INVERTED = frozenset({"s", "h", "min"})
#: A compound has few terms; a longer one is no unit.
_MAX_TERMS = 5
_SCALE = re.compile(r"(百万|千万|十万|[百千](?=万|亿)|万亿|万|亿)")
_SCALES = {"百": 1e2, "千": 1e3, "十万": 1e5, "百万": 1e6, "千万": 1e7, "万": 1e4, "亿": 1e8, "万亿": 1e12}
#: A yearly, monthly or daily output named without its period in the unit: 年产能 30 t.
_PERIOD = re.compile(
    r"(?:年|月|日|每小时)(?!降|照|限|均气)[^年月日]{0,6}?(?:产|处理|总装|交付|供|封测|捕集|起飞|飞行|培训|产业化|数据量)"
)
_PERIODS = {"年": "year", "月": "month", "日": "day", "每": "h"}
#: IPC-4562: copper of 1 oz per square foot is 34.8 μm thick.
_COPPER_OUNCE = 34.8
#: Words that a unit has in parameters of these names only: (spelling, name) → term.
_BY_NAME: tuple[tuple[frozenset[str], re.Pattern[str], Term], ...] = (
    (frozenset({"级", "ISO级", "class"}), re.compile("洁净|净化|无尘"), Term("cleanroom", "1")),
    (frozenset({"级", "ISO级", "class"}), re.compile(""), Term("level", "1")),
    (frozenset({"oz"}), re.compile("铜"), Term("length", "um", _COPPER_OUNCE)),
    (frozenset({"K"}), re.compile("丝束"), Term("count", "1", 1e3)),
    (frozenset({"P"}), re.compile(""), Term("compute_rate", "1/s", 1e15)),
    (frozenset({"g"}), re.compile("加速度|离心"), Term("acceleration", "g_0")),
    (frozenset({"T"}), re.compile("产|吨|重|罐|釜"), Term("mass", "t")),
    (frozenset({"度"}), re.compile("坡|角|倾"), Term("angle", "degree")),
    (frozenset({"元"}), re.compile("阵元"), Term("count", "1")),
    (frozenset({"", "1"}), re.compile("深宽比|长径比|深径比|高径比|纵横比|比$"), Term("ratio", "1")),
    (frozenset({"", "1"}), re.compile(r"^pH", re.IGNORECASE), Term("ph", "1")),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written: `factor` takes the number written with it to the pint unit `name`.

    `spelling` is its first term as written, which alone tells 平 from 平方米.
    """

    dimension: str
    name: str
    factor: float
    spelling: str


def match_unit(text: str, start: int) -> tuple[Unit, int] | None:
    """Return the longest unit of a normalised text at `start` (blanks before it allowed) and where it ends."""
    position = _skip(text, start)
    if _HYPHENED.match(text, start):
        position = start + 1
    if not (first := _match_term(text, position)):
        return None
    spelling, position = first
    above: _Powers = [_power(spelling, 1)]
    below: _Powers = []
    while len(above) + len(below) < _MAX_TERMS:
        negative = _NEGATIVE.match(text, position)
        if negative and (len(above) > 1 or spelling in _INVERTED or negative[0][0] == "⁻"):
            above, below, position = _sink(above, below, spelling, negative)
            continue
        stroke = _STROKE.match(text, position)
        dot = None if stroke else _DOT.match(text, position)
        separator = stroke or dot
        following = _match_term(text, separator.end()) if separator else None
        if stroke and not following and not below:
            if parcel := _per_parcel(text, stroke.end(), above):
                below, position = [parcel[0]], parcel[1]
                break
            following = _per_minute(text, stroke.end())
        if (
            not separator
            or not following
            or (separator[0].lstrip()[:1] == "每" and _RATE_OF_NEXT.match(text, following[1]))
        ):
            break
        spelling, position = following
        (below if stroke or below else above).append(_power(spelling, 1))
        if stroke and stroke[1]:
            position = _rest_of_bracket(text, position, below)
    if first[0] == "T" and any(power[0] == "time" for power in below):
        above = [("mass", "t", 1.0, "T")]  # nobody states a magnetic field a day: 10T/天 are tonnes
    unit = _compose(above, below, first[0])
    return (unit, position) if unit else None


@lru_cache(maxsize=4096)
def resolve(unit_text: str) -> Unit | None:
    """Return the unit that the whole of `unit_text` names, a scale before it included (万m², 亿颗/月); None if none."""
    text = normalise(unit_text).strip()
    scale = _SCALE.match(text)
    found = match_unit(text, scale.end() if scale else 0)
    if not found or found[1] != len(text):
        return None
    unit, _ = found
    factor = unit.factor * (_SCALES[scale[1]] if scale else 1.0)
    return Unit(unit.dimension, unit.name, factor, unit.spelling)


def in_base(dimension: str, interval: Interval, unit: str) -> tuple[Interval, str]:
    """Return `interval`, given in the pint unit `unit`, in the unit its dimension is compared in, and that unit."""
    factor, offset = to_base(unit, dimension)
    return convert(interval, factor, offset), base_unit(dimension) or unit


def base_unit(dimension: str) -> str:
    """Return the pint unit that quantities of a dimension are compared in; "" where only equal units compare."""
    known = table().dimensions.get(dimension)
    return known.base if known else ""


def canonical(
    low: float | None, high: float | None, unit_text: str | None, name: str | None = None
) -> tuple[str, Interval, str] | None:
    """Return (dimension, interval, unit) of a structured parameter in the unit its dimension is compared in.

    Args:
        low, high: the ends as given; None is an open end. Reversed ends are put in order.
        unit_text: the unit as its source wrote it; None or "" where the name must tell (深宽比).
        name: the parameter's name; it settles what 级, oz, 代 mean and whether 英寸 is a wafer's nominal size.

    Returns None where no end is given or the unit is unknown.
    """
    low, high = _finite(low), _finite(high)
    unit = _parameter_unit(unit_text or "", name or "")
    if unit is None or (low is None and high is None):
        return None
    if low is not None and high is not None and low > high:
        low, high = high, low
    interval = Interval(-math.inf if low is None else low, math.inf if high is None else high)
    if unit.name == "inch" and is_wafer(name or "", ""):
        return "length", Interval(wafer_diameter(interval.min), wafer_diameter(interval.max)), "mm"
    if unit.dimension == "cleanroom":
        return unit.dimension, Interval(_iso_class(interval.min), _iso_class(interval.max)), unit.name
    interval, base = in_base(unit.dimension, convert(interval, unit.factor), unit.name)
    return unit.dimension, interval, base


@lru_cache(maxsize=8192)
def _parameter_unit(unit_text: str, name: str) -> Unit | None:
    text = normalise(unit_text).strip()
    for spellings, names, term in _BY_NAME:
        if text in spellings and names.search(name):
            return Unit(term.dimension, term.name, term.factor, text)
    unit = resolve(text)
    period = _PERIOD.search(name)
    if unit and period and (rate := table().compounds.get(f"{unit.dimension}/time")) and rate != "speed":
        return Unit(rate, f"{unit.name}/{_PERIODS[period[0][0]]}", unit.factor, unit.spelling)
    return unit


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _iso_class(value: float) -> float:
    """Return the ISO 14644-1 class of a clean room given by it or by US FED STD 209E's count (100 → ISO 5)."""
    if not math.isfinite(value) or value < 10:
        return value
    return 3 + math.log10(value)


def _skip(text: str, start: int) -> int:
    blank = _SPACE.match(text, start)
    return blank.end() if blank else start


def _match_term(text: str, start: int) -> tuple[str, int] | None:
    """Return the longest spelling at `start` that is not the beginning of another word."""
    units = table()
    for end in range(min(len(text), start + units.longest), start, -1):
        spelling = text[start:end]
        if spelling in units.terms and (
            _stands_alone(spelling, text[end : end + 1]) or _begins_litres(text, start, end)
        ):
            return spelling, end
    return None


def _begins_litres(text: str, start: int, end: int) -> bool:
    """Tell the litres of 500升到1000升 from the verb of 从 20 升到 80 度."""
    return text[start:end] == "升" and bool(_LITRES_TO.match(text, end))


def _stands_alone(spelling: str, following: str) -> bool:
    if not following:
        return True
    if spelling[-1].isascii() and spelling[-1].isalpha():
        return not _LATIN.match(following)
    return following not in table().not_before.get(spelling, ())


def _per_minute(text: str, start: int) -> tuple[str, int] | None:
    """Read 米/分 as metres per minute; elsewhere 分 is a mark."""
    found = _MINUTE.match(text, start)
    return ("分钟", found.end()) if found else None


def _per_parcel(text: str, start: int, above: _Powers) -> tuple[tuple[str, str, float, str], int] | None:
    """Read the 10 min of g/10min and the 100 mL of s/100mL as what the term above the stroke is for."""
    parcel = _PARCEL.match(text, start)
    term = _match_term(text, _skip(text, parcel.end())) if parcel else None
    if parcel is None or term is None:
        return None
    kind, name, factor, spelling = _power(term[0], 1)
    if above[0][0] not in _PARCELLED or kind not in _PARCELLED or kind == above[0][0]:
        return None
    return (kind, name, factor * float(parcel[0]), spelling), term[1]


def _power(spelling: str, exponent: int) -> tuple[str, str, float, str]:
    """Return (kind, pint name, factor, spelling) of a term taken to a power."""
    term = table().terms[spelling]
    kind = _POWERS.get((term.dimension, exponent), term.dimension)
    name = term.name if exponent == 1 else f"{term.name}^{exponent}"
    return kind, name, term.factor**exponent, spelling


def _sink(above: _Powers, below: _Powers, spelling: str, exponent: re.Match[str]) -> tuple[_Powers, _Powers, int]:
    """Move the last term read below the stroke."""
    (above if above and above[-1][3] == spelling else below).pop()
    return above, [*below, _power(spelling, _EXPONENTS[exponent[1]])], exponent.end()


def _rest_of_bracket(text: str, position: int, below: _Powers) -> int:
    """Read the other terms of W/(m·K); return where the bracket ends, or `position` where it never does."""
    end = position
    while (dot := _DOT.match(text, end)) and (term := _match_term(text, dot.end())):
        below.append(_power(term[0], 1))
        end = term[1]
    return end + 1 if text[end : end + 1] == ")" else position


def _compose(above: _Powers, below: _Powers, spelling: str) -> Unit | None:
    """Return the unit of terms above and below the stroke."""
    above = above or [("count", "1", 1.0, "")]
    counted = table().each
    below = [power for power in below if power[3] not in counted]
    if len(above) > 1:
        above = [power for power in above if power[0] != "count"] or above[:1]
    factor = math.prod(power[2] for power in above) / math.prod(power[2] for power in below)
    dimension = _dimension(above, below)
    return Unit(dimension, _name(above, below), factor, spelling)


def _dimension(above: _Powers, below: _Powers) -> str:
    numerator = "*".join(sorted(power[0] for power in above))
    numerator = table().compounds.get(numerator, numerator)
    if not below:
        return numerator
    if numerator == "money":
        return "price"
    if numerator == "length" and below[0][1] in _LONG:
        return "length_rate"
    kind = f"{numerator}/{'*'.join(sorted(power[0] for power in below))}"
    return table().compounds.get(kind, kind)


def _name(above: _Powers, below: _Powers) -> str:
    top = "*".join(power[1] for power in above)
    names = [power[1] for power in below if power[1] != "1"]
    if not names:
        return top
    return f"{top}/{names[0]}" if len(names) == 1 else f"{top}/({'*'.join(names)})"
