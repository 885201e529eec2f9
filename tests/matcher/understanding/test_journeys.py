"""How long the way to a place takes says how near it is to be, and is no deadline, no parameter and no industry."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.records import Need, PlaceRequirement, Requirement
from matcher.understanding.reading import Reader

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def read(reader: Reader, text: str) -> tuple[Requirement, ...]:
    return reader.read(Need(text=text), DAY).requirements


@pytest.mark.parametrize(
    "text",
    [
        "距离深圳高铁1小时内",
        "深圳1小时车程内",
        "深圳高铁2小时可达",
        "到深圳两小时车程以内",
        "离深圳开车半小时",
        "深圳1小时交通圈",
        "深圳市区半小时车程",
        "深圳周边1.5小时车程",
        "离深圳不超过2小时高铁",
        "距离深圳高铁站1小时",
        "离深圳北站附近2小时车程内",
    ],
)
def test_a_journey_means_near(reader: Reader, text: str) -> None:
    (place,) = read(reader, text)
    assert isinstance(place, PlaceRequirement)
    assert (place.code, place.near, place.excluded, place.radius_km) == ("440300", True, False, None)


def test_what_it_is_held_against_is_said(reader: Reader) -> None:
    notes = reader.read(Need(text="距离深圳高铁1小时内的注塑厂"), DAY).notes
    assert list(notes) == ["“深圳高铁1小时内”按在附近判断(附近指约 150 公里以内)"]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("深圳,1小时内出结果", ["place", "quantity", "deadline"]),
        ("在深圳做高铁轴承,一个月内", ["place", "industry", "industry", "quantity", "deadline"]),
        ("深圳高铁轴承疲劳试验1小时", ["place", "industry", "industry", "quantity"]),
        ("高铁轴承,离深圳1小时", ["industry", "industry", "place"]),
        ("距离深圳1天内", ["place", "quantity", "deadline"]),
    ],
)
def test_other_times_and_trains_stay(reader: Reader, text: str, types: list[str]) -> None:
    assert [one.type for one in read(reader, text)] == types


def test_hours_beyond_stay_far(reader: Reader) -> None:
    (place,) = read(reader, "离深圳2小时车程以外")
    assert isinstance(place, PlaceRequirement)
    assert place.excluded


def test_a_way_to_nowhere_is_no_time_of_a_test(reader: Reader) -> None:
    assert [one.text for one in read(reader, "一小时车程,疲劳试验 2 小时")] == ["2 小时"]
