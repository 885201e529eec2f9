"""A budget against stated prices; an investment or a fund is no price."""

from __future__ import annotations

from typing import Final

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.ranking.prices import Fee
from matcher.ranking.wording import money_words, number_words
from matcher.records import BudgetRequirement, Fit

#: One working day of an instrument, or a small series of samples: what an order comes to at least.
USUAL_ORDER: Final = 8


def budget_check(requirement: BudgetRequirement) -> Check:
    """Return the check of a budget: it meets where it pays for a usual order, misses where not even for one unit."""
    budget = requirement.interval.max if requirement.interval.max != float("inf") else requirement.interval.min
    silent = unknown(requirement)

    def check(facts: ListingFacts) -> Fit:
        if not facts.fees:
            return silent
        cheapest = min(facts.fees, key=lambda fee: (fee.low, fee.per))
        return _fit(requirement, budget, cheapest)

    return check


def _fit(requirement: BudgetRequirement, budget: float, fee: Fee) -> Fit:
    price = f"{money_words(fee.low)}{f'/{fee.per}' if fee.per else ''}"
    if budget < fee.low:
        shortfall = f"预算 {money_words(budget)},写明的收费为 {price}"
        return misses(requirement, shortfall, fee.evidence, factor=fee.low / budget if budget > 0 else None)
    count = budget / fee.low if fee.low > 0 else float("inf")
    if count < USUAL_ORDER:
        return unknown(requirement, fee.evidence, f"收费 {price},取决于用量")
    return meets(requirement, fee.evidence, f"收费 {price},预算约够 {number_words(count // 1)} 个计费单位")
