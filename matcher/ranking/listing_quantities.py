"""What a listing states in numbers, ready to be compared: base units, closed ends, equal names in one measure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from matcher.ranking.alignment import BROAD, Measure, measure_of, settled
from matcher.ranking.comparison import span_of
from matcher.records import Evidence, Interval, Listing, Parameter, Role
from matcher.understanding.intervals import convert
from matcher.understanding.quantities import read_quantities
from matcher.understanding.unit_table import table
from matcher.understanding.units import canonical, in_base

#: Characters on either side of a number that tell what it counts and what it belongs to.
_AROUND = 6
#: A lone letter (C 区) is no clean-room grade.
_SHORTEST = 2
#: A text without one of these holds no quantity.
_NUMERAL = re.compile("[0-9０-９一二三四五六七八九十百千万亿两半级]")


@dataclass(frozen=True, slots=True)
class QuantityFact:
    """One number of a listing: `low` / `high` in its dimension's base unit, infinite where it names no such end."""

    measure: Measure
    low: float
    high: float
    evidence: Evidence


def quantity_facts(listing: Listing) -> tuple[QuantityFact, ...]:
    """Return the comparable numbers of a listing: its parameters first, then those its words name, each once."""
    facts: dict[tuple[str, str, float, float], QuantityFact] = {}
    for fact in (*_from_parameters(listing), *_from_words(listing)):
        facts.setdefault((fact.measure.name, fact.measure.dimension, fact.low, fact.high), fact)
    return tuple(facts.values())


def _from_parameters(listing: Listing) -> Iterator[QuantityFact]:
    for position, parameter in enumerate(listing.parameters):
        found = canonical(parameter.min, parameter.max, parameter.unit, parameter.name)
        if found is None or found[0] in ("money", "price"):
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
        interval, _ = in_base(found.dimension, found.interval, found.unit)
        offset = start - starts[bisect_right(starts, start) - 1]
        evidence = Evidence(field, text[offset : offset + end - start])
        fact = _fact(found.name, found.dimension, interval, found.role, evidence, around)
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
    settled_dimension, factor = settled(name, dimension)
    if factor != 1.0:
        interval = convert(interval, factor)
    span = span_of(interval)
    return QuantityFact(measure_of(name, settled_dimension, interval, words, role), span.low, span.high, evidence)


def _role(dimension: str) -> Role:
    known = table().dimensions.get(dimension)
    return known.role if known else "other"
