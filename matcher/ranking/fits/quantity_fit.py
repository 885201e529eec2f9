"""A number that a need demands against the numbers that a listing states."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from matcher.ranking.alignment import Measure, answers, settled, wanted_measure
from matcher.ranking.comparison import Span, demand_of, is_scale, verdict
from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.ranking.listing_quantities import QuantityFact
from matcher.ranking.meanings import Sense
from matcher.ranking.wording import span_words, wafer_words
from matcher.records import Fit, QuantityRequirement
from matcher.understanding.intervals import convert
from matcher.understanding.units import in_base

#: In a need 最大板长 1.2 米 asks for a plant that goes so far, not for one that goes no farther.
_PEAK: Final = re.compile("最[大高长深重宽远快厚多]")
#: Properties of a product of which less is better.
_LESS: Final = re.compile("含水|水分|残留|杂质|氧含量|孔隙|不良|损耗|灰分|泄漏|漏率|收缩|离散|偏差|粗糙|缺陷|^CV$")
#: Litres of these are what all vessels hold together.
_SUM: Final = re.compile("总(?!压|温|硬)|合计|累计|共计|产能")
#: An offer that begins this many times above what is needed is said to be big for it.
_BIG: Final = 10.0
#: And one that begins so many times above is of another scale: 5 万 t/年 for 50.
_OTHER_SCALE: Final = 200.0


class Demand:
    """A quantity requirement made ready: its measure, its range in the base unit, and which measures answer it."""

    def __init__(self, requirement: QuantityRequirement) -> None:
        self.requirement = requirement
        self.measure = wanted_measure(requirement)
        self.dimension = self.measure.dimension
        interval, _ = in_base(requirement.dimension, requirement.interval, requirement.unit)
        _, factor = settled(self.measure.name, requirement.dimension, interval)
        self.interval = convert(interval, factor) if factor != 1.0 else interval
        self._factor = factor
        self._to_peak = bool(_PEAK.search(requirement.text))
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
        if self.measure.side == "product" or measure.side == "product" or self._is_part(measure):
            return "reaches"
        return self.measure.sense if self.measure.meaning is not None else measure.sense

    def _is_part(self, measure: Measure) -> bool:
        """Whether it is a room of what is asked for: a clean room of 38 m² does not say how large the workshop is."""
        wanted, offered = self.measure.meaning, measure.meaning
        if self.dimension != "area" or wanted is None or offered is None:
            return False
        return wanted != offered and wanted.id in offered.above

    def span(self, sense: Sense) -> Span:
        """The range demanded, in the base unit."""
        found = self._spans.get(sense)
        if found is None:
            found = demand_of(self.interval, self._way(sense), to_peak=self._to_peak)
            self._spans[sense] = found
        return found

    def _way(self, sense: Sense) -> Sense:
        """Which way a product's bare number counts: 脱盐率 99 % is at least that, 含水率 1 % at most, 5 μm that."""
        if sense != "reaches" or self.measure.sense in ("within", "member"):
            return sense
        return "finer" if self.measure.sense == "finer" or _LESS.search(self.measure.name) else "covers"

    def judge(self, fact: QuantityFact) -> tuple[bool, bool]:
        """Return (meets, misses) of one number that answers."""
        sense = self.sense(fact.measure)
        span = self.span(sense)
        met, missed = verdict(sense, span, fact.low, fact.high)
        if fact.is_scale:
            missed = verdict(sense, span, fact.low, fact.limit)[1]
        return bool(met) and not self.is_sum(fact.measure), bool(missed and not met)

    def is_sum(self, measure: Measure) -> bool:
        """Whether it is what all vessels hold together, where one of that size is asked for."""
        return self.dimension == "volume" and bool(_SUM.search(measure.name)) and not _SUM.search(self.measure.name)

    def largest_taken(self, sense: Sense) -> float:
        """Where a plant's output begins that may be too large to take so little; infinite where none is."""
        needed = self.lowest
        if not self.dimension.endswith("_rate") or sense != "covers" or not math.isfinite(needed) or needed <= 0:
            return math.inf
        return _OTHER_SCALE * needed

    @property
    def lowest(self) -> float:
        """The least that is demanded; the peak where a peak must be reached."""
        return self.interval.max if math.isinf(self.interval.min) and self._to_peak else self.interval.min

    @property
    def highest(self) -> float:
        """The most that is allowed; the size to get down to where only that is named."""
        return self.interval.min if math.isinf(self.interval.max) else self.interval.max

    def wanted_words(self) -> str:
        """The demand in words: 500 L, ≥ 20 MPa; an order of magnitude as the need has it."""
        if is_scale(self.interval):
            return self.requirement.text
        if math.isinf(self.interval.min) and self._to_peak:
            return self.words(self.interval.max, self.interval.max)
        return self.words(self.interval.min, self.interval.max)

    def words(self, low: float, high: float, best: str = "") -> str:
        """A range of the base unit in the unit and words of the need."""
        if self.measure.meaning is not None and self.measure.meaning.id == "length.wafer":
            return wafer_words(low, high)
        words = span_words(
            low / self._factor, high / self._factor, self.requirement.unit, self.requirement.dimension, best=best
        )
        return self._counted(words)

    def _counted(self, words: str) -> str:
        """The words with the counter that the need counts in, which no unit names: 12 层, 1000 片/月."""
        unit, counter = self.requirement.unit, self.measure.counter
        if counter is None or not (unit == "1" or unit.startswith("1/")):
            return words
        number, stroke, period = words.partition("/")
        return f"{number.rstrip()} {counter}{stroke}{period}"


