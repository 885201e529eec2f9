from __future__ import annotations

import math

import pytest

from matcher.ranking.wording import money_words, number_words, span_words, unit_words, wafer_words

INF = math.inf


@pytest.mark.parametrize(
    ("low", "high", "unit", "dimension", "expected"),
    [
        (500, 500, "L", "volume", "500 L"),
        (500, INF, "L", "volume", "≥ 500 L"),
        (-INF, 300, "L", "volume", "≤ 300 L"),
        (5000, 5000, "m^3", "volume", "5 m³"),
        (-40, 85, "degC", "temperature", "-40~85℃"),
        (0.127, 0.127, "thou", "length", "5 mil"),
        (99.7, INF, "percent", "fraction", "≥ 99.7%"),
        (7, 7, "1", "cleanroom", "7 级(ISO)"),
        (8.6, 8.6, "1", "panel_generation", "8.6 代"),
        (2e7, 2e7, "Pa", "pressure", "2000 万Pa"),
        (20e6, 20e6, "MPa", "pressure", "20 MPa"),
        (24000, 24000, "1/month", "count_rate", "2000 /month"),
        (1e18, INF, "1/s", "compute_rate", "≥ 1000 P"),
        (-INF, 5e14, "1/s", "compute_rate", "≤ 500 T"),
        (1e15, 2.5e15, "1/s", "compute_rate", "1~2.5 P"),
    ],
)
def test_ranges_in_the_words_of_a_requester(low: float, high: float, unit: str, dimension: str, expected: str) -> None:
    if dimension == "count_rate":
        expected = "2000 /月"
    assert span_words(low, high, unit, dimension) == expected


def test_a_superlative_stands_before_a_single_end() -> None:
    assert span_words(-INF, 300, "L", "volume", best="最大") == "最大 300 L"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(200, 200, "8 英寸"), (150, 200, "6~8 英寸"), (210, 210, "210 mm"), (50, INF, "≥ 50 mm")],
)
def test_wafers_are_named_in_inches(low: float, high: float, expected: str) -> None:
    assert wafer_words(low, high) == expected


@pytest.mark.parametrize(("yuan", "words"), [(350, "350 元"), (27_000, "2.7 万元"), (2_000_000, "200 万元")])
def test_money(yuan: float, words: str) -> None:
    assert money_words(yuan) == words


@pytest.mark.parametrize(("value", "words"), [(0.30000000000000004, "0.3"), (500.0, "500"), (120_000, "12 万")])
def test_numbers_have_no_digits_that_rounding_made(value: float, words: str) -> None:
    assert number_words(value) == words


@pytest.mark.parametrize(("unit", "words"), [("t/year", "t/年"), ("um", "μm"), ("W/(m*K)", "W/(m·K)"), ("1", "")])
def test_units(unit: str, words: str) -> None:
    assert unit_words(unit, "length") == words
