"""Values whose unit stands in a table's heading."""

from __future__ import annotations

import math

import pytest

from matcher.understanding.headings import read_headings
from matcher.understanding.text import normalise

INF = math.inf


@pytest.mark.parametrize(
    ("text", "span", "dimension", "low", "high", "unit", "name"),
    [
        ("容积(L)\t500", "容积(L)\t500", "volume", 500, 500, "L", "容积"),
        ("容积/L：500", "容积/L：500", "volume", 500, 500, "L", "容积"),
        ("容积（L）：500", "容积（L）：500", "volume", 500, 500, "L", "容积"),
        ("压力(MPa): ≤1.6", "压力(MPa): ≤1.6", "pressure", -INF, 1.6, "MPa", "压力"),
        ("粒径(μm) 15-53", "粒径(μm) 15-53", "length", 15, 53, "um", "粒径"),
        ("温度(℃):-40~85", "温度(℃):-40~85", "temperature", -40, 85, "degC", "温度"),
        ("热导率(W/(m·K)) 200", "热导率(W/(m·K)) 200", "thermal_conductivity", 200, 200, "W/(m*K)", "热导率"),
        ("面积(万m²) 3", "面积(万m²) 3", "area", 30000, 30000, "m^2", "面积"),
        ("公差(mm) ±0.05", "公差(mm) ±0.05", "length", -INF, 0.05, "mm", "公差"),
        ("产能(吨/年)|1000", "产能(吨/年)|1000", "mass_rate", 1000, 1000, "t/year", "产能"),
        ("容积\tL\t500", "容积\tL\t500", "volume", 500, 500, "L", "容积"),
        ("汽车部件盐雾试验箱体有效容积(L):5", "盐雾试验箱体有效容积(L):5", "volume", 5, 5, "L", "盐雾试验箱体有效容积"),
        ("fermentation volume(L):5", "fermentation volume(L):5", "volume", 5, 5, "L", "fermentation volume"),
        ("容积(L)\t不低于500", "容积(L)\t不低于500", "volume", 500, INF, "L", "容积"),
    ],
)
def test_reads_a_value_beside_its_heading(
    text: str, span: str, dimension: str, low: float, high: float, unit: str, name: str
) -> None:
    (reading,) = read_headings(normalise(text))
    assert text[reading.start : reading.end] == span
    assert (reading.dimension, reading.unit, reading.name) == (dimension, unit, name)
    assert (reading.interval.min, reading.interval.max) == (low, high)


def test_reads_the_columns_below_a_heading() -> None:
    text = "名称\t容积(L)\t温度/℃\n发酵罐\t500\t-20~150\n种子罐\t≥50\t室温\n合计"
    found = [(text[r.start : r.end], r.dimension, r.interval.min, r.interval.max) for r in read_headings(text)]
    assert sorted(found) == [
        ("-20~150", "temperature", -20, 150),
        ("500", "volume", 500, 500),
        ("≥50", "volume", 50, INF),
    ]


@pytest.mark.parametrize(
    "text",
    ["容积(大) 500", "见表(L)", "容积(L) 500 mL", "报告(甲) 5", "A/B:3", "名称\t数量\n罐\t5", "(L) 500", "容积(L)\t大"],
)
def test_other_brackets_are_no_headings(text: str) -> None:
    assert read_headings(text) == []
