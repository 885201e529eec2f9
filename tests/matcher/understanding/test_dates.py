"""The last day that a written date allows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.dates import DATES, ENGLISH_DATES, count_of, english_day, impossible_dates, last_day

TODAY = date(2025, 7, 1)


def day_of(text: str) -> date | None:
    match = DATES.search(text)
    assert match
    return last_day(match, TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-30", date(2026, 6, 30)),
        ("2026/6", date(2026, 6, 30)),
        ("2026.06", None),
        ("2026.06前", date(2026, 5, 31)),
        ("2026.6.30", date(2026, 6, 30)),
        ("2026-02-30", None),
        ("3000-01-01", None),
        ("2026年2月", date(2026, 2, 28)),
        ("2028年2月底", date(2028, 2, 29)),
        ("2026年3月初", date(2026, 3, 5)),
        ("十二月", date(2025, 12, 31)),
        ("3月", date(2026, 3, 31)),
        ("今年3月", date(2025, 3, 31)),
        ("后年一季度", date(2027, 3, 31)),
        ("第四季度前", date(2025, 9, 30)),
        ("下半年", date(2025, 12, 31)),
        ("明年下半年前", date(2026, 6, 30)),
        ("年底", date(2025, 12, 31)),
        ("本月底", date(2025, 7, 31)),
        ("下个月底", date(2025, 8, 31)),
        ("13月", None),
    ],
)
def test_last_day(text: str, expected: date | None) -> None:
    assert day_of(text) == expected


def test_next_month_of_december_is_in_the_next_year() -> None:
    match = DATES.search("下月底")
    assert match
    assert last_day(match, date(2025, 12, 5)) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by June 2026", date(2026, 6, 30)),
        ("before June 2026", date(2026, 5, 31)),
        ("by the end of 2026", date(2026, 12, 31)),
        ("before end of Feb. 2028", date(2028, 2, 29)),
        ("until 2027", date(2027, 12, 31)),
        ("by Q3 2026", date(2026, 9, 30)),
        ("before Q3 2026", date(2026, 6, 30)),
        ("no later than 2026-02-28", date(2026, 2, 28)),
        ("by 2026-02-31", None),
        ("due by 31 March 2026", date(2026, 3, 31)),
        ("end of next month", date(2026, 2, 28)),
        ("by the end of next year", date(2027, 12, 31)),
        ("by the end of the year", date(2026, 12, 31)),
        ("by year end", date(2026, 12, 31)),
        ("by end of March", date(2026, 3, 31)),
        ("before April", date(2026, 3, 31)),
        ("by mid-May", date(2026, 5, 15)),
        ("by early February 2027", date(2027, 2, 10)),
        ("by January 3", date(2027, 1, 3)),
        ("by 15th of January", date(2026, 1, 15)),
        ("by Dec. 31st, 2026", date(2026, 12, 31)),
        ("by end of Q1", date(2026, 3, 31)),
        ("by March 50 kg", date(2026, 3, 31)),
        ("by February 30", None),
    ],
)
def test_english_day(text: str, expected: date | None) -> None:
    match = ENGLISH_DATES.search(text)
    assert match
    assert english_day(match, date(2026, 1, 5)) == expected


@pytest.mark.parametrize(
    ("words", "number"),
    [("3", 3), ("两", 2), ("十五", 15), ("半", 0.5), ("两三", 3), ("1.5", 1.5), ("十几", None), ("", None)],
)
def test_count_of(words: str, number: float | None) -> None:
    assert count_of(words) == number


@pytest.mark.parametrize(
    ("text", "count"), [("2024.13.45", 1), ("2024年2月30日、2025-04-31", 2), ("2024-02-29", 0), ("GB 9706.1-20", 0)]
)
def test_impossible_dates(text: str, count: int) -> None:
    assert len(impossible_dates(text)) == count


@given(st.dates(TODAY, TODAY + timedelta(days=364)))
@settings(max_examples=80, deadline=None)
def test_a_day_without_a_year_is_the_next_one(day: date) -> None:
    assert day_of(f"{day.month}月{day.day}日") == day


@pytest.mark.parametrize(
    "text", ["by market demand", "dried by maybe 5 kg", "before 3 batches", "by the end of the reaction", "by may be"]
)
def test_english_words_that_are_no_day(text: str) -> None:
    assert [english_day(match, date(2026, 1, 5)) for match in ENGLISH_DATES.finditer(text)] in ([], [None])
