"""What is taken where something else fails shuts nothing out; a plain refusal still does."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.records import Need, PlaceRequirement
from matcher.understanding.reading import Reader

DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def places(reader: Reader, text: str) -> list[tuple[str, str, bool]]:
    found = reader.read(Need(text=text), DAY).requirements
    return [(one.code, one.strength, one.excluded) for one in found if isinstance(one, PlaceRequirement)]


@pytest.mark.parametrize(
    "text",
    [
        "苏州不行的话无锡也可以",
        "聚氨酯中试,最好苏州,苏州不行的话无锡也可以",
        "苏州没有的话无锡也行",
        "苏州不行就无锡",
        "苏州的不行就找无锡的",
        "苏州不方便的话去无锡也可以",
        "苏州找不到就去无锡",
        "苏州没有合适的再考虑无锡",
        "苏州实在不行,无锡也可以",
        "优先苏州,实在不行无锡",
        "如果苏州不行,无锡也可以",
        "苏州不行时可以去无锡",
        "if not Suzhou, Wuxi is fine",
    ],
)
def test_the_first_choice_and_the_second_are_wanted(reader: Reader, text: str) -> None:
    assert places(reader, text) == [("320500", "prefer", False), ("320200", "prefer", False)]


def test_a_list_falls_back_as_a_whole(reader: Reader) -> None:
    found = places(reader, "苏州、无锡都不行的话去常州")
    assert found == [(code, "prefer", False) for code in ("320500", "320200", "320400")]


def test_a_group_falls_back_on_a_group(reader: Reader) -> None:
    found = places(reader, "聚氨酯中试,长三角不行的话珠三角也可以")
    assert found == [("yangtze-delta", "prefer", False), ("pearl-delta", "prefer", False)]


def test_nothing_to_fall_back_on_is_still_a_wish(reader: Reader) -> None:
    assert places(reader, "如果苏州不行就算了") == [("320500", "prefer", False)]


@pytest.mark.parametrize(
    "text", ["苏州不行", "苏州的不行", "苏州的一律不行", "苏州就不考虑了", "苏州不行时间紧", "不要苏州的就行"]
)
def test_a_plain_refusal_still_shuts_out(reader: Reader, text: str) -> None:
    assert places(reader, text) == [("320500", "must", True)]


def test_where_somebody_is_falls_back_on_nothing(reader: Reader) -> None:
    assert places(reader, "我们在苏州找不到就去无锡") == [("320200", "prefer", False)]
