"""Sentences that once were misread: each stands for a way of writing, not for itself."""

from __future__ import annotations

import math
import random

import pytest

from matcher.ranking.fits.quantity_fit import Demand
from matcher.understanding.intervals import at_least, at_most, downwards, point
from matcher.understanding.numerals import read_numeral
from matcher.understanding.quantities import read_quantities
from matcher.understanding.unit_table import table, to_base
from matcher.understanding.units import match_unit
from tests.matcher.understanding.quantity_cases import INF, Row, rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("两三百公斤", [("两三百公斤", "mass", 200, 300, "kg")]),
        ("三四百斤的样子", [("三四百斤", "mass", 150, 200, "kg")]),
        ("四五十公斤一锅", [("四五十公斤", "mass", 40, 50, "kg")]),
        ("三五千克", [("三五千克", "mass", 3, 5, "kg")]),
        ("包装25 kg/袋", [("25 kg/袋", "mass", 25, 25, "kg")]),
        ("第8.6代线", [("8.6代线", "panel_generation", 8.6, 8.6, "1")]),
        ("第三代半导体、第2代样机", []),
        ("罐体从50升放大到5吨", [("从50升放大到5吨", "volume", 5, 5, "m^3")]),
        ("最迟45天", [("最迟45天", "time", -INF, 45, "day")]),
        ("真空度达到5×10^-4 Pa", [("达到5×10^-4 Pa", "pressure", -INF, 5e-4, "Pa")]),
        ("定位精度达到5 μm", [("达到5 μm", "length", -INF, 5, "um")]),
        ("压力达到5 MPa", [("达到5 MPa", "pressure", 5, INF, "MPa")]),
        ("样件10-20个", [("10-20个", "count", 10, 20, "1")]),
        ("3个项目、10个人", []),
        ("1台50L釜", [("50L", "volume", 50, 50, "L")]),
        ("10万转的电机", [("10万转", "rotation", 1e5, 1e5, "rpm")]),
        ("3转化率", []),
        ("大丝束48K", [("48K", "count", 48000, 48000, "1")]),
        ("液氦温度4.2K", [("4.2K", "temperature", 4.2, 4.2, "K")]),
        ("大于等于10m3,且小于等于15m3", [("大于等于10m3,且小于等于15m3", "volume", 10, 15, "m^3")]),
        ("pH 7.0±0.2", [("7.0±0.2", "ph", 6.8, 7.2, "1")]),
        ("想放大到500升到1000升", [("500升到1000升", "volume", 500, 1000, "L")]),
        ("要500L到1吨", [("500L到1吨", "volume", 0.5, 1, "m^3")]),
        ("温度从20升到80度", [("从20升到80度", "temperature", 80, 80, "degC")]),
        ("不接受低于99%的纯度", [("不接受低于99%", "fraction", 99, INF, "percent")]),
        ("单线节拍12PPM", [("12PPM", "count_rate", 12, 12, "1/min")]),
        (
            "效率18%以上,水氧小于0.1ppm",
            [("18%以上", "fraction", 18, INF, "percent"), ("小于0.1ppm", "fraction", -INF, 0.1, "ppm")],
        ),
        ("杂质12PPM", [("12PPM", "fraction", 12, 12, "ppm")]),
        ("电压AC220V", [("220V", "voltage", 220, 220, "V")]),
        ("每吨耗电1200度", [("1200度", "energy", 1200, 1200, "kWh")]),
        ("预算15W~20W", [("15W~20W", "money", 150000, 200000, "CNY")]),
        ("功率15W", [("15W", "power", 15, 15, "W")]),
        ("良率从88%爬坡到95%", [("从88%爬坡到95%", "fraction", 95, 95, "percent")]),
        ("透气度300~500s/100mL", [("300~500s/100mL", "time/volume", 3, 5, "s/mL")]),
        ("3.3 kV/1200 A", [("3.3 kV", "voltage", 3.3, 3.3, "kV"), ("1200 A", "current", 1200, 1200, "A")]),
        ("丝速1200米/分", [("1200米/分", "speed", 1200, 1200, "m/min")]),
        ("年需氢约3000吨", [("年需氢约3000吨", "mass_rate", 3000, 3000, "t/year")]),
        ("衰减0.2dB/km", [("0.2dB/km", "attenuation", 0.2, 0.2, "dB/km")]),
    ],
)
def test_ways_of_writing(text: str, expected: list[Row]) -> None:
    found = rows(text)
    assert [(*row[:2], row[4]) for row in found] == [(*row[:2], row[4]) for row in expected]
    assert [row[2:4] for row in found] == [pytest.approx(row[2:4]) for row in expected]


def test_a_scale_started_in_litres_is_kept() -> None:
    (tank,) = read_quantities("从50升放大到5吨")
    assert tank.start_scale == pytest.approx(0.05)


@pytest.mark.parametrize(("text", "ends"), [("两三百万", (2e6, 3e6)), ("三五亿", (3e8, 5e8)), ("五七十", None)])
def test_pairs_with_a_multiplier(text: str, ends: tuple[float, float] | None) -> None:
    numeral = read_numeral(text, 0)
    assert numeral is not None
    if ends:
        assert (numeral.low, numeral.high) == ends
    else:
        assert numeral.end <= 3


def test_two_figures_in_a_row_with_no_such_gap_are_no_pair() -> None:
    numeral = read_numeral("二九百", 0)
    assert numeral is None or numeral.low == numeral.high


def test_downwards_turns_a_floor_into_a_ceiling() -> None:
    assert downwards(at_least(5, closed=False)) == at_most(5, closed=False)
    assert downwards(point(5)) == point(5)
    assert downwards(at_most(5)) == at_most(5)


def test_a_parcel_divides() -> None:
    found = match_unit("g/10min", 0)
    assert found is not None
    unit, end = found
    assert (unit.dimension, end) == ("mass_rate", 7)
    assert unit.factor == pytest.approx(0.1)
    assert match_unit("V/100A", 0) == match_unit("V", 0)


def test_decibels_a_metre_convert_as_they_add() -> None:
    factor, offset = to_base("dB/km", "attenuation")
    assert factor == pytest.approx(1e-3)
    assert offset == 0


def test_any_unit_that_is_read_can_be_a_condition() -> None:
    spellings = sorted(table().terms)
    chooser = random.Random(5)
    pairs = [(chooser.choice(spellings), chooser.choice(spellings)) for _ in range(800)]
    read = [one for above, below in pairs for one in read_quantities(f"要求5 {above}/{below}以上")]
    assert len(read) > len(pairs) / 2
    for one in read:
        assert not math.isnan(Demand(one).lowest)
