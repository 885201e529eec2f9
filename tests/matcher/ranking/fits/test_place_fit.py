from __future__ import annotations

import pytest

from matcher.ranking.facts import default_tables, facts_of
from matcher.ranking.fits.place_fit import place_check
from matcher.records import Fit, PlaceRequirement
from tests.matcher.ranking.stated import listing


def fit(
    code: str, name: str, province: str | None, city: str | None = None, *, near: bool = False, out: bool = False
) -> Fit:
    requirement = PlaceRequirement(text=name, code=code, name=name, near=near, excluded=out)
    return place_check(requirement, default_tables().regions)(facts_of(listing(province=province, city=city)))


def test_inside_meets_with_the_place_as_evidence() -> None:
    found = fit("440000", "广东省", "广东省", "东莞市")
    assert found.outcome == "meets"
    assert found.evidence is not None
    assert (found.evidence.field, found.evidence.text) == ("city", "东莞市")


def test_elsewhere_misses_with_the_distance() -> None:
    found = fit("441900", "东莞市", "上海市", "上海市")
    assert found.outcome == "misses"
    assert found.shortfall is not None
    assert found.shortfall.startswith("需要东莞市,位于上海市,相距约 ")


@pytest.mark.parametrize(("near", "outcome"), [(True, "meets"), (False, "misses")])
def test_near_is_enough_only_where_it_is_asked_for(near: bool, outcome: str) -> None:
    assert fit("441900", "东莞市", "广东省", "广州市", near=near).outcome == outcome


def test_near_notes_the_distance() -> None:
    found = fit("441900", "东莞市", "广东省", "广州市", near=True)
    assert found.note is not None
    assert "公里" in found.note


def test_far_from_near_says_so() -> None:
    found = fit("441900", "东莞市", "北京市", "北京市", near=True)
    assert found.shortfall is not None
    assert found.shortfall.startswith("需要东莞市附近,位于北京市")


def test_no_place_is_unknown() -> None:
    found = fit("441900", "东莞市", None)
    assert (found.outcome, found.evidence, found.shortfall) == ("unknown", None, None)


def test_only_the_province_around_it_is_unknown() -> None:
    found = fit("441900", "东莞市", "广东省")
    assert found.outcome == "unknown"
    assert found.evidence is not None


def test_a_group_of_cities_holds_its_members() -> None:
    groups = [code for code in default_tables().regions.codes() if default_tables().regions[code].name == "珠三角"]
    assert fit(groups[0], "珠三角", "广东省", "佛山市").outcome == "meets"


def test_a_code_that_nobody_knows_is_unknown() -> None:
    found = fit("999999", "某地", "广东省", "东莞市")
    assert found.outcome == "unknown"
    assert found.note == "不认识的地区代码 999999"


@pytest.mark.parametrize(
    ("province", "city", "near", "outcome"),
    [
        ("广东省", "东莞市", False, "misses"),
        ("广东省", "广州市", False, "meets"),
        ("广东省", "广州市", True, "misses"),
        ("北京市", "北京市", True, "meets"),
        ("广东省", None, False, "unknown"),
        (None, None, False, "unknown"),
    ],
)
def test_an_excluded_place(province: str | None, city: str | None, near: bool, outcome: str) -> None:
    assert fit("441900", "东莞市", province, city, near=near, out=True).outcome == outcome


def test_an_excluded_place_is_named_where_it_misses() -> None:
    found = fit("440000", "广东省", "广东省", "东莞市", out=True)
    assert found.shortfall == "不要广东省,位于东莞市"
    assert found.evidence is not None


def test_a_city_around_an_excluded_district_leaves_it_open() -> None:
    assert fit("320583", "昆山市", "江苏省", "苏州市").outcome == "meets"
    assert fit("320583", "昆山市", "江苏省", "苏州市", out=True).outcome == "unknown"


@pytest.mark.parametrize(
    ("radius", "out", "outcome"),
    [(100.0, False, "misses"), (120.0, False, "meets"), (100.0, True, "meets"), (120.0, True, "misses")],
)
def test_a_radius_is_judged_to_the_kilometre(radius: float, out: bool, outcome: str) -> None:
    """泰州 lies 114 km from 南京."""
    requirement = PlaceRequirement(text="南京", code="320100", name="南京市", near=True, excluded=out, radius_km=radius)
    check = place_check(requirement, default_tables().regions)
    found = check(facts_of(listing(province="江苏省", city="泰州市")))
    assert found.outcome == outcome
    assert f"{found.note}{found.shortfall}".count("相距约 114 公里") == 1
    assert check(facts_of(listing(province=None, city=None))).outcome == "unknown"


def test_a_radius_missed_says_what_was_wanted() -> None:
    requirement = PlaceRequirement(text="南京", code="320100", name="南京市", near=True, radius_km=100.0)
    found = place_check(requirement, default_tables().regions)(facts_of(listing(province="江苏省", city="苏州市")))
    assert found.shortfall == "需要南京市100公里以内,位于苏州市,相距约 189 公里"
