"""Places read from a need."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import PlaceRequirement
from matcher.understanding.places import default_regions, read_mentions, read_places


def test_a_place_is_read_with_its_span_code_and_name() -> None:
    assert read_places("找500L发酵罐,东莞附近") == [
        PlaceRequirement(text="东莞", start=9, end=11, code="441900", name="东莞市", near=True)
    ]


def test_only_places_where_the_work_is_wanted_are_requirements() -> None:
    text = "烟台一家药企提出技术需求,希望在上海找脂质体中试线"
    assert [place.code for place in read_places(text)] == ["310000"]
    assert [place.code for place in read_places(text, all=True)] == ["370600", "310000"]


def test_mentions_tell_what_each_place_is_for() -> None:
    mentions = read_mentions("人在深圳,产品卖到西藏,最好在东莞做氙灯老化")
    assert [(m.requirement.name, m.role) for m in mentions] == [
        ("深圳市", "origin"),
        ("西藏自治区", "mention"),
        ("东莞市", "wanted"),
    ]


@pytest.mark.parametrize("link", ["、", "或", "和", "与", "/", "或者", ""])
def test_what_is_said_of_a_list_is_said_of_each_place(link: str) -> None:
    places = read_places(f"仅限深圳{link}东莞周边的厂")
    assert [(place.code, place.strength, place.near) for place in places] == [
        ("440300", "must", True),
        ("441900", "must", True),
    ]


def test_a_comma_ends_the_list() -> None:
    first, second = read_places("限宁夏,甘肃最好")
    assert (first.strength, second.strength) == ("must", "prefer")


def test_a_text_without_places_has_none() -> None:
    assert read_places("发酵罐50吨以上,不限地域") == []


def test_a_district_keeps_its_own_code_and_a_zone_has_its_citys() -> None:
    assert [place.code for place in read_places("昆山或者松山湖都可以")] == ["320583", "441900"]


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_spans_hold_for_any_text(text: str) -> None:
    for place in read_places(text, all=True):
        assert place.text == text[place.start : place.end]
        assert place.code in default_regions()


def test_a_hundred_characters_take_well_under_a_millisecond() -> None:
    text = "手里有热灭活菌泥约2吨,想在山东就近租一台离心喷雾塔,跑三天就行,浙江、江苏也可以,需要CNAS报告和GMP车间。" * 2
    read_places(text)
    took = []
    for _ in range(20):
        started = time.perf_counter()
        read_places(text)
        took.append(time.perf_counter() - started)
    # 0.06 ms on an idle core; the bound leaves room for a busy one.
    assert min(took) < 0.003


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("浦东或者临港", [("310115", "prefer", False), ("310000", "prefer", False)]),
        ("发酵/江苏", [("320000", "prefer", False)]),
        ("发酵|江苏|500L", [("320000", "prefer", False)]),
        ("销往华东/江苏等地", []),
        ("京津冀 除了天津", [("jing-jin-ji", "prefer", False), ("120000", "must", True)]),
        ("京津冀除了天津,做发酵中试", [("jing-jin-ji", "prefer", False), ("120000", "must", True)]),
        ("除了天津,唐山也行", [("130200", "prefer", False)]),
        ("天津临港经济区的化工中试", [("120000", "prefer", False)]),
        ("临港工业区的需求", []),
        ("fermentation, no Xinjiang", [("650000", "must", True)]),
        (
            "Protein hydrolysis scale-up, food grade, Tianjin or Beijing but not Hebei",
            [("120000", "prefer", False), ("110000", "prefer", False), ("130000", "must", True)],
        ),
        (
            "Looking for a contract manufacturer of peptides at 50 L scale, GMP, Shanghai.",
            [("310000", "prefer", False)],
        ),
        ("We are Foo Biotech Co., Ltd, Tianjin, and we need a fermentation pilot plant somewhere.", []),
        ("We develop enzymes with a long history in this field of work, Tianjin.", []),
    ],
)
def test_places_with_few_words_around_them(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert [(one.code, one.strength, one.excluded) for one in read_places(text)] == expected