def quantity_check(requirement: QuantityRequirement) -> Check:
    """Return the check of a demanded number.

    Any number that answers and is enough meets; where all that answer fall short it misses, by the nearest of them;
    where none answers, or one of them leaves it open, it is unknown.
    """
    demand = Demand(requirement)
    silent = unknown(requirement)

    def check(facts: ListingFacts) -> Fit:
        answering = [fact for fact in facts.quantities.get(demand.dimension, ()) if demand.answered_by(fact.measure)]
        single = [fact for fact in answering if not demand.is_sum(fact.measure)]
        return _fit(demand, single or answering) if answering else silent

    return check


def _fit(demand: Demand, answering: Sequence[QuantityFact]) -> Fit:
    missing = []
    open_fact = None
    for fact in answering:
        met, missed = demand.judge(fact)
        if met and fact.low > demand.largest_taken(demand.sense(fact.measure)):
            open_fact = open_fact or fact
        elif met:
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
    return misses(
        demand.requirement,
        f"需要 {demand.wanted_words()},{_offered_words(demand, shown)}",
        shown.evidence,
        _ratio(demand, shown),
    )


def _offered_words(demand: Demand, fact: QuantityFact) -> str:
    sense = demand.sense(fact.measure)
    low, high = fact.stated
    if fact.is_scale:
        return f"写明{fact.evidence.text}"
    is_range = math.isfinite(low) and math.isfinite(high)
    if sense in ("member", "within") and is_range:
        return f"写明 {demand.words(low, high)}"
    is_below = fact.high < demand.span(sense).low
    end = high if is_below else low
    best = "只有" if is_range and low == high else "最大" if is_below else "最小"
    return f"{best} {demand.words(end, end)}"


def _ratio(demand: Demand, fact: QuantityFact) -> float | None:
    """Needed / offered between the ends that miss each other; None where a sign or a zero makes it no ratio."""
    span = demand.span(demand.sense(fact.measure))
    if fact.high < span.low:
        needed, offered = demand.lowest, fact.stated[1]
    else:
        needed, offered = demand.highest, fact.stated[0]
    if not (math.isfinite(needed) and math.isfinite(offered)) or needed <= 0 or offered <= 0:
        return None
    return float(f"{needed / offered:.6g}")


def _times_above(demand: Demand, fact: QuantityFact) -> float:
    """How many times what is needed the offer begins at; 0 where it does not begin."""
    low, needed = fact.stated[0], demand.lowest
    if demand.sense(fact.measure) != "covers" or not (math.isfinite(needed) and math.isfinite(low)) or needed <= 0:
        return 0.0
    return low / needed


def _size_note(demand: Demand, fact: QuantityFact) -> str | None:
    low = fact.stated[0]
    return f"起点 {demand.words(low, low)},明显大于需要" if _times_above(demand, fact) > _BIG else None
