"""How far a listing's numbers reach beside those of the whole catalogue: what draws its ranges on a scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matcher.ranking.facts import ListingFacts
from matcher.ranking.listing_quantities import QuantityFact, quantity_facts
from matcher.records import Listing, Parameter

#: Smallest number, greatest number, listings that say one.
Span = tuple[float, float, int]
#: A scale that hardly anybody else stands on tells nothing.
LISTINGS_MIN: Final = 3
#: 130 applications and 6 months are said of all sorts of things.
UNLIKE: Final = frozenset({"count", "time", "level"})


@dataclass(frozen=True, slots=True)
class Scale:
    """One parameter of a listing beside the same measure in the catalogue; all in the unit that the listing gives it
    in, None for an open end.

    Attributes:
        position: of the parameter in the listing. low, high: what the listing says.
        least, most: the smallest and greatest number that any listing says. listings: how many say one.
    """

    position: int
    dimension: str
    unit: str | None
    low: float | None
    high: float | None
    least: float
    most: float
    listings: int


def scales_of(listing: Listing, facts: Sequence[ListingFacts]) -> tuple[Scale, ...]:
    """The parameters of a listing that can be put on a scale, in their order.

    Args:
        facts: of the whole catalogue, as `Conditions.facts` has them.
    """
    spans = _spans(_Facts(tuple(facts)))
    found = []
    for fact in quantity_facts(listing):
        field = fact.evidence.field
        span = _narrowest(spans, fact)
        if span is None or not _is_reach(fact):
            continue
        position = int(field.removeprefix("parameters[").removesuffix("]"))
        parameter = listing.parameters[position]
        factor = _factor(parameter, fact)
        if factor is None:
            continue
        ends = [end / factor for end in (*fact.stated, *span[:2]) if math.isfinite(end)]
        low, high = (end / factor if math.isfinite(end) else None for end in fact.stated)
        unit, dimension = parameter.unit, fact.measure.dimension
        found.append(Scale(position, dimension, unit, low, high, min(ends), max(ends), span[2]))
    return tuple(sorted(found, key=lambda one: one.position))


def _factor(parameter: Parameter, fact: QuantityFact) -> float | None:
    """What takes a number as the listing gives it to the base unit; None where it gives none but 0."""
    own = sorted(end for end in (parameter.min, parameter.max) if end is not None)
    stated = [end for end in fact.stated if math.isfinite(end)]
    if not own or not stated or not own[-1] or stated[-1] / own[-1] <= 0:
        return None
    return stated[-1] / own[-1]


class _Facts:
    """The facts of one state of the catalogue, compared by what they are and not by what they hold."""

    def __init__(self, facts: tuple[ListingFacts, ...]) -> None:
        self.facts = facts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Facts) and _same(self.facts, other.facts)

    def __hash__(self) -> int:
        return len(self.facts)


def _same(ours: Sequence[ListingFacts], theirs: Sequence[ListingFacts]) -> bool:
    return len(ours) == len(theirs) and all(one is other for one, other in zip(ours, theirs, strict=True))


#: The catalogue of the moment and the one before it, which requests that are on their way still hold.
@lru_cache(maxsize=2)
def _spans(catalogue: _Facts) -> dict[str, Span]:
    """By measure."""
    found: dict[str, Span] = {}
    for one in catalogue.facts:
        mine: dict[str, list[float]] = {}
        for fact in filter(_is_reach, (fact for group in one.quantities.values() for fact in group)):
            for key in _keys(fact):
                mine.setdefault(key, []).extend(end for end in fact.stated if math.isfinite(end))
        for key, ends in mine.items():
            if ends:
                least, most, count = found.get(key, (math.inf, -math.inf, 0))
                found[key] = min(least, *ends), max(most, *ends), count + 1
    return found


def _is_reach(fact: QuantityFact) -> bool:
    """Whether it is a parameter that says how far a facility goes: numbers of things and times compare with nothing."""
    return (
        fact.evidence.field.startswith("parameters[")
        and fact.measure.side == "facility"
        and fact.measure.dimension not in UNLIKE
    )


def _narrowest(spans: Mapping[str, Span], fact: QuantityFact) -> Span | None:
    """The scale of the same measure; of a broader one where too few listings say the same."""
    found = [span for key in _keys(fact) if (span := spans.get(key)) and span[2] >= LISTINGS_MIN and span[0] < span[1]]
    return min(found, key=lambda span: span[2], default=None)


def _keys(fact: QuantityFact) -> list[str]:
    """What it can stand on one scale with: meanings that the table of names knows, else the name itself."""
    meaning, dimension = fact.measure.meaning, fact.measure.dimension
    names = meaning.above if meaning is not None else {fact.measure.name}
    return [f"{dimension}:{name}" for name in sorted(names)]
