"""What every kind of fit has in common: a requirement made ready once, then held against many listings."""

from __future__ import annotations

from collections.abc import Callable

from matcher.ranking.facts import ListingFacts
from matcher.records import Evidence, Fit, Requirement

#: Holds one requirement, made ready, against the facts of one listing.
Check = Callable[[ListingFacts], Fit]


def meets(requirement: Requirement, evidence: Evidence | None = None, note: str | None = None) -> Fit:
    """Return a fit that meets."""
    return Fit(requirement, "meets", evidence=evidence, note=note)


def misses(
    requirement: Requirement,
    shortfall: str,
    evidence: Evidence | None = None,
    factor: float | None = None,
    note: str | None = None,
) -> Fit:
    """Return a fit that misses, by `shortfall` in words and by `factor` = needed / offered."""
    return Fit(requirement, "misses", shortfall, factor, evidence, note)


def unknown(requirement: Requirement, evidence: Evidence | None = None, note: str | None = None) -> Fit:
    """Return a fit that nobody can tell; `evidence` where the listing says something near it."""
    return Fit(requirement, "unknown", evidence=evidence, note=note)
