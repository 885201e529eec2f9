"""Cells as text, numbers, days, lists; what is written is read again."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.importing.cells import (
    cell_text,
    cleaned,
    has_unwanted,
    read_day,
    read_share,
    write_number,
    write_share,
)
from matcher.catalogue.importing.delimited import TRIGGERS, bared, guarded
from matcher.catalogue.importing.lists import join_items, split_items, without_numbering
from matcher.written_numbers import read_number

ITEMS = st.text(min_size=1, max_size=12).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  x", "  x"),
        (5000.0, "5000"),
        (-0.5, "-0.5"),
        (1e300, "1e+300"),
        (7, "7"),
        (False, "否"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.datetime(2026, 1, 2), "2026-01-02"),
        (datetime.time(8, 30), "08:30:00"),
    ],
)
def test_values_as_text(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_control_characters_go_and_line_ends_are_one() -> None:
    assert cleaned(" a\x00b\x1b[31mc\r\nd\re\tf\ufeff\u3000") == "ab[31mc\nd\ne\tf"
    assert has_unwanted("a\x00")
    assert not has_unwanted("a\nb\tc 中文")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026年3月1日", "2026-03-01"),
        ("2026/3/1", "2026-03-01"),
        ("2026.3.1", "2026-03-01"),
        (" 2026 年 3 月 1 日 ", "2026-03-01"),
        ("2026-03-01 08:30", "2026-03-01"),
        ("46082", "2026-03-01"),
        ("2026-02-30", None),
        ("2026年3月", None),
        ("2026", None),
        ("明年", None),
        ("120", None),
        ("", None),
    ],
)
def test_days(text: str, day: str | None) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("text", "share"),
    [("30%", 0.3), ("30\uff05", 0.3), ("0.3", 0.3), ("1", 1.0), ("30", 0.3), ("0", 0.0), ("130%", None), ("-5%", None),
     ("一半", None), ("nan", None)],
)  # fmt: skip
def test_shares(text: str, share: float | None) -> None:
    assert read_share(text) == share


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_exactly(value: float) -> None:
    read = read_number(write_number(value))
    assert read is not None
    assert read == value
    assert math.copysign(1, read) == math.copysign(1, value)


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1))
def test_shares_come_back_exactly(value: float) -> None:
    assert read_share(write_share(value)) == value


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", ()),
        (" ; ;", ()),
        ("甲;乙\uff1b丙、丁\n戊", ("甲", "乙", "丙", "丁", "戊")),
        ("洁净车间(千级、万级)、实验室", ("洁净车间(千级、万级)", "实验室")),
        ("车间\uff08千级、万级\uff09;库", ("车间\uff08千级、万级\uff09", "库")),
        ("a\\;b;c\\、d", ("a;b", "c、d")),
        ("C:\\temp;x", ("C:\\temp", "x")),
        ("a)、b", ("a)", "b")),
        ("1,000 L;2,000 L", ("1,000 L", "2,000 L")),
        ("末尾\\", ("末尾\\",)),
    ],
)
def test_items_of_a_cell(text: str, items: tuple[str, ...]) -> None:
    assert split_items(text) == items


@settings(max_examples=100, deadline=None)
@given(st.lists(ITEMS, max_size=5).map(tuple))
def test_items_come_back_exactly(items: tuple[str, ...]) -> None:
    assert split_items(join_items(items)) == items


@pytest.mark.parametrize(
    ("item", "bare"),
    [("1.小试", "小试"), ("(2)中试", "中试"), ("\uff083\uff09x", "x"), ("①放大", "放大"), ("● 检测", "检测"),
     ("4、验证", "验证"), ("1.5 m 幅宽", "1.5 m 幅宽"), ("3D 打印", "3D 打印"), ("10 L 罐", "10 L 罐")],
)  # fmt: skip
def test_numbers_of_other_peoples_lists_go(item: str, bare: str) -> None:
    assert without_numbering(item) == bare


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=10) | st.builds("".join, st.lists(st.sampled_from(["'", *TRIGGERS, "a"]), max_size=5)))
def test_guards_come_off_again_and_leave_no_formula(text: str) -> None:
    assert bared(guarded(text)) == text
    assert not guarded(text).startswith(TRIGGERS)
