"""Where the listing is against where the work must be done."""

from __future__ import annotations

from collections.abc import Callable

from matcher.ranking.facts import ListingFacts
from matcher.ranking.fits.check import Check, meets, misses, unknown
from matcher.records import Fit, PlaceRequirement
from matcher.understanding.circles import circle_relation
from matcher.understanding.regions import PlaceRelation, Regions


def place_check(requirement: PlaceRequirement, regions: Regions) -> Check:
    """Return the check of a wanted place; a code that the table does not hold stays unknown.

    Inside it, or near it where nearness is asked for, meets; a listing without a place, or with only the province
    around it, is unknown; the rest misses, with the distance as shortfall. Where the need says how far near reaches,
    the distance decides.
    """
    if requirement.code not in regions:
        return lambda facts: unknown(requirement, note=f"不认识的地区代码 {requirement.code}")

    if requirement.excluded:
        return _excluded_check(requirement, regions)
    relate = _relating(requirement, regions)

    def check(facts: ListingFacts) -> Fit:
        relation = relate(facts.place)
        if relation.outcome in ("inside", "near"):
            return meets(requirement, facts.place_evidence, relation.note or None)
        if relation.outcome == "unknown" or facts.place is None:
            return unknown(requirement, facts.place_evidence, relation.note or None)
        place = regions[facts.place].name
        shortfall = _shortfall(requirement, place, relation)
        # How far off it is, the shortfall says already.
        note = ",".join(part for part in relation.note.split(",") if part not in shortfall)
        return misses(requirement, shortfall, facts.place_evidence, note=note or None)

    return check


def _excluded_check(requirement: PlaceRequirement, regions: Regions) -> Check:
    """The check of a place to stay away from: there it misses, elsewhere it meets, and half-said places are unknown."""

    relate = _relating(requirement, regions)

    def check(facts: ListingFacts) -> Fit:
        relation = relate(facts.place)
        if facts.place is None or relation.outcome == "unknown":
            return unknown(requirement, facts.place_evidence, relation.note or None)
        place = regions[facts.place].name
        if relation.outcome == "outside":
            return meets(requirement, facts.place_evidence, f"位于{place}{_distance(requirement, relation)}")
        if relation.note and not requirement.near:
            # Only the city around an excluded district is named: the listing may lie in another of its districts.
            return unknown(requirement, facts.place_evidence, relation.note)
        shortfall = f"不要{requirement.name}{_around(requirement)},位于{place}{_distance(requirement, relation)}"
        return misses(requirement, shortfall, facts.place_evidence)

    return check


def _shortfall(requirement: PlaceRequirement, place: str, relation: PlaceRelation) -> str:
    distance = f",相距约 {relation.distance_km:.0f} 公里" if relation.distance_km else ""
    return f"需要{requirement.name}{_around(requirement)},位于{place}{distance}"


def _relating(requirement: PlaceRequirement, regions: Regions) -> Callable[[str | None], PlaceRelation]:
    """How places stand to the one of the requirement, by code; each is measured once."""
    if requirement.radius_km is None:
        return lambda place: regions.relation(requirement.code, place, requirement.near)
    radius_km, known = requirement.radius_km, dict[str | None, PlaceRelation]()

    def relate(place: str | None) -> PlaceRelation:
        if place not in known:
            known[place] = circle_relation(regions, requirement.code, place, radius_km)
        return known[place]

    return relate


def _around(requirement: PlaceRequirement) -> str:
    if requirement.radius_km is not None:
        return f"{requirement.radius_km:g}公里以内"
    return "附近" if requirement.near else ""


def _distance(requirement: PlaceRequirement, relation: PlaceRelation) -> str:
    """How far off a place is, where the need asked for kilometres."""
    if requirement.radius_km is None or not relation.distance_km:
        return ""
    return f",相距约 {relation.distance_km:.0f} 公里"
