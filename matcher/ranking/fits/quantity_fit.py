"""A number that a need demands against the numbers that a listing states."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from matcher.ranking.alignment import Measure, answers, settled, wanted_measure
from matcher.ranking.comparison import Span, demand_of, verdict
from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.ranking.listing_quantities import QuantityFact
from matcher.ranking.meanings import Sense
from matcher.ranking.wording import span_words, wafer_words
from matcher.records import Fit, QuantityRequirement
from matcher.understanding.intervals import convert
from matcher.understanding.units import in_base

#: An offer that begins this many times above what is needed is said to be big for it.
_BIG: Final = 10.0


class Demand:
    """A quantity requirement made ready: its measure, its range in the base unit, and which measures answer it."""

    def __init__(self, requirement: QuantityRequirement) -> None:
        self.requirement = requirement
        self.measure = wanted_measure(requirement)
        self.dimension, factor = settled(requirement.name, requirement.dimension)
        interval, _ = in_base(requirement.dimension, requirement.interval, requirement.unit)
        self.interval = convert(interval, factor) if factor != 1.0 else interval
        self._factor = factor
        self._answers: dict[Measure, bool] = {}
        self._spans: dict[Sense, Span] = {}

    def answered_by(self, measure: Measure) -> bool:
        """Whether numbers of a measure say something about this demand."""
        found = self._answers.get(measure)
        if found is None:
            found = self._answers[measure] = answers(self.measure, measure)
        return found

    def sense(self, measure: Measure) -> Sense:
        """How numbers of a measure are compared with this demand: what a product attained only ever meets."""
        if self.measure.side == "product" or measure.side == "product":
            return "reaches"
        return self.measure.sense if self.measure.meaning is not None else measure.sense

    def span(self, sense: Sense) -> Span:
        """The range demanded, in the base unit."""
        found = self._spans.get(sense)
        if found is None:
            found = self._spans[sense] = demand_of(self.interval, sense)
        return found

    def judge(self, fact: QuantityFact) -> tuple[bool, bool]:
        """Return (meets, misses) of one number that answers."""
        sense = self.sense(fact.measure)
        met, missed = verdict(sense, self.span(sense), fact.low, fact.high)
        return bool(met), bool(missed)

    def words(self, low: float, high: float, best: str = "") -> str:
        """A range of the base unit in the unit and words of the need."""
        if self.measure.meaning is not None and self.measure.meaning.id == "length.wafer":
            return wafer_words(low, high)
        return span_words(
            low / self._factor, high / self._factor, self.requirement.unit, self.requirement.dimension, best=best
        )


def quantity_check(requirement: QuantityRequirement) -> Check:
    """Return the check of a demanded number.

    Any number that answers and is enough meets; where all that answer fall short it misses, by the nearest of them;
    where none answers, or one of them leaves it open, it is unknown.
    """
    demand = Demand(requirement)
    silent = unknown(requirement)

    def check(facts: ListingFacts) -> Fit:
        answering = [fact for fact in facts.quantities.get(demand.dimension, ()) if demand.answered_by(fact.measure)]
        return _fit(demand, answering) if answering else silent

    return check


def _fit(demand: Demand, answering: Sequence[QuantityFact]) -> Fit:
    missing = []
    open_fact = None
    for fact in answering:
        met, missed = demand.judge(fact)
        if met:
            return meets(demand.requirement, fact.evidence, _size_note(demand, fact))
        if missed:
            missing.append(fact)
        else:
            open_fact = open_fact or fact
    if open_fact is not None:
        return unknown(demand.requirement, open_fact.evidence, f"写明{open_fact.evidence.text},不能确定")
    return _miss(demand, missing)


def _miss(demand: Demand, missing: Sequence[QuantityFact]) -> Fit:
    """The miss of the number that comes nearest."""
    shown = min(missing, key=lambda fact: abs(math.log(_ratio(demand, fact) or math.inf)))
    sense = demand.sense(shown.measure)
    needed = demand.words(demand.interval.min, demand.interval.max)
    offered = _offered_words(demand, shown, sense)
    return misses(demand.requirement, f"需要 {needed},{offered}", shown.evidence, _ratio(demand, shown))


def _offered_words(demand: Demand, fact: QuantityFact, sense: Sense) -> str:
    span = demand.span(sense)
    below = fact.high < span.low
    end = fact.high if below else fact.low
    other_end_known = math.isfinite(fact.low) and math.isfinite(fact.high) and fact.high > fact.low * (1 + 1e-6)
    if sense in ("member", "within") and math.isfinite(fact.low) and math.isfinite(fact.high):
        return f"写明 {demand.words(fact.low, fact.high)}"
    word = ("最大" if below else "最小") if other_end_known or math.isinf(fact.low) or math.isinf(fact.high) else "只有"
    return f"{word} {demand.words(end, end)}"


def _ratio(demand: Demand, fact: QuantityFact) -> float | None:
    """Needed / offered between the ends that miss each other; None where a sign or a zero makes it no ratio."""
    span = demand.span(demand.sense(fact.measure))
    needed, offered = (demand.interval.min, fact.high) if fact.high < span.low else (demand.interval.max, fact.low)
    if not (math.isfinite(needed) and math.isfinite(offered)) or needed <= 0 or offered <= 0:
        return None
    return float(f"{needed / offered:.6g}")


def _size_note(demand: Demand, fact: QuantityFact) -> str | None:
    if demand.sense(fact.measure) != "covers" or not math.isfinite(demand.interval.min) or demand.interval.min <= 0:
        return None
    if math.isfinite(fact.low) and fact.low > _BIG * demand.interval.min:
        return f"起点 {demand.words(fact.low, fact.low)},明显大于需要"
    return None
