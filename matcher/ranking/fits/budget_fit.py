"""A budget against stated prices; an investment or a fund is no price."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.ranking.prices import Fee
from matcher.ranking.wording import money_words
from matcher.records import BudgetRequirement, Fit

#: One working day of an instrument, or a small series of samples: what an order comes to at least.
USUAL_ORDER: Final = 8


def budget_check(requirement: BudgetRequirement) -> Check:
    """Return the check of a budget: it meets where it pays for a usual order, misses where not even for one unit."""
    budget = requirement.interval.max if math.isfinite(requirement.interval.max) else requirement.interval.min
    silent = unknown(requirement)

    def check(facts: ListingFacts) -> Fit:
        return _fit(requirement, budget, facts.fees) if facts.fees else silent

    return check


def _fit(requirement: BudgetRequirement, budget: float, fees: Sequence[Fee]) -> Fit:
    """Which of several prices will be due is not known: it must pay for the dearest to meet, and none to miss."""
    cheapest = min(fees, key=lambda fee: (fee.low, fee.per))
    if budget < cheapest.low:
        shortfall = f"预算 {money_words(budget)},写明的收费为 {_price(cheapest)}"
        factor = cheapest.low / budget if budget > 0 else None
        return misses(requirement, shortfall, cheapest.evidence, factor=factor)
    dearest = max(fees, key=lambda fee: (fee.low, fee.per))
    count = budget / dearest.low if dearest.low > 0 else math.inf
    if count < USUAL_ORDER:
        return unknown(requirement, dearest.evidence, f"收费 {_price(dearest)},取决于用量")
    return meets(requirement, dearest.evidence, f"收费 {_price(dearest)},预算约够 {count:.0f} 个计费单位")


def _price(fee: Fee) -> str:
    return f"{money_words(fee.low)}{f'/{fee.per}' if fee.per else ''}"
