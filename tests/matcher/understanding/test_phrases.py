"""What stands around a number: wafers, scaled units, the word that begins a range."""

from __future__ import annotations

import pytest

from matcher.records import Interval
from matcher.understanding.phrases import begin_with_from, scaled, settle_inches
from matcher.understanding.units import Unit
from tests.matcher.understanding.quantity_cases import rows

INCH = Unit("length", "inch", 1.0, "英寸")


@pytest.mark.parametrize(
    ("text", "low", "unit"),
    [
        ("8英寸晶圆", 200, "mm"),
        ("12寸线", 300, "mm"),
        ("6寸MEMS线", 150, "mm"),
        ("8-inch", 200, "mm"),
        ("4英寸样屏", 4, "inch"),
        ("65英寸电视", 65, "inch"),
        ("43.3英寸", 43.3, "inch"),
        ("5寸见方", 5, "inch"),
        ("2英寸高阻硅", 50, "mm"),
    ],
)
def test_wafers_are_nominal_and_other_inches_are_not(text: str, low: float, unit: str) -> None:
    ((_, dimension, found, _, name),) = rows(text)
    assert (dimension, found, name) == ("length", low, unit)


def test_settling_inches_takes_both_ends() -> None:
    unit, bounds = settle_inches("2-4英寸衬底", 0, 5, INCH, Interval(2, 4))
    assert (unit.name, bounds) == ("mm", Interval(50, 100))
    unit, bounds = settle_inches("2-50英寸", 0, 6, INCH, Interval(2, 50))
    assert (unit.name, bounds) == ("inch", Interval(2, 50))


def test_scaled_units_multiply_finite_and_infinite_ends() -> None:
    assert scaled(Interval(min=3), 0.5) == Interval(min=1.5)
    same = Interval(3, 4)
    assert scaled(same, 1.0) is same


@pytest.mark.parametrize(
    ("text", "start", "expected"), [("从5 L", 1, 0), ("from 5 L", 5, 0), ("由约5 L", 2, 0), ("要5 L", 1, 1)]
)
def test_the_span_begins_with_from(text: str, start: int, expected: int) -> None:
    assert begin_with_from(text, start, 0) == expected


@pytest.mark.parametrize(
    ("text", "low"), [("10亩", 6666.67), ("5斤", 2.5), ("150ppb", 0.15), ("六成", 60), ("3吨力", 29.41995)]
)
def test_spellings_that_are_a_multiple_are_multiplied(text: str, low: float) -> None:
    assert rows(text)[0][2] == pytest.approx(low)
