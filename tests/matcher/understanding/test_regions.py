"""The shipped table of places and the questions asked of it."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.understanding.region import Region
from matcher.understanding.regions import NEAR_KM, REGIONS_PATH, Regions

REGIONS = Regions.load()
CODES = REGIONS.codes()
codes = st.sampled_from(CODES)


class TestTable:
    def test_has_every_province(self) -> None:
        provinces = [code for code in CODES if REGIONS[code].level == "province"]
        assert len(provinces) == 34

    def test_has_every_prefecture(self) -> None:
        # 293 prefecture-level cities, 30 prefectures, 7 地区 and 3 盟 (and 雄安), without county-level units.
        cities = [code for code in CODES if REGIONS[code].level == "city" and code[2:4] != "90"]
        assert len(cities) == 334

    def test_is_small(self) -> None:
        assert REGIONS_PATH.stat().st_size < 200_000

    def test_a_code_says_its_parent(self) -> None:
        for code in CODES:
            if code.isdigit() and REGIONS[code].parent:
                assert REGIONS[code].parent in (code[:4] + "00", code[:2] + "0000")

    @pytest.mark.parametrize(
        ("name", "lat", "lon"),
        [
            ("北京", 39.9, 116.4),
            ("上海", 31.2, 121.5),
            ("广州", 23.1, 113.3),
            ("深圳", 22.5, 114.1),
            ("东莞", 23.0, 113.8),
            ("成都", 30.6, 104.1),
            ("重庆", 29.6, 106.5),
            ("武汉", 30.6, 114.3),
            ("西安", 34.3, 108.9),
            ("乌鲁木齐", 43.8, 87.6),
            ("拉萨", 29.7, 91.1),
            ("哈尔滨", 45.8, 126.5),
            ("昆明", 25.0, 102.7),
            ("三亚", 18.3, 109.5),
            ("青岛", 36.1, 120.4),
            ("厦门", 24.5, 118.1),
            ("兰州", 36.1, 103.8),
            ("沈阳", 41.8, 123.4),
            ("香港", 22.3, 114.2),
            ("呼和浩特", 40.8, 111.7),
        ],
    )
    def test_known_cities_stand_where_they_are(self, name: str, lat: float, lon: float) -> None:
        region = REGIONS[REGIONS.find(name)]
        assert region.lat == pytest.approx(lat, abs=0.3)
        assert region.lon == pytest.approx(lon, abs=0.3)

    def test_cities_are_near_their_province(self) -> None:
        # Inner Mongolia, Tibet and Xinjiang are 2,000 km wide and more.
        for code in CODES:
            if REGIONS[code].level == "city":
                limit = 1300 if code[:2] in ("15", "54", "65") else 1000
                assert REGIONS.distance_km(code, code[:2] + "0000") < limit

    def test_a_name_read_alone_means_one_place(self) -> None:
        shorts = Counter(name for code in CODES for name in REGIONS[code].short)
        assert [name for name, count in shorts.items() if count > 1] == []


class TestNames:
    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("广东", "440000"),
            ("广东省", "440000"),
            ("东莞", "441900"),
            ("东莞市", "441900"),
            (" 东莞 ", "441900"),
            ("441900", "441900"),
            ("江苏昆山", "320583"),
            ("江苏省苏州市", "320500"),
            ("北京朝阳区", "110105"),
            ("朝阳区", "110105"),
            ("朝阳市", "211300"),
            ("徐州鼓楼区", "320302"),
            ("吉林", "220000"),
            ("吉林市", "220200"),
            ("海南", "460000"),
            ("高密", "370785"),
            ("松山湖", "441900"),
            ("光谷", "420100"),
            ("大湾区", "gba"),
            ("珠三角", "pearl-delta"),
            ("海西州", "632800"),
            ("海西", "west-strait"),
            ("六盘水", "520200"),
        ],
    )
    def test_find(self, name: str, code: str) -> None:
        assert REGIONS.find(name) == code

    def test_an_unknown_name_brings_near_ones(self) -> None:
        with pytest.raises(InvalidInput, match="广东") as refusal:
            REGIONS.find("广东生")
        assert refusal.value.field == "place"

    def test_an_unknown_name_like_none_says_what_to_write(self) -> None:
        with pytest.raises(InvalidInput, match="全名"):
            REGIONS.find("qqq")

    def test_a_name_of_several_places_lists_them(self) -> None:
        with pytest.raises(InvalidInput, match="四川省乐山市市中区"):
            REGIONS.find("市中区")

    def test_an_unknown_code_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="999999"):
            REGIONS["999999"]
        assert "999999" not in REGIONS

    @given(codes)
    @settings(max_examples=100, deadline=None)
    def test_every_full_name_is_found_again(self, code: str) -> None:
        if REGIONS[code].level in ("province", "city", "group"):
            assert REGIONS.find(REGIONS[code].name) == code


class TestResolve:
    @pytest.mark.parametrize(
        ("province", "city", "code"),
        [
            ("广东省", "东莞市", "441900"),
            ("广东", "东莞", "441900"),
            ("广东省", None, "440000"),
            (None, "东莞市", "441900"),
            ("上海市", "上海市", "310000"),
            ("香港特别行政区", "香港", "810000"),
            ("青海省", "海西州", "632800"),
            ("新疆维吾尔自治区", "尉犁县", "652823"),
            ("湖北省", "天门市", "429006"),
            ("广东省", "不存在市", "440000"),
            ("浙江", "安吉", "330523"),
            (None, None, None),
            ("", "", None),
            ("火星", None, None),
        ],
    )
    def test_fields(self, province: str | None, city: str | None, code: str | None) -> None:
        assert REGIONS.resolve(province, city) == code

    def test_every_listing_and_need_of_the_catalogue_has_its_place(self) -> None:
        for file in ("listings", "needs_dev", "needs_train"):
            for line in (REGIONS_PATH.parent / f"{file}.jsonl").read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                if row["province"] or row["city"]:
                    assert REGIONS.resolve(row["province"], row["city"]), row["id"]


class TestContains:
    @pytest.mark.parametrize(
        ("outer", "inner", "expected"),
        [
            ("440000", "441900", True),
            ("441900", "440000", False),
            ("320000", "320583", True),
            ("320500", "320583", True),
            ("pearl-delta", "441900", True),
            ("pearl-delta", "440000", False),
            ("pearl-delta", "440306", True),
            ("gba", "pearl-delta", True),
            ("pearl-delta", "gba", False),
            ("east-china", "320583", True),
            ("441900", "songshan-lake", True),
            ("songshan-lake", "441900", True),
            ("110000", "120000", False),
        ],
    )
    def test_contains(self, outer: str, inner: str, expected: bool) -> None:
        assert REGIONS.contains(outer, inner) is expected

    @given(codes)
    @settings(max_examples=100, deadline=None)
    def test_a_place_contains_itself_and_lies_in_what_is_above_it(self, code: str) -> None:
        assert REGIONS.contains(code, code)
        assert all(REGIONS.contains(above, code) for above in REGIONS.ancestors(code))

    @given(codes, codes, codes)
    @settings(max_examples=100, deadline=None)
    def test_containing_is_transitive(self, a: str, b: str, c: str) -> None:
        if REGIONS.contains(a, b) and REGIONS.contains(b, c):
            assert REGIONS.contains(a, c)

    def test_ancestors_go_up(self) -> None:
        assert REGIONS.ancestors("320583") == ("320500", "320000")
        assert REGIONS.ancestors("gba") == ()

    def test_groups_of_a_city(self) -> None:
        assert {"gba", "pearl-delta", "south-china"} <= set(REGIONS.groups_of("441900"))
        assert "yangtze-delta" not in REGIONS.groups_of("441900")


class TestDistance:
    @given(codes, codes)
    @settings(max_examples=100, deadline=None)
    def test_symmetric(self, a: str, b: str) -> None:
        assert REGIONS.distance_km(a, b) == pytest.approx(REGIONS.distance_km(b, a))

    @given(codes, codes)
    @settings(max_examples=100, deadline=None)
    def test_the_gap_to_a_place_is_no_more_than_to_any_city_in_it(self, outer: str, code: str) -> None:
        gap = REGIONS.gap_km(outer, code)
        if REGIONS[outer].level != "district":
            assert all(gap <= REGIONS.distance_km(city, code) + 1e-9 for city in REGIONS.cities(outer))

    def test_dongguan_to_shenzhen(self) -> None:
        assert REGIONS.distance_km("441900", "440300") == pytest.approx(62, abs=3)


class TestRelation:
    @pytest.mark.parametrize(
        ("wanted", "listing", "near", "outcome"),
        [
            ("441900", "441900", False, "inside"),
            ("440000", "441900", False, "inside"),
            ("gba", "810000", False, "inside"),
            ("441900", "440300", False, "outside"),
            ("441900", "440300", True, "near"),
            ("441900", "500000", True, "outside"),
            ("441900", "440000", True, "unknown"),
            ("pearl-delta", "440000", False, "unknown"),
            ("441900", None, True, "unknown"),
            ("320583", "320500", False, "inside"),
            ("310115", "310000", False, "inside"),
            ("320583", "320582", False, "outside"),
            ("320583", "320582", True, "near"),
            ("330000", "310000", True, "near"),
            ("east-china", "441900", True, "outside"),
            ("songshan-lake", "441900", False, "inside"),
        ],
    )
    def test_outcome(self, wanted: str, listing: str | None, near: bool, outcome: str) -> None:
        assert REGIONS.relation(wanted, listing, near).outcome == outcome

    def test_notes_can_be_checked(self) -> None:
        assert REGIONS.relation("441900", "440300", True).note == "同属粤港澳大湾区,相距约 62 公里"
        assert REGIONS.relation("320583", "320500").note == "只写到苏州市,按市判断"
        assert REGIONS.relation("441900", "440000").note == "只写到广东省"
        assert REGIONS.relation("320583", "320582").note == "同在苏州市,不在昆山市"

    def test_inside_is_no_distance_and_unknown_has_none(self) -> None:
        assert REGIONS.relation("440000", "441900").distance_km == 0
        assert REGIONS.relation("440000", None).distance_km is None

    @given(codes, codes)
    @settings(max_examples=100, deadline=None)
    def test_asking_for_near_never_turns_a_place_away(self, wanted: str, listing: str) -> None:
        strict, lenient = REGIONS.relation(wanted, listing), REGIONS.relation(wanted, listing, near=True)
        assert strict.outcome != "near"
        assert lenient.outcome == strict.outcome or (strict.outcome, lenient.outcome) == ("outside", "near")

    @given(codes, codes)
    @settings(max_examples=100, deadline=None)
    def test_what_is_within_the_radius_is_near(self, wanted: str, listing: str) -> None:
        relation = REGIONS.relation(wanted, listing, near=True)
        if relation.outcome == "outside":
            assert relation.distance_km is not None
            assert relation.distance_km > NEAR_KM

    @given(codes, codes)
    @settings(max_examples=50, deadline=None)
    def test_inside_is_containing_or_judged_by_the_city(self, wanted: str, listing: str) -> None:
        relation = REGIONS.relation(wanted, listing)
        if relation.outcome == "inside" and not relation.note:
            assert REGIONS.contains(wanted, listing)

    def test_a_place_not_in_the_table_is_refused(self) -> None:
        with pytest.raises(InvalidInput):
            REGIONS.relation("000000", "441900")


def test_a_small_table_of_ones_own() -> None:
    rows = [
        Region("1", "甲省", ("甲",), "province", None, 30.0, 110.0),
        Region("2", "乙市", ("乙",), "city", "1", 30.0, 110.0),
        Region("3", "丙市", ("丙",), "city", "1", 31.0, 110.0),
        Region("g", "甲群", (), "group", None, 0.0, 0.0, ("2", "3")),
    ]
    regions = Regions(rows)
    assert len(regions) == 4
    assert regions.cities("g") == {"2", "3"}
    assert regions.distance_km("g", "2") == pytest.approx(regions.distance_km("g", "3"))
    assert regions.full_name("3") == "甲省丙市"
