"""One row of the table of places, its checks, and distance."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import BrokenArtefact
from matcher.understanding.region import Region, bare_name, check_regions, great_circle_km, read_regions

GUANGDONG = Region("440000", "广东省", ("广东",), "province", None, 23.1, 113.3)
DONGGUAN = Region("441900", "东莞市", ("东莞",), "city", "440000", 23.0, 113.7)
LAKE = Region("songshan-lake", "松山湖", (), "zone", "441900", 23.0, 113.7)
GROUP = Region("prd", "珠三角", (), "group", None, 0.0, 0.0, ("441900",))
ROWS = (GUANGDONG, DONGGUAN, LAKE, GROUP)

HEADER = "code,name,short,level,parent,lat,lon,members,source\n"

points = st.tuples(st.floats(-89, 89), st.floats(-179, 179))


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("东莞市", "东莞"),
        ("广东省", "广东"),
        ("临县", "临县"),
        ("大兴安岭地区", "大兴安岭"),
        ("内蒙古自治区", "内蒙古"),
        ("香港特别行政区", "香港"),
        ("长三角", "长三角"),
    ],
)
def test_bare_name_drops_the_suffix_but_never_leaves_one_character(name: str, bare: str) -> None:
    assert bare_name(name) == bare


def test_distance_agrees_with_a_known_one() -> None:
    # Beijing to Shanghai is 1,067 km by the great circle between these two points.
    assert great_circle_km((39.904, 116.407), (31.230, 121.474)) == pytest.approx(1067, abs=3)


@given(points, points)
@settings(max_examples=100, deadline=None)
def test_distance_is_symmetric_and_no_longer_than_half_the_globe(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    assert great_circle_km(a, b) == pytest.approx(great_circle_km(b, a), abs=1e-6)
    assert 0 <= great_circle_km(a, b) <= math.pi * 6371.0 + 1e-6


@given(points)
@settings(max_examples=50, deadline=None)
def test_distance_to_itself_is_zero(a: tuple[float, float]) -> None:
    assert great_circle_km(a, a) == 0


@given(points, points, points)
@settings(max_examples=100, deadline=None)
def test_a_detour_is_never_shorter(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
    assert great_circle_km(a, c) <= great_circle_km(a, b) + great_circle_km(b, c) + 1e-6


def test_good_rows_pass() -> None:
    check_regions(ROWS)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (DONGGUAN, "重复"),
        (replace(DONGGUAN, code="1", parent="999999"), "上级"),
        (replace(DONGGUAN, code="1", parent=None), "上级"),
        (replace(GUANGDONG, code="1", parent="440000"), "上级"),
        (replace(LAKE, code="1", parent="prd"), "上级"),
        (replace(GROUP, code="1", members=("1234",)), "成员"),
        (replace(GROUP, code="1", members=()), "成员"),
        (replace(DONGGUAN, code="1", members=("440000",)), "成员"),
        (replace(DONGGUAN, code="1", lat=113.7, lon=23.0), "坐标"),
        (replace(DONGGUAN, code="1", lat=math.nan), "坐标"),
    ],
)
def test_bad_rows_are_named(row: Region, problem: str) -> None:
    with pytest.raises(BrokenArtefact, match=problem):
        check_regions([*ROWS, row])


def test_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(
        HEADER + "440000,广东省,广东|粤,province,,23.1,113.3,,gb\nprd,珠三角,,group,,,,440000,own\n", encoding="utf-8"
    )
    province, group = read_regions(path)
    assert province == replace(GUANGDONG, short=("广东", "粤"))
    assert group.members == ("440000",)


@pytest.mark.parametrize("line", ["1,东莞市,,town,,1,1,,x\n", "1,东莞市,,city,,north,1,,x\n", "1,东莞市\n"])
def test_an_unreadable_row_is_a_broken_table(tmp_path: Path, line: str) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(HEADER + line, encoding="utf-8")
    with pytest.raises(BrokenArtefact):
        read_regions(path)


def test_a_missing_table_says_what_to_restore(tmp_path: Path) -> None:
    with pytest.raises(BrokenArtefact, match=r"regions\.csv"):
        read_regions(tmp_path / "none.csv")
