"""Units as they are written, in running text and in the parameters of the shipped catalogue."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Interval
from matcher.understanding.unit_table import table, to_base
from matcher.understanding.units import base_unit, canonical, in_base, match_unit, resolve

DATASETS = Path(__file__).resolve().parents[3] / "datasets"
LAWS = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    ("text", "dimension", "name", "end"),
    [
        ("L", "volume", "L", 1),
        (" L 发酵罐", "volume", "L", 2),
        ("升以上", "volume", "L", 1),
        ("公斤", "mass", "kg", 2),
        ("平方米", "area", "m^2", 3),
        ("Nm³/h", "volume_rate", "m^3/h", 5),
        ("吨/年", "mass_rate", "t/year", 3),
        ("t/a", "mass_rate", "t/year", 3),
        ("公斤每小时", "mass_rate", "kg/h", 5),
        ("kg/批", "mass", "kg", 4),
        ("L/罐", "volume", "L", 3),
        ("片/月", "count_rate", "1/month", 3),
        ("m/min", "speed", "m/min", 5),
        ("米/年", "length_rate", "m/year", 3),
        ("Wh/kg", "energy_density", "Wh/kg", 5),
        ("mAh/g", "specific_capacity", "mA*h/g", 5),
        ("mA·cm-2", "current_density", "mA/cm^2", 7),
        ("mA/cm²", "current_density", "mA/cm^2", 6),
        ("W/(m·K)", "thermal_conductivity", "W/(m*K)", 7),
        ("W/m·K", "thermal_conductivity", "W/(m*K)", 5),
        ("W/mK", "thermal_conductivity", "W/(m*K)", 4),
        ("cc/(㎡·d)", "flux", "cm^3/(m^2*day)", 8),
        ("Pa·m³/s", "leak_rate", "Pa*m^3/s", 7),
        ("Ω·cm²", "areal_resistance", "ohm*cm^2", 5),
        ("CFU/g", "count_per_mass", "1/g", 5),
        ("h-1", "count_rate", "1/h", 3),
        ("元/小时", "price", "CNY/h", 4),
        ("元/样", "money", "CNY", 3),
        ("r/min", "rotation", "rpm", 5),
        ("kW·h", "energy", "kWh", 4),
        ("°C", "temperature", "degC", 2),
        ("°", "angle", "degree", 1),
        ("%RH", "humidity", "percent", 3),
        ("inch", "length", "inch", 4),
        ("cells/mL", "count_concentration", "1/mL", 8),
    ],
)
def test_reads_the_longest_unit(text: str, dimension: str, name: str, end: int) -> None:
    found = match_unit(text, 0)
    assert found is not None
    assert (found[0].dimension, found[0].name, found[1]) == (dimension, name, end)


@pytest.mark.parametrize(
    "text",
    ["", "Lite", "mmolar", "升级", "片段", "台阶", "G基站", "D打印", "天线", "件套", "A12", "号", "支持", "批准", "轴"],
)
def test_leaves_other_words_alone(text: str) -> None:
    found = match_unit(text, 0)
    assert found is None or found[0].spelling == "轴"


def test_a_period_before_the_next_number_is_not_below_the_stroke() -> None:
    for text in ("台每小时蒸发100公斤", "台 每小时3000支"):
        found = match_unit(text, 0)
        assert found is not None
        assert (found[0].name, found[1]) == ("1", 1)


def test_a_range_is_no_negative_exponent() -> None:
    found = match_unit("mm-12 mm", 0)
    assert found is not None
    assert (found[0].name, found[1]) == ("mm", 2)


@pytest.mark.parametrize(
    ("unit_text", "factor", "name"),
    [
        ("万m²", 1e4, "m^2"),
        ("亿颗/月", 1e8, "1/month"),
        ("百万吨/年", 1e6, "t/year"),
        ("斤", 0.5, "kg"),
        ("亩", 666.667, "m^2"),
        ("ｋｇ", 1, "kg"),
        ("万美元", 1e4, "USD"),
    ],
)
def test_resolves_a_scale_with_its_unit(unit_text: str, factor: float, name: str) -> None:
    unit = resolve(unit_text)
    assert unit is not None
    assert (unit.factor, unit.name) == (factor, name)


@pytest.mark.parametrize("unit_text", ["", "吨位", "kgx", "未知", "m/", "/h"])
def test_resolves_whole_units_only(unit_text: str) -> None:
    assert resolve(unit_text) is None


def shipped_parameters() -> list[dict[str, Any]]:
    files = (DATASETS / name for name in ("listings.jsonl", "needs_dev.jsonl", "needs_train.jsonl"))
    lines = (json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return [parameter for line in lines for parameter in line["parameters"]]


def test_every_shipped_parameter_has_a_dimension() -> None:
    unread = {
        (row["name"], row["unit"])
        for row in shipped_parameters()
        if canonical(row["min"], row["max"], row["unit"], row["name"]) is None
    }
    assert unread <= {("相对粘度", "")}


@pytest.mark.parametrize(
    ("low", "high", "unit", "name", "expected"),
    [
        (50, 5000, "L", "发酵罐容积", ("volume", 50, 5000, "L")),
        (None, 10, "m3", "储罐", ("volume", -math.inf, 10000, "L")),
        (8, 8, "英寸", "晶圆尺寸", ("length", 200, 200, "mm")),
        (6, 8, "英寸", "晶圆尺寸", ("length", 150, 200, "mm")),
        (None, 43.3, "inch", "最大板长", ("length", -math.inf, 1099.82, "mm")),
        (30, 30, "吨", "年产能", ("mass_rate", 30, 30, "t/year")),
        (2, 3, "万片", "月产能", ("count_rate", 240000, 360000, "1/year")),
        (1000, 1000, "级", "洁净度", ("cleanroom", 6, 6, "1")),
        (7, 7, "ISO级", "洁净等级", ("cleanroom", 7, 7, "1")),
        (0, 4, "级", "自动驾驶等级", ("level", 0, 4, "1")),
        (1, 3, "oz", "外层铜厚", ("length", 0.0348, 0.1044, "mm")),
        (24, 60, "K", "丝束规格", ("count", 24000, 60000, "1")),
        (12, 300, "K", "低温附件温度", ("temperature", -261.15, 26.85, "degC")),
        (10, 300, "g", "离心加速度", ("acceleration", 98.0665, 2941.995, "m/s^2")),
        (10, None, "", "TSV深宽比", ("ratio", 10, math.inf, "1")),
        (85, -40, "℃", "温度", ("temperature", -40, 85, "degC")),
        (300, 300, "元/h", "机时费", ("price", 300, 300, "CNY/h")),
        (486, 486, "mm", "年降雨量", ("length", 486, 486, "mm")),
        (8.6, 8.6, "代", "世代线", ("panel_generation", 8.6, 8.6, "1")),
        (100, 100, "P", "智能算力", ("compute_rate", 1e17, 1e17, "1/s")),
    ],
)
def test_brings_parameters_to_the_base(
    low: float | None, high: float | None, unit: str, name: str, expected: tuple[str, float, float, str]
) -> None:
    found = canonical(low, high, unit, name)
    assert found is not None
    dimension, interval, base = found
    assert (dimension, base) == (expected[0], expected[3])
    assert (interval.min, interval.max) == pytest.approx(expected[1:3])


@pytest.mark.parametrize(
    ("low", "high", "unit"),
    [(None, None, "L"), (1, 2, "某某"), (1, 2, None), (math.nan, None, "L"), (math.inf, None, "L")],
)
def test_says_nothing_of_what_it_does_not_know(low: float | None, high: float | None, unit: str | None) -> None:
    assert canonical(low, high, unit, "参数") is None


@LAWS
@given(st.sampled_from(sorted(table().terms)), st.floats(min_value=1e-3, max_value=1e6))
def test_conversion_to_the_base_and_back_is_the_same_number(spelling: str, value: float) -> None:
    term = table().terms[spelling]
    interval, base = in_base(term.dimension, Interval(value, value), term.name)
    factor, offset = to_base(term.name, term.dimension)
    assert base == (base_unit(term.dimension) or term.name)
    assert (interval.min - offset) / factor == pytest.approx(value, rel=1e-6, abs=1e-6)


@LAWS
@given(st.sampled_from(sorted(spelling for spelling, term in table().terms.items() if spelling.strip() == spelling)))
def test_every_spelling_resolves_to_its_own_term(spelling: str) -> None:
    unit = resolve(spelling)
    assert unit is not None
    assert (unit.dimension, unit.name) == (table().terms[spelling].dimension, table().terms[spelling].name)
