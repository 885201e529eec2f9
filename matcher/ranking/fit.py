"""Every requirement of a need against a listing: meets, misses (by how much) or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from matcher.ranking.facts import ListingFacts, Tables, default_tables
from matcher.ranking.fits.budget_fit import budget_check
from matcher.ranking.fits.certificate_fit import certificate_check
from matcher.ranking.fits.check import Check, unknown
from matcher.ranking.fits.deadline_fit import deadline_check
from matcher.ranking.fits.industry_fit import industry_check
from matcher.ranking.fits.kind_fit import kind_check
from matcher.ranking.fits.place_fit import place_check
from matcher.ranking.fits.quantity_fit import quantity_check
from matcher.ranking.fits.stage_fit import stage_check
from matcher.records import (
    BudgetRequirement,
    CertificateRequirement,
    DeadlineRequirement,
    Fit,
    IndustryRequirement,
    KindRequirement,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
)


def assess(requirements: Sequence[Requirement], facts: ListingFacts) -> tuple[Fit, ...]:
    """Return one fit per requirement, in their order, with the shipped tables.

    A requirement is made ready once and remembered, so a loop over candidates pays for it once.
    """
    return tuple([_ready(requirement)(facts) for requirement in requirements])


def assess_each(requirements: Sequence[Requirement], listings: Iterable[ListingFacts]) -> list[tuple[Fit, ...]]:
    """Return `assess` of each listing; the requirements are looked up once, which is half the cost of a pair."""
    checks = [_ready(requirement) for requirement in requirements]
    return [tuple([check(facts) for check in checks]) for facts in listings]


def checks_for(requirements: Sequence[Requirement], tables: Tables | None = None) -> tuple[Check, ...]:
    """Return the checks of a need's requirements, for loops over many listings: `check(facts)` is a fit."""
    tables = tables or default_tables()
    return tuple(check_for(requirement, tables) for requirement in requirements)


def check_for(requirement: Requirement, tables: Tables) -> Check:
    """Return a requirement made ready to be held against listings; a type that nobody knows stays unknown."""
    match requirement:
        case QuantityRequirement():
            return quantity_check(requirement)
        case PlaceRequirement():
            return place_check(requirement, tables.regions)
        case CertificateRequirement():
            return certificate_check(requirement, tables.certificates)
        case IndustryRequirement():
            return industry_check(requirement, tables.industries)
        case StageRequirement():
            return stage_check(requirement)
        case BudgetRequirement():
            return budget_check(requirement)
        case DeadlineRequirement():
            return deadline_check(requirement)
        case KindRequirement():
            return kind_check(requirement)
    return lambda facts: unknown(requirement)


@lru_cache(maxsize=1024)
def _ready(requirement: Requirement) -> Check:
    return check_for(requirement, default_tables())
