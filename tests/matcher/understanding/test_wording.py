"""Quantities in words are read back as themselves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Interval, QuantityRequirement
from matcher.understanding.quantities import format_quantity, read_quantities
from matcher.understanding.wording import word_quantity

INF = math.inf
#: One unit or more of most dimensions; unit and dimension go together.
UNITS = [
    ("volume", "L"), ("volume", "m^3"), ("mass", "kg"), ("mass", "t"), ("length", "mm"), ("length", "um"),
    ("area", "m^2"),
    ("time", "h"), ("time", "month"), ("temperature", "degC"), ("pressure", "MPa"), ("power", "kW"), ("energy", "GWh"),
    ("voltage", "V"), ("current", "mA"), ("frequency", "GHz"), ("rotation", "rpm"), ("torque", "N*m"), ("force", "kN"),
    ("fraction", "percent"), ("fraction", "ppm"), ("humidity", "percent"), ("count", "1"), ("mass_rate", "t/year"),
    ("mass_rate", "kg/h"), ("volume_rate", "m^3/h"), ("count_rate", "1/month"), ("speed", "m/min"),
    ("density", "kg/m^3"),
    ("energy_density", "Wh/kg"), ("specific_capacity", "mA*h/g"), ("thermal_conductivity", "W/(m*K)"),
    ("leak_rate", "Pa*m^3/s"), ("viscosity", "mPa*s"), ("sound_level", "dB"), ("mesh", "1"), ("money", "CNY"),
    ("price", "CNY/h"), ("dose", "kGy"), ("conductivity", "mS/cm"), ("charge", "A*h"), ("molecular_mass", "kDa"),
]  # fmt: skip
values = st.one_of(
    st.integers(1, 99_999).map(float),
    st.floats(0.001, 9_999).map(lambda value: float(f"{value:.4g}")),
    st.sampled_from([1e-9, 5e-4, 1e8, 2.5e11]),
)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted((draw(values), draw(values)))
    near = draw(st.booleans())
    shape = draw(st.sampled_from(["point", "ge", "gt", "le", "lt", "range", "half-open", "open"]))
    if shape == "point" or low == high:
        return Interval(low, low, approximate=near)
    if shape in ("ge", "gt"):
        return Interval(min=low, min_closed=shape == "ge", approximate=near)
    if shape in ("le", "lt"):
        return Interval(max=high, max_closed=shape == "le", approximate=near)
    return Interval(low, high, shape != "open", shape == "range", near)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(UNITS), intervals())
def test_what_is_worded_is_read_back(kind: tuple[str, str], interval: Interval) -> None:
    words = word_quantity(kind[0], interval, kind[1])
    (found,) = read_quantities(words)
    assert (found.text, found.start, found.end) == (words, 0, len(words))
    assert (found.dimension, found.unit) == kind
    assert found.interval == interval


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([unit for unit in UNITS if unit[0] in ("volume", "mass", "length", "mass_rate")]), intervals())
def test_the_scale_it_starts_from_is_read_back(kind: tuple[str, str], interval: Interval) -> None:
    requirement = QuantityRequirement(text="", dimension=kind[0], interval=interval, unit=kind[1], start_scale=0.5)
    (found,) = read_quantities(format_quantity(requirement))
    assert (found.dimension, found.unit, found.start_scale) == (*kind, 0.5)
    assert found.interval == interval


@pytest.mark.parametrize(
    ("dimension", "unit", "interval", "words"),
    [
        ("volume", "L", Interval(min=500), "≥500 L"),
        ("volume", "L", Interval(500, 500, approximate=True), "约500 L"),
        ("volume", "m^3", Interval(1, 5), "1~5 m³"),
        ("mass", "t", Interval(1, 10, max_closed=False), "≥1且<10 t"),
        ("fraction", "percent", Interval(max=5, max_closed=False), "<5 %"),
        ("count_rate", "1/month", Interval(20000, 20000), "20000 件/个月"),
        ("money", "CNY", Interval(max=2e6), "≤2000000 元"),
        ("cleanroom", "1", Interval(5, 5), "ISO 5 级洁净"),
        ("ph", "1", Interval(7, 7), "pH 7"),
        ("panel_generation", "1", Interval(8.5, 8.5), "8.5代线"),
    ],
)
def test_words_are_plain(dimension: str, unit: str, interval: Interval, words: str) -> None:
    assert word_quantity(dimension, interval, unit) == words


@pytest.mark.parametrize(("dimension", "value"), [("cleanroom", 7), ("ph", 6.5), ("panel_generation", 6), ("ratio", 3)])
def test_points_without_a_unit_are_read_back(dimension: str, value: float) -> None:
    (found,) = read_quantities(word_quantity(dimension, Interval(value, value), "1"))
    assert (found.dimension, found.interval.min, found.interval.max) == (dimension, value, value)
