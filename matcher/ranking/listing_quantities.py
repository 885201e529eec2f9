"""What a listing states in numbers, ready to be compared: base units, closed ends, equal names in one measure."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from matcher.ranking.alignment import BROAD, Measure, measure_of, settled, words_before_number
from matcher.ranking.comparison import SCALE_SLACK, is_scale, span_of
from matcher.ranking.vessels import OPEN, vessel_of
from matcher.records import Evidence, Interval, Listing, Parameter, Role
from matcher.understanding.intervals import at_most, convert
from matcher.understanding.quantities import read_quantities
from matcher.understanding.unit_table import table
from matcher.understanding.units import canonical, in_base

#: Characters on either side of a number that tell what it counts and what it belongs to.
_AROUND = 6
#: A lone letter (C 区) is no clean-room grade.
_SHORTEST = 2
#: A text without one of these holds no quantity.
#: What the tenants of a park ask for is not what it has.
_ASKED_FOR = re.compile("需求(?:面积|量|规模)?$|缺口$")
_ASKED_FOR_BEHIND = re.compile("[^,，。;；\n]{0,6}(?:需求|缺口)")
#: 40 nm and above: the nodes of a line that works in micrometres end at 10 μm, in mm.
_COARSEST_NODE = 1e-2
_NUMERAL = re.compile("[0-9０-９一二三四五六七八九十百千万亿两半级]")


@dataclass(frozen=True, slots=True)
class QuantityFact:
    """One number of a listing, in its dimension's base unit.

    Attributes:
        low, high: what it offers, 约 widened; infinite where it names no such end.
        limit: what it surely falls short of lies beyond this; `high`, but a decade more where that is a scale (公斤级).
        stated: the ends as the listing has them, for words.
    """

    measure: Measure
    low: float
    high: float
    limit: float
    stated: tuple[float, float]
    evidence: Evidence

    @property
    def is_scale(self) -> bool:
        """Whether it is an order of magnitude."""
        return self.limit != self.high


def quantity_facts(listing: Listing) -> tuple[QuantityFact, ...]:
    """Return the comparable numbers of a listing: its parameters, then what its words add to them.

    A number that stands in a parameter too is left to it, where its name is sure, and so is an order of magnitude
    (千吨级项目) of what a parameter puts a number to.
    """
    facts = {(fact.measure, fact.stated): fact for fact in _from_parameters(listing)}
    told = {(fact.measure.dimension, end) for fact in facts.values() for end in fact.stated if math.isfinite(end)}
    meant = {fact.measure.meaning for fact in facts.values()}
    for fact in _from_words(listing):
        if fact.is_scale and fact.measure.meaning in meant:
            continue
        if not all((fact.measure.dimension, end) in told for end in fact.stated if math.isfinite(end)):
            facts.setdefault((fact.measure, fact.stated), fact)
    return _with_vessels(listing, tuple(facts.values()))


def _with_vessels(listing: Listing, facts: tuple[QuantityFact, ...]) -> tuple[QuantityFact, ...]:
    """Tell the kind of the vessels whose own name leaves it open, from all that the listing says."""
    if not any(_is_open_vessel(fact) for fact in facts):
        return facts
    vessel = vessel_of(listing)
    if vessel is None:
        return facts
    return tuple(
        replace(fact, measure=replace(fact.measure, meaning=vessel)) if _is_open_vessel(fact) else fact
        for fact in facts
    )


def _is_open_vessel(fact: QuantityFact) -> bool:
    return fact.measure.meaning is not None and fact.measure.meaning.id in OPEN


def _from_parameters(listing: Listing) -> Iterator[QuantityFact]:
    for position, parameter in enumerate(listing.parameters):
        found = canonical(parameter.min, parameter.max, parameter.unit, parameter.name)
        if found is None or found[0] in ("money", "price") or _ASKED_FOR.search(parameter.name):
            continue
        words = parameter_words(parameter)
        yield _fact(
            parameter.name, found[0], found[1], _role(found[0]), Evidence(f"parameters[{position}]", words), words
        )


def _from_words(listing: Listing) -> Iterator[QuantityFact]:
    """Read all fields in one go, a line each: reading has a cost per call, and no quantity runs over a line's end."""
    fields = [(field, text) for field, text in texts(listing) if _NUMERAL.search(text)]
    lines = "\n".join(text.replace("\n", " ") for _, text in fields)
    starts = [0, *accumulate(len(text) + 1 for _, text in fields)]
    for found in read_quantities(lines) if lines else ():
        if found.dimension in ("money", "price") or len(found.text) < _SHORTEST:
            continue
        start, end = found.start or 0, found.end or 0
        field, text = fields[bisect_right(starts, start) - 1]
        around = found.text + lines[end : end + _AROUND] + lines[max(0, start - _AROUND) : start]
        if _ASKED_FOR_BEHIND.match(lines, end):
            continue
        interval, _ = in_base(found.dimension, found.interval, found.unit)
        offset = start - starts[bisect_right(starts, start) - 1]
        evidence = Evidence(field, text[offset : offset + end - start])
        name = found.name or words_before_number(found.text)
        fact = _fact(name, found.dimension, interval, found.role, evidence, around)
        if fact.measure.meaning is not None or found.dimension not in BROAD:
            yield fact


def texts(listing: Listing) -> Iterator[tuple[str, str]]:
    """Yield (field, text) of everything that a listing says in words about what it can do."""
    yield "name", listing.name
    yield "summary", listing.summary
    for field in ("capabilities", "equipment", "services", "qualifications"):
        for position, text in enumerate(getattr(listing, field)):
            yield f"{field}[{position}]", text


def parameter_words(parameter: Parameter) -> str:
    """Return a parameter as words: 发酵罐容积 50–5000 L."""
    low, high = parameter.min, parameter.max
    if low is None and high is None:
        number = ""
    elif low is None or high is None:
        sign = "" if parameter.name.startswith("最") else "≤" if low is None else "≥"
        number = f"{sign}{high if low is None else low:g}"
    else:
        number = f"{low:g}" if low == high else f"{low:g}–{high:g}"
    return " ".join(part for part in (parameter.name, number, parameter.unit or "") if part)


def _fact(
    name: str | None, dimension: str, interval: Interval, role: Role, evidence: Evidence, words: str
) -> QuantityFact:
    settled_dimension, factor = settled(name, dimension, interval)
    if factor != 1.0:
        interval = convert(interval, factor)
    if dimension == "cleanroom":
        interval = _class(interval)
    measure = measure_of(name, settled_dimension, interval, words, role)
    if measure.sense == "finer" and interval.min < 0 < interval.max:
        interval = at_most(max(-interval.min, interval.max) if math.isfinite(interval.min) else interval.max)
    if measure.meaning is not None and measure.meaning.id == "length.node" and math.isinf(interval.max):
        interval = replace(interval, max=max(_COARSEST_NODE, interval.min))
    span = span_of(interval)
    limit = span.high * SCALE_SLACK if is_scale(interval) else span.high
    return QuantityFact(measure, span.low, span.high, limit, (interval.min, interval.max), evidence)


def _class(interval: Interval) -> Interval:
    """A room has the class it names, whether the source wrote 最高 10 级, ≤ 10 级 or 10 级."""
    ends = [end for end in (interval.min, interval.max) if math.isfinite(end)]
    return replace(interval, min=min(ends), max=max(ends)) if ends else interval


def _role(dimension: str) -> Role:
    known = table().dimensions.get(dimension)
    return known.role if known else "other"
