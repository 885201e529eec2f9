"""All numbers of a text: those of one shape, those that go from a scale to another, and alternatives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from matcher.understanding.amounts import CANDIDATE, Amount, converted, is_designation, read_amount
from matcher.understanding.comparators import Comparison, comparison, interval, words_before
from matcher.understanding.phrases import begin_with_from, finish, scaled, settle_inches
from matcher.understanding.rates import as_rate, number_of_period, rate_before
from matcher.understanding.readings import Reading, Taken
from matcher.understanding.shapes import SIMPLE, Shape
from matcher.understanding.unit_table import table
from matcher.understanding.units import Unit

_RUN = re.compile(r"[\d.,]+|[零一二三四五六七八九十百千万亿两半]+")
_VERBS = "放大|扩大|提高|提升|增加|扩|提|增|升|缩|压缩|缩短|降低|减少|减小|压|降|减|掉|做|推进|推|迁移|扩展|放"
_TOWARDS = re.compile(
    rf"(?P<gap>[^\d,。;!?、\n(]{{0,8}}?) ?(?:(?:再|逐步|逐级|直接|进一步)?(?:{_VERBS})(?:到|至)"
    r"|(?:scaled?|scaling) up to|--?>|→|➔)(?:了|约|近)? ?"
)
#: Behind 从 any verb will do: 从 88% 爬坡到 95%.
_ANY_VERB = re.compile(r" ?[一-龥]{0,5}?(?:到|至)(?:了|约|近)? ?(?=[\d零一二三四五六七八九十百千万两半])")
#: One step of several: the second at the latest says that it goes on.
_STEP = re.compile(
    rf" ?[,、]?(?P<more>再|然后|之后|接着|继续|最后|最终)?(?:逐步|逐级|直接|进一步)?(?:{_VERBS})?(?:到|至|--?>|→|➔)"
    r"(?:了|约)? ?(?=[\d一二三四五六七八九十百千两])"
)
_MAX_STEPS = 5
#: What a way goes up in; a furnace goes to 80 ℃ and then to 120 ℃ in one run.
_SCALED = frozenset({"volume", "mass", "count", "area", "power", "energy"})
_WANTED = re.compile(
    "(?:不低于|不少于|不小于|至少|不超过|小于|大于|低于|≥|≤|<|>)?(?:约)? ?"
    r"(?:-(?=\d))?(?=[\d零一二三四五六七八九十百千万两半])"
)
_OR = re.compile(r" ?(?:/|、|或者?|和| or | and |, ?(?=\d{1,2} ?(?:英寸|寸|inch))) ?(?=[\d一二三四五六七八九十两])")
#: 1、500 L 发酵罐 begins a list, it offers no alternatives; 2、 does where a 1、 came before.
_LINE_START = re.compile(r"(?:^|[\n;。:])\s*$")
_FIRST = re.compile(r"(?:^|[\n;。:])\s*1、")
#: A run of alternatives is short: 4/6/8/12 英寸.
_MAX_ALTERNATIVES = 5


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
    amount = read_amount(text, start, floor)
    if amount is None:
        run = _RUN.match(text, start)
        return [], run.end() if run else start + 1
    if is_designation(text, start, amount.numeral):
        return [], amount.numeral.end
    if of_period := number_of_period(text, amount.begin, amount.end):
        found = _of_a_period(text, amount, *of_period)
        if not found or taken.overlaps(amount.begin, found[0].end):
            return [], amount.end
        return found, found[0].end
    for rule in _SHAPES:
        if found := rule(text, amount, floor):
            end = max(reading.end for reading in found)
            if not taken.overlaps(amount.begin, end):
                return found, max(end, amount.numeral.end)
    return [], amount.numeral.end


def _of_a_period(text: str, amount: Amount, start: int, period: str) -> list[Reading]:
    """Read 一年要 3000 吨 as 3000 t/year; `start` is where its number is. Nothing where that is no rate (一天三班)."""
    number = read_amount(text, start, amount.end)
    if number is None or is_designation(text, start, number.numeral):
        return []
    found = next((found for rule in SIMPLE if (found := rule(text, number, amount.end))), [])
    rate = as_rate(found[0].dimension, found[0].unit, period) if len(found) == 1 else None
    return [replace(found[0], start=amount.begin, dimension=rate[0], unit=rate[1])] if rate else []


def _towards(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 5 L 放大到 5000 L: the scale wanted, with the scale it starts from."""
    match = _TOWARDS.match(text, amount.end)
    if match is None and begin_with_from(text, amount.begin, floor) != amount.begin:
        match = _ANY_VERB.match(text, amount.end)
        match = match if match and len(match[0].strip()) > 1 else None
    candidate = _WANTED.match(text, match.end()) if match else None
    wanted = read_amount(text, candidate.end(), match.end()) if match and candidate else None
    if match is None or wanted is None:
        return []
    found = next((found for rule in SIMPLE if (found := rule(text, wanted, match.end()))), [])
    if len(found) != 1:
        return []
    return _started(text, amount, found[0], floor)


