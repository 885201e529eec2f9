"""A deadline against the lead times that a listing states."""

from __future__ import annotations

import math
import re
from typing import Final

from matcher.ranking.comparison import ROUNDING
from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.ranking.listing_quantities import QuantityFact
from matcher.ranking.wording import number_words
from matcher.records import DeadlineRequirement, Fit

_HOURS_PER_DAY: Final = 24.0
#: Times until something is handed over; a test's cycle or a reply within 24 hours is none.
_DELIVERY: Final = re.compile("交期|交付|交货|打样|样品|小批量|试制|加工周期|开发周期|样机|出图|送样")


def deadline_check(requirement: DeadlineRequirement) -> Check:
    """Return the check of a deadline: any stated lead time within it meets, all beyond it miss, none is unknown.

    最快 3 天 counts as three days: it can be had in them.
    """
    days = requirement.interval.max
    limit = days * _HOURS_PER_DAY * (1 + 2 * ROUNDING)
    silent = unknown(requirement)

    def check(facts: ListingFacts) -> Fit:
        leads = [fact for fact in facts.quantities.get("time", ()) if _is_lead(fact)]
        if not leads:
            return silent
        quickest = min(leads, key=_shortest)
        if any((lead.high if math.isfinite(lead.high) else lead.low) <= limit for lead in leads):
            return meets(requirement, quickest.evidence, f"写明{quickest.evidence.text}")
        if _shortest(quickest) > limit:
            needed = _shortest(quickest) / _HOURS_PER_DAY
            shortfall = f"需要 {number_words(days)} 天内,最快 {number_words(needed)} 天"
            return misses(requirement, shortfall, quickest.evidence, factor=days / needed if needed else None)
        return unknown(requirement, quickest.evidence, f"写明{quickest.evidence.text}")

    return check


def _is_lead(fact: QuantityFact) -> bool:
    meaning = fact.measure.meaning
    return meaning is not None and meaning.id == "time.lead" and bool(_DELIVERY.search(fact.measure.name))


def _shortest(fact: QuantityFact) -> float:
    return max(fact.low, 0.0)
