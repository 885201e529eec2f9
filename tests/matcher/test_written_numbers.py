"""Numbers of forms and cells: thousands are read, and what may be meant in two ways is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.written_numbers import has_stray_comma, read_number

#: Half-width to full-width.
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,200", 1200.0),
        ("1,500", 1500.0),
        ("12,000,000", 12e6),
        ("-1,234,567.5", -1234567.5),
        ("1\uff0c200.5", 1200.5),
        ("\uff11\uff0c\uff15\uff10\uff10", 1500.0),
        (" -3 ", -3.0),
        ("+0.5", 0.5),
        ("1e3", 1000.0),
    ],
)
def test_numbers(text: str, number: float) -> None:
    assert read_number(text) == number
    assert not has_stray_comma(text)


@pytest.mark.parametrize(
    "text", ["1,5", "0,25", "1,50", "1,5000", "0,125", "-1,5", "1,50,000", "1\uff0c5", "15,", ",5", "1,2.5", " 1,5 "]
)
def test_commas_that_part_no_thousands(text: str) -> None:
    assert read_number(text) is None
    assert has_stray_comma(text)


@pytest.mark.parametrize(
    "text", ["", "x", ",", "NaN", "Infinity", "1e999", "3 L", "1_5", "10³", "½", "1.2.3", "0x10", "2,4-D", "1, 5"]
)
def test_what_is_no_number_with_or_without_a_comma(text: str) -> None:
    assert read_number(text) is None
    assert not has_stray_comma(text)


@settings(max_examples=100, deadline=None)
@given(st.integers(-(10**15), 10**15), st.booleans())
def test_thousands_come_back_however_wide(number: int, wide: bool) -> None:
    text = f"{number:,}"
    assert read_number(text.translate(WIDE) if wide else text) == number


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789,.", max_size=9))
def test_a_comma_is_read_only_where_python_would_write_it(text: str) -> None:
    read = read_number(text)
    if "," in text and read is not None:
        whole, dot, part = text.partition(".")
        assert f"{int(whole.replace(',', '')):,}{dot}{part}" == text
