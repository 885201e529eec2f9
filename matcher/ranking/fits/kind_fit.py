"""The kind of supply asked for: every listing has one, so this never stays unknown."""

from __future__ import annotations

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses
from matcher.records import KIND_NAMES, Evidence, Fit, KindRequirement


def kind_check(requirement: KindRequirement) -> Check:
    """Return the check of a wanted kind."""
    fits = {kind: _fit(requirement, kind == requirement.kind, name) for kind, name in KIND_NAMES.items()}
    by_kind: dict[str, Fit] = {str(kind): fit for kind, fit in fits.items()}

    def check(facts: ListingFacts) -> Fit:
        return by_kind[facts.kind]

    return check


def _fit(requirement: KindRequirement, same: bool, name: str) -> Fit:
    kind = next(kind for kind, known in KIND_NAMES.items() if known == name)
    evidence = Evidence("kind", kind)
    if same:
        return meets(requirement, evidence)
    return misses(requirement, f"需要{KIND_NAMES[requirement.kind]},这是{name}", evidence)
