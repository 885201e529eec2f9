"""A distance from a place says how near, and is no parameter; any other length is one."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.records import Need, PlaceRequirement, QuantityRequirement
from matcher.understanding.reading import Reader

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.parametrize(
    "text",
    [
        "离东莞100公里以内",
        "距东莞100公里内",
        "东莞周边100公里",
        "东莞方圆50公里",
        "东莞100公里以内的发酵平台",
        "距离东莞不超过100公里",
        "离东莞的距离在100公里以内",
        "东莞市周边100km范围内找厂",
    ],
)
def test_a_distance_means_near(reader: Reader, text: str) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert [(one.code, one.near) for one in found if isinstance(one, PlaceRequirement)] == [("441900", True)]
    assert not [one for one in found if isinstance(one, QuantityRequirement)]


@pytest.mark.parametrize(
    ("text", "radius"),
    [
        ("离东莞100公里以内的化工中试基地", 100),
        ("东莞周边50公里", 50),
        ("东莞附近300公里内", 300),
        ("东莞方圆一百公里以内", 100),
        ("离东莞不超过80公里", 80),
        ("距离东莞不要超过100公里", 100),
        ("离东莞100公里以外的不要", 100),
        ("离东莞超过200公里就算了", 200),
        ("within 100 km of Dongguan", 100),
        ("within 10 miles of Dongguan", 16.1),
        ("东莞附近", None),
        ("东莞附近100公里续航测试", None),
        ("东莞附近0公里", None),
    ],
)
def test_the_radius_said_is_kept(reader: Reader, text: str, radius: float | None) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    (place,) = [one for one in found if isinstance(one, PlaceRequirement)]
    assert (place.near, place.excluded, place.radius_km) == (True, False, radius)


def test_a_radius_is_of_all_the_places_of_a_list(reader: Reader) -> None:
    found = reader.read(Need(text="离南京、镇江100公里以内"), DAY).requirements
    assert [one.radius_km for one in found if isinstance(one, PlaceRequirement)] == [100, 100]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("续航100公里,东莞附近", "100公里"),
        ("东莞附近100公里续航测试", "100公里"),
        ("通信距离大于100公里", "大于100公里"),
        ("东莞到深圳100公里光纤", "100公里"),
        ("东莞附近,管长3 km", "3 km"),
        ("东莞附近500 L发酵罐", "500 L"),
    ],
)
def test_another_length_stays(reader: Reader, text: str, said: str) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert [one.text for one in found if isinstance(one, QuantityRequirement)] == [said]


def test_a_page_of_places_and_numbers_is_as_if_each_stood_alone(reader: Reader) -> None:
    """Against every pair: which numbers are distances from which places."""
    lines = ["离东莞100公里以内", "通信距离大于30公里", "广州附近", "深圳周边80公里", "管长3 km", "不要佛山,续航60公里"]
    alone = [
        one.text
        for line in lines
        for one in reader.read(Need(text=line), DAY).requirements
        if isinstance(one, QuantityRequirement)
    ]
    together = reader.read(Need(text="。".join(lines)), DAY).requirements
    assert [one.text for one in together if isinstance(one, QuantityRequirement)] == alone
