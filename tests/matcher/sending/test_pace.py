"""Waits between tries, and moments of digests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.sending.pace import (
    FIRST_WAIT,
    JITTER,
    LONGEST_WAIT,
    TRIES,
    Pace,
    last_digest,
    wait_after,
)
from matcher.today import CHINA

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))
TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))


class TestWaits:
    @given(failures=st.integers(1, 10_000))
    def test_they_double_up_to_a_limit_with_some_jitter(self, failures: int) -> None:
        exact = min(FIRST_WAIT * 2 ** min(failures - 1, 40), LONGEST_WAIT)
        assert exact * (1 - JITTER) <= wait_after(failures) <= exact * (1 + JITTER)

    def test_failures_of_the_same_moment_come_back_apart(self) -> None:
        assert len({wait_after(5) for _ in range(20)}) > 15

    def test_all_tries_together_last_more_than_a_day_and_less_than_two(self) -> None:
        total = sum((wait_after(tried) for tried in range(1, TRIES)), timedelta())
        assert timedelta(days=1) < total < timedelta(days=2)


class TestDigests:
    @given(now=MOMENTS, at=TIMES)
    @settings(max_examples=100, deadline=None)
    def test_a_daily_one_was_less_than_a_day_ago_at_its_time(self, now: datetime, at: str) -> None:
        moment = last_digest("daily", now, at)
        assert timedelta() <= now - moment < timedelta(days=1)
        assert moment.astimezone(CHINA).strftime("%H:%M") == at

    @given(now=MOMENTS, at=TIMES)
    @settings(max_examples=100, deadline=None)
    def test_a_weekly_one_was_on_a_monday_of_the_last_seven_days(self, now: datetime, at: str) -> None:
        moment = last_digest("weekly", now, at)
        assert timedelta() <= now - moment < timedelta(days=7)
        assert moment.astimezone(CHINA).strftime("%a %H:%M") == f"Mon {at}"

    @pytest.mark.parametrize(
        ("pace", "now", "moment"),
        [
            ("daily", "2026-07-01T07:59:59+08:00", "2026-06-30T08:00:00+08:00"),
            ("daily", "2026-07-01T08:00:00+08:00", "2026-07-01T08:00:00+08:00"),
            # In UTC it is still the day before.
            ("daily", "2026-06-30T23:59:00+00:00", "2026-06-30T08:00:00+08:00"),
            ("weekly", "2026-07-06T07:00:00+08:00", "2026-06-29T08:00:00+08:00"),
            ("weekly", "2026-07-06T08:30:00+08:00", "2026-07-06T08:00:00+08:00"),
            ("at_once", "2026-07-06T08:30:00+08:00", "2026-07-06T08:30:00+08:00"),
        ],
    )
    def test_examples(self, pace: Pace, now: str, moment: str) -> None:
        assert last_digest(pace, datetime.fromisoformat(now), "08:00") == datetime.fromisoformat(moment)
