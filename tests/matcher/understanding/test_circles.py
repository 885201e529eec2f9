"""A circle of so many kilometres against the distance itself."""

from __future__ import annotations

import pytest

from matcher.understanding.circles import circle_relation
from matcher.understanding.places import default_regions

REGIONS = default_regions()
NANJING, SUZHOU, TAIZHOU, JIANGSU, ANHUI = "320100", "320500", "321200", "320000", "340000"


@pytest.mark.parametrize("radius", [1.0, 50.0, 100.0, 150.0, 200.0, 1000.0])
def test_a_city_is_judged_by_its_distance(radius: float) -> None:
    for city in (SUZHOU, TAIZHOU, "441900", "110000"):
        gap = REGIONS.distance_km(NANJING, city)
        relation = circle_relation(REGIONS, NANJING, city, radius)
        assert relation.outcome == ("near" if gap <= radius else "outside")
        assert relation.distance_km == pytest.approx(gap)


def test_inside_the_place_is_inside_any_circle() -> None:
    assert circle_relation(REGIONS, NANJING, NANJING, 1).outcome == "inside"
    assert circle_relation(REGIONS, NANJING, "320115", 1).outcome == "inside"


@pytest.mark.parametrize(
    ("listing", "radius", "outcome"),
    [
        (JIANGSU, 100, "unknown"),
        (JIANGSU, 1000, "near"),
        (ANHUI, 100, "unknown"),
        (ANHUI, 1, "outside"),
        (None, 100, "unknown"),
    ],
)
def test_a_province_is_known_only_where_all_of_it_agrees(listing: str | None, radius: float, outcome: str) -> None:
    assert circle_relation(REGIONS, NANJING, listing, radius).outcome == outcome


def test_the_nearest_city_of_a_group_counts() -> None:
    assert circle_relation(REGIONS, "pearl-delta", "441900", 1).outcome == "inside"
    gap = REGIONS.gap_km("pearl-delta", NANJING)
    assert circle_relation(REGIONS, "pearl-delta", NANJING, gap + 1).outcome == "near"
    assert circle_relation(REGIONS, "pearl-delta", NANJING, gap - 1).outcome == "outside"
