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
    ("text", "said"),
    [
        ("续航100公里,东莞附近", "100公里"),
        ("东莞附近100公里续航测试", "100公里"),
        ("通信距离大于100公里", "大于100公里"),
        ("东莞到深圳100公里光纤", "100公里"),
        ("离东莞100公里以外", "100公里"),
        ("东莞附近,管长3 km", "3 km"),
        ("东莞附近500 L发酵罐", "500 L"),
    ],
)
def test_another_length_stays(reader: Reader, text: str, said: str) -> None:
    found = reader.read(Need(text=text), DAY).requirements
    assert [one.text for one in found if isinstance(one, QuantityRequirement)] == [said]
