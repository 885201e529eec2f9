"""How a listing stands to a circle of so many kilometres around a place (离南京100公里以内)."""

from __future__ import annotations

from matcher.understanding.regions import PlaceRelation, Regions


def circle_relation(regions: Regions, wanted: str, listing: str | None, radius_km: float) -> PlaceRelation:
    """How a listing at `listing` (a code, or None where it names no place) stands to what is within `radius_km` km.

    Measured from the nearest city of `wanted`, centre to centre. A listing that names only a province is unknown where
    the circle takes in some of its cities and not all.
    """
    relation = regions.relation(wanted, listing)
    if listing is None or relation.outcome == "inside":
        return relation
    cities = regions.cities(listing)
    gaps = [regions.gap_km(wanted, city) for city in cities] if len(cities) > 1 else [regions.gap_km(wanted, listing)]
    least, most = min(gaps), max(gaps)
    if least <= radius_km < most:
        return PlaceRelation("unknown", None, f"只写到{regions[listing].name},相距约 {least:.0f}–{most:.0f} 公里")
    return PlaceRelation("near" if most <= radius_km else "outside", least, f"相距约 {least:.0f} 公里")
