"""Orders of magnitude in words."""

from __future__ import annotations

import math

import pytest

from matcher.understanding.scales import read_scales

INF = math.inf


@pytest.mark.parametrize(
    ("text", "span", "dimension", "low", "high", "unit"),
    [
        ("吨级放大", "吨级", "mass", 1, 10, "t"),
        ("公斤级以上条件", "公斤级以上", "mass", 1, INF, "kg"),
        ("克级合成", "克级", "mass", 1, 10, "g"),
        ("毫克级", "毫克级", "mass", 1, 10, "mg"),
        ("kg级别", "kg级别", "mass", 1, 10, "kg"),
        ("百克级", "百克级", "mass", 100, 1000, "g"),
        ("千吨级示范", "千吨级", "mass", 1000, 10000, "t"),
        ("百升级发酵", "百升级", "volume", 100, 1000, "L"),
        ("兆瓦级电解槽", "兆瓦级", "power", 1, 10, "MW"),
        ("万伏级器件", "万伏级", "voltage", 10000, 100000, "V"),
        ("百毫升以上反应", "百毫升以上", "volume", 100, INF, "mL"),
        ("千吨级以下", "千吨级以下", "mass", -INF, 10000, "t"),
        ("数百公斤级", "数百公斤级", "mass", 100, 1000, "kg"),
        ("年产千吨级", "年产千吨级", "mass_rate", 1000, 10000, "t/year"),
        ("年化百吨级中试线", "年化百吨级", "mass_rate", 100, 1000, "t/year"),
        ("十吨级/年产线", "十吨级/年", "mass_rate", 10, 100, "t/year"),
        ("吨级发酵罐", "吨级", "volume", 1, 10, "m^3"),
    ],
)
def test_reads_a_decade(text: str, span: str, dimension: str, low: float, high: float, unit: str) -> None:
    (reading,) = read_scales(text)
    assert text[reading.start : reading.end] == span
    assert (reading.dimension, reading.unit) == (dimension, unit)
    assert (reading.interval.min, reading.interval.max) == (low, high)
    assert reading.interval.approximate


def test_a_decade_ends_before_the_next() -> None:
    (tonne,), (ten,) = read_scales("吨级"), read_scales("十吨级")
    assert tonne.interval.max == ten.interval.min
    assert not tonne.interval.max_closed


@pytest.mark.parametrize(
    "text",
    [
        "产品升级",
        "超级",
        "公斤以上",
        "200公斤级",
        "5吨级码头",
        "纳米级污染物",
        "米级",
        "Mg级",
        "百级洁净",
        "克级联反应",
    ],
)
def test_other_words_are_no_scales(text: str) -> None:
    assert read_scales(text) == []
