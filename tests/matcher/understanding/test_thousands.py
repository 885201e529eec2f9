"""Blanks inside a number become commas; between the numbers of a list they stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.thousands import with_thousands
from tests.matcher.understanding.quantity_cases import only, rows


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10 000 L 生物反应器", 10_000),
        ("2 000 L bioreactor", 2_000),
        ("1 500 L", 1_500),
        ("10 000 psi", 10_000),
        ("12 500 rpm", 12_500),
        ("10 000L", 10_000),
        ("10 200 L", 10_200),
        ("1 200 000 片", 1_200_000),
        ("1 234 567 片", 1_234_567),
        ("10\u00a0000 L", 10_000),
        ("10\u202f000 L", 10_000),
        ("10\u2009500L", 10_500),
        ("10 000.5 L", 10_000.5),
        ("方案2 000 L", 2_000),
    ],
)
def test_joins_the_thousands_of_a_number(text: str, value: float) -> None:
    assert only(text).interval.min == value
    assert text.startswith(only(text).text) or "方案" in text


def test_joins_the_ends_of_a_range() -> None:
    assert rows("5 000 - 10 000 L") == [("5 000 - 10 000 L", "volume", 5_000, 10_000, "L")]


@pytest.mark.parametrize(
    "text",
    [
        "50 100 200 L",
        "50\u00a0100\u00a0200 L",
        "50 100 L",
        "2 200L反应釜",
        "3 500 L fermenters",
        "1 500 L 发酵罐\n2 200 L 反应釜",
        "方案2 500 L发酵罐",
        "ISO 7 100 m2",
        "400 800 8888",
        "2025 300 L",
        "1.5 200 L",
        "10 0000 L",
        "A3 500 L",
        "500 L 200 kg",
    ],
)
def test_leaves_several_numbers_apart(text: str) -> None:
    assert with_thousands(text) == text


@given(st.text(alphabet="0123456789 \u00a0\u202f,.L方", max_size=30))
@settings(max_examples=100, deadline=None)
def test_keeps_every_offset(text: str) -> None:
    spelt = with_thousands(text)
    assert len(spelt) == len(text)
    assert all(new in (old, ",") for old, new in zip(text, spelt, strict=True))


@pytest.mark.parametrize("before", ["中试基地,", "容积:", "做发酵,转速500 rpm,", "(", "≥"])
def test_marks_before_a_number_are_no_part_of_it(before: str) -> None:
    assert 10_000 in [low for _, _, low, *_ in rows(f"{before}10 000 L 反应釜")]


@pytest.mark.parametrize("text", ["1,200 300 L", "比例1:10 000 L", "50,100 200 L"])
def test_digits_before_a_mark_are(text: str) -> None:
    assert not {10_000, 100_200, 200_300, 50_100_200} & {value for row in rows(text) for value in row[2:4]}