def _steps(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 5 L 到 50 L 再到 500 L: the last scale, with the one that it all starts from."""
    last, steps, further = amount, 0, False
    while steps < _MAX_STEPS and (step := _STEP.match(text, last.end)):
        following = read_amount(text, step.end(), step.end())
        if following is None or following.unit is None:
            break
        last, steps, further = following, steps + 1, further or step["more"] is not None
    if last.unit is None or last.unit.dimension not in _SCALED or not (further or steps > 1):
        return []
    reading = finish(text, last, last, last.unit, last.low, last.high, last.begin)
    return _started(text, amount, reading, floor)


def _started(text: str, amount: Amount, reading: Reading, floor: int) -> list[Reading]:
    """Give a reading the scale it starts from; nothing where that is of another dimension.

    A vessel that goes from litres to tonnes is named by the cubic metres that these fill.
    """
    if amount.unit and amount.unit.dimension == "volume" and (reading.dimension, reading.unit) == ("mass", "t"):
        reading = replace(reading, dimension="volume", unit="m^3")
    rate = amount.unit and table().compounds.get(f"{amount.unit.dimension}/time") == reading.dimension
    if amount.unit and rate:
        begin, _, _ = rate_before(text, amount.begin, floor, amount.unit.dimension, amount.unit.name)
        return [replace(reading, start=begin, start_scale=amount.low * amount.unit.factor)]
    target = Unit(reading.dimension, reading.unit, 1.0, "")
    scale = converted(amount.low, amount.unit or target, target)
    if scale is None:
        return []
    return [replace(reading, start=begin_with_from(text, amount.begin, floor), start_scale=scale)]


def _alternatives(text: str, amount: Amount, floor: int) -> list[Reading]:
    """Read 6/8 英寸 or 4、6、8 英寸 as that many quantities, each with its own span."""
    if amount.unit or _numbers_a_list(text, amount):
        return []
    amounts = [amount]
    while amounts[-1].unit is None and len(amounts) < _MAX_ALTERNATIVES:
        match = _OR.match(text, amounts[-1].end)
        following = read_amount(text, match.end(), sign="+") if match else None
        if following is None:
            return []
        amounts.append(following)
    unit = amounts[-1].unit
    if unit is None or any(other.numeral.chinese != amount.numeral.chinese for other in amounts):
        return []
    return list(_each(text, amounts, unit, floor))


def _numbers_a_list(text: str, amount: Amount) -> bool:
    """Tell whether 1、 or 2、 stands at the beginning of a line as the number of a list's item."""
    if text[amount.end : amount.end + 1] != "、" or not _LINE_START.search(
        text[max(0, amount.begin - 3) : amount.begin]
    ):
        return False
    return amount.low == 1 or bool(_FIRST.search(text, 0, amount.begin))


def _each(text: str, amounts: list[Amount], unit: Unit, floor: int) -> Iterator[Reading]:
    """Yield the readings of alternatives: what stands before the first bounds them all, what stands after, the last."""
    whole = finish(text, amounts[0], amounts[-1], unit, amounts[0].low, amounts[0].low, floor)
    outer = words_before(text, amounts[0].begin, floor)
    scale = amounts[-1].numeral.scale
    for amount in amounts:
        first, last = amount is amounts[0], amount is amounts[-1]
        begin = whole.start if first else amount.begin
        low = amount.low * (scale if not last and amount.numeral.scale == 1.0 else 1.0)
        words = comparison(text, amount.begin, amount.end, amount.begin) if last else Comparison(begin, amount.end)
        bounds = interval(low, low, replace(words, operator=words.operator or outer.operator), unit.dimension)
        if unit.name == "inch":
            wafer, bounds = settle_inches(text, whole.start, whole.end, unit, bounds)
            yield Reading(begin, words.end, whole.dimension, bounds, wafer.name)
        else:
            end = whole.end if last else words.end
            yield Reading(begin, end, whole.dimension, scaled(bounds, unit.factor), whole.unit)


_SHAPES: tuple[Shape, ...] = (*SIMPLE[:2], _steps, _towards, *SIMPLE[2:-1], _alternatives, SIMPLE[-1])
