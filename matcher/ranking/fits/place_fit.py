"""Where the listing is against where the work must be done."""

from __future__ import annotations

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.records import Fit, PlaceRequirement
from matcher.understanding.regions import PlaceRelation, Regions


def place_check(requirement: PlaceRequirement, regions: Regions) -> Check:
    """Return the check of a wanted place; a code that the table does not hold stays unknown.

    Inside it, or near it where nearness is asked for, meets; a listing without a place, or with only the province
    around it, is unknown; the rest misses, with the distance as shortfall.
    """
    if requirement.code not in regions:
        return lambda facts: unknown(requirement, note=f"不认识的地区代码 {requirement.code}")

    if requirement.excluded:
        return _excluded_check(requirement, regions)

    def check(facts: ListingFacts) -> Fit:
        relation = regions.relation(requirement.code, facts.place, requirement.near)
        if relation.outcome in ("inside", "near"):
            return meets(requirement, facts.place_evidence, relation.note or None)
        if relation.outcome == "unknown" or facts.place is None:
            return unknown(requirement, facts.place_evidence, relation.note or None)
        place = regions[facts.place].name
        return misses(
            requirement, _shortfall(requirement, place, relation), facts.place_evidence, note=relation.note or None
        )

    return check


def _excluded_check(requirement: PlaceRequirement, regions: Regions) -> Check:
    """The check of a place to stay away from: there it misses, elsewhere it meets, and half-said places are unknown."""

    def check(facts: ListingFacts) -> Fit:
        relation = regions.relation(requirement.code, facts.place, requirement.near)
        if facts.place is None or relation.outcome == "unknown":
            return unknown(requirement, facts.place_evidence, relation.note or None)
        place = regions[facts.place].name
        if relation.outcome == "outside":
            return meets(requirement, facts.place_evidence, f"位于{place}")
        if relation.note and not requirement.near:
            # Only the city around an excluded district is named: the listing may lie in another of its districts.
            return unknown(requirement, facts.place_evidence, relation.note)
        around = "附近" if requirement.near else ""
        return misses(requirement, f"不要{requirement.name}{around},位于{place}", facts.place_evidence)

    return check


def _shortfall(requirement: PlaceRequirement, place: str, relation: PlaceRelation) -> str:
    wanted = f"{requirement.name}{'附近' if requirement.near else ''}"
    distance = f",相距约 {relation.distance_km:.0f} 公里" if relation.distance_km else ""
    return f"需要{wanted},位于{place}{distance}"
