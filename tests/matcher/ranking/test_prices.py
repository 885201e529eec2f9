from __future__ import annotations

import pytest

from matcher.ranking.prices import fees_of
from matcher.records import Evidence
from tests.matcher.ranking.stated import listing, parameter


@pytest.mark.parametrize(
    ("name", "low", "high", "unit", "expected"),
    [
        ("校外机时费", 350, 350, "元/h", (350, 350, "h")),
        ("单样收费", 160, 200, "元/样", (160, 200, "样")),
        ("单组收费", 27000, 27000, "元", (27000, 27000, "组")),
        ("30天使用费", 3.2, 9.6, "万元", (32000, 96000, "30天")),
        ("时段包干费", 400, None, "元", (400, 400, "")),
    ],
)
def test_prices_stand_in_parameters(
    name: str, low: float, high: float | None, unit: str, expected: tuple[float, float, str]
) -> None:
    (fee,) = fees_of(listing(parameter(name, low, high, unit)))
    assert (fee.low, fee.high, fee.per) == expected
    assert fee.evidence.field == "parameters[0]"


@pytest.mark.parametrize(
    ("name", "unit"),
    [("投资额", "万元"), ("产业基金", "亿元"), ("所内机时费", "元/h"), ("年产能", "t"), ("机时费", "美元/h")],
)
def test_investments_and_inside_prices_are_none(name: str, unit: str) -> None:
    assert fees_of(listing(parameter(name, 100, 100, unit))) == ()


def test_a_price_without_a_number_is_none() -> None:
    assert fees_of(listing(parameter("机时费", None, None, "元/h"))) == ()


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("氢谱150元/样,收样即测。", (150, 150, "样")),
        ("机时按115至150元/小时收取。", (115, 150, "小时")),
        ("按组收费2.7万元,一周一组。", (27000, 27000, "组")),
        ("占用费为3,500元/天。", (3500, 3500, "天")),
    ],
)
def test_prices_stand_in_words(summary: str, expected: tuple[float, float, str]) -> None:
    (fee,) = fees_of(listing(summary=summary))
    assert (fee.low, fee.high, fee.per) == expected
    assert fee.evidence.text in summary


def test_inside_prices_of_words_are_left_out() -> None:
    assert fees_of(listing(summary="校内自主上机220元/小时。")) == ()


def test_parameters_go_before_words() -> None:
    (fee,) = fees_of(listing(parameter("机时费", 350, 350, "元/h"), summary="机时350元/小时,送样1300元/天。"))
    assert fee.evidence == Evidence("parameters[0]", "机时费 350 元/h")


def test_the_price_of_an_investment_is_not_read_from_words() -> None:
    assert fees_of(listing(summary="总投资5亿元,占地30亩,年产值20亿元。")) == ()
