"""Nominal inches of wafers against inches of screens, pipes and boards."""

from __future__ import annotations

import math

import pytest

from matcher.understanding.wafers import is_wafer, wafer_diameter


@pytest.mark.parametrize(("inches", "mm"), [(2, 50), (3, 75), (4, 100), (6, 150), (8, 200), (12, 300), (18, 450)])
def test_wafers_have_nominal_diameters(inches: float, mm: float) -> None:
    assert wafer_diameter(inches) == mm


def test_other_sizes_are_real_inches() -> None:
    assert wafer_diameter(5.66) == pytest.approx(143.764)
    assert wafer_diameter(7) == pytest.approx(177.8)
    assert wafer_diameter(math.inf) == math.inf


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "晶圆", True),
        ("用于", "硅片上制备", True),
        ("", "MEMS线流片", True),
        ("点亮一块", "样屏", False),
        ("", "电视背板", False),
        ("晶圆尺寸", "", True),
        ("芯片与", "显示屏", False),
        ("显示屏配", "晶圆", True),
        ("", "见方", False),
    ],
)
def test_the_nearest_word_tells(before: str, after: str, expected: bool) -> None:
    assert is_wafer(before, after) is expected


@pytest.mark.parametrize("unsaid", [True, False])
def test_the_caller_decides_where_no_word_does(unsaid: bool) -> None:
    assert is_wafer("需要", "的", unsaid=unsaid) is unsaid
