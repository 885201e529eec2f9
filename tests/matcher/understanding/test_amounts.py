"""A number with its sign and unit, and the numbers that belong to a name."""

from __future__ import annotations

import pytest

from matcher.understanding.amounts import converted, in_unit, is_designation, read_amount
from matcher.understanding.quantities import read_quantities
from matcher.understanding.units import Unit

LITRE, CUBIC_METRE, KILOGRAM = (
    Unit("volume", "L", 1.0, "L"),
    Unit("volume", "m^3", 1.0, "m³"),
    Unit("mass", "kg", 1.0, "kg"),
)


@pytest.mark.parametrize(
    ("text", "start", "begin", "low"),
    [
        ("-40℃", 1, 0, -40),
        ("温度-40℃", 3, 2, -40),
        ("零下40℃", 2, 0, -40),
        ("5-40℃", 2, 2, 40),
        ("A-40℃", 2, 2, 40),
        ("40℃", 0, 0, 40),
    ],
)
def test_reads_the_sign(text: str, start: int, begin: int, low: float) -> None:
    amount = read_amount(text, start)
    assert amount is not None
    assert (amount.begin, amount.low, amount.negative) == (begin, low, low < 0)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("两个半月", 2.5, 2.5, "month"),
        ("3个半小时", 3.5, 3.5, "h"),
        ("一年半", 1.5, 1.5, "year"),
        ("三吨半", 3.5, 3.5, "t"),
        ("3个多月", 3, float("inf"), "month"),
        ("半年", 0.5, 0.5, "year"),
        ("8000万/mL", 8e7, 8e7, "1/mL"),
        ("百分之五", 5, 5, "percent"),
    ],
)
def test_reads_halves_and_shares(text: str, low: float, high: float, unit: str) -> None:
    amount = read_amount(text, 0)
    assert amount is not None
    assert amount.unit is not None
    assert (amount.low, amount.high, amount.unit.name, amount.end) == (low, high, unit, len(text))


@pytest.mark.parametrize(
    ("text", "low", "end"),
    [
        ("2米5", 2.5, 3),
        ("2米75", 2.75, 4),
        ("一米八", 1.8, 3),
        ("2米5的涂布机", 2.5, 3),
        ("3米5高", 3.5, 3),
        ("3吨5", 3.5, 3),
        ("2米6 车速", 2.6, 3),
        ("2米5台", 2, 2),
        ("5米3排", 5, 2),
        ("2米500", 2, 2),
        ("2.5米5", 2.5, 4),
        ("2毫米5", 2, 3),
    ],
)
def test_reads_the_tenths_behind_a_unit(text: str, low: float, end: int) -> None:
    amount = read_amount(text, 0)
    assert amount is not None
    assert (amount.low, amount.end) == (low, end)


@pytest.mark.parametrize("text", ["T800", "MAX3000", "MAX-3000", "#5", "17:30"])
def test_a_number_behind_letters_is_a_name(text: str) -> None:
    start = max(index for index in range(1, len(text)) if text[index].isdigit() and not text[index - 1].isdigit())
    amount = read_amount(text, start)
    assert amount is not None
    assert is_designation(text, start, amount.numeral)


@pytest.mark.parametrize("text", ["Ra0.4", "φ1.2", "容积500", "≥5", "Tg200"])
def test_a_symbol_of_measurement_is_none(text: str) -> None:
    start = next(index for index, character in enumerate(text) if character.isdigit())
    amount = read_amount(text, start)
    assert amount is not None
    assert not is_designation(text, start, amount.numeral)


def test_converts_between_units_of_a_dimension() -> None:
    assert converted(500, LITRE, CUBIC_METRE) == pytest.approx(0.5)
    assert converted(500, LITRE, KILOGRAM) is None
    celsius, kelvin = Unit("temperature", "degC", 1.0, "℃"), Unit("temperature", "K", 1.0, "K")
    assert converted(27, celsius, kelvin) == pytest.approx(300.15)


def test_an_amount_without_unit_takes_the_others() -> None:
    amount = read_amount("500", 0)
    assert amount is not None
    assert in_unit(amount, LITRE) == 500
    assert read_amount("升", 0) is None


@pytest.mark.parametrize(
    ("text", "dimension", "value", "unit"),
    [
        ("耐压 6 个兆帕", "pressure", 6, "MPa"),
        ("反应釜5个立方", "volume", 5, "m^3"),
        ("功率50个千瓦", "power", 50, "kW"),
        ("三个毫米", "length", 3, "mm"),
        ("抽到5个帕", "pressure", 5, "Pa"),
        ("压力10个大气压", "pressure", 10, "atm"),
    ],
)
def test_a_unit_is_counted_like_a_thing(text: str, dimension: str, value: float, unit: str) -> None:
    (found,) = read_quantities(text)
    assert (found.dimension, found.interval.min, found.interval.max, found.unit) == (dimension, value, value, unit)


@pytest.mark.parametrize("text", ["3 个升降台", "6个帕金森模型", "2个克隆株", "3个平方根", "2个升级包"])
def test_things_that_begin_like_a_unit_are_none(text: str) -> None:
    assert {found.dimension for found in read_quantities(text)} <= {"count"}


@pytest.mark.parametrize("text", ["功率千瓦", "每千瓦成本", "单位:千克", "千米高空"])
def test_a_unit_alone_is_no_thousand(text: str) -> None:
    assert read_quantities(text) == []


@pytest.mark.parametrize(("text", "low"), [("数千克", 2000), ("几千瓦", 2000), ("三千克", 3), ("千瓦级", 1000)])
def test_thousands_before_a_unit(text: str, low: float) -> None:
    assert [found.interval.min for found in read_quantities(text)] == [low]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("ion implantation at 600 C by Jan 15", 600, 600),
        ("sintering from 200 C to 1200 C", 200, 1200),
        ("stored at -80 C", -80, -80),
        ("temperature: 180 C", 180, 180),
    ],
)
def test_celsius_without_its_sign(text: str, low: float, high: float) -> None:
    (found,) = read_quantities(text)
    assert (found.dimension, found.interval.min, found.interval.max, found.unit) == ("temperature", low, high, "degC")


@pytest.mark.parametrize(
    "text", ["discharge up to 3 C", "at 30 C rate", "class 100 C", "GMP grade C", "at 50 CFM", "做到 85 C 类产品"]
)
def test_other_letters_c_are_no_heat(text: str) -> None:
    assert "temperature" not in [found.dimension for found in read_quantities(text)]
