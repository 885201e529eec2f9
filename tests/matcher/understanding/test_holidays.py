"""Holidays by which deadlines are told."""

from __future__ import annotations

import re
from datetime import date

import pytest

from matcher.understanding.holidays import NAMES, holiday


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        ("春节", 2026, date(2026, 2, 17)),
        ("农历新年", 2027, date(2027, 2, 6)),
        ("端午", 2025, date(2025, 5, 31)),
        ("中秋", 2025, date(2025, 10, 6)),
        ("国庆", 2026, date(2026, 10, 1)),
        ("五一", 2026, date(2026, 5, 1)),
        ("元旦", 2027, date(2027, 1, 1)),
        ("春节", 2041, None),
        ("国庆", 2041, date(2041, 10, 1)),
    ],
)
def test_holiday(name: str, year: int, day: date | None) -> None:
    assert holiday(name, year) == day


@pytest.mark.parametrize("year", range(2024, 2041))
def test_lunar_days_fall_in_their_seasons(year: int) -> None:
    spring, boats, moon = (holiday(name, year) for name in ("春节", "端午", "中秋"))
    assert spring is not None
    assert boats is not None
    assert moon is not None
    assert date(year, 1, 21) <= spring <= date(year, 2, 21)
    # The fifth of the fifth month is four months and four days on, a leap month later at the most.
    assert 120 <= (boats - spring).days <= 153
    assert 95 <= (moon - boats).days <= 130


@pytest.mark.parametrize(
    ("text", "found"), [("十一前", True), ("五一节", True), ("二十一前", False), ("十一个", False)]
)
def test_numbers_are_no_holidays(text: str, found: bool) -> None:
    assert bool(re.search(NAMES, text)) is found
