"""How stale listings sink: bounded, growing, and never past a weak match."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking.profile import Profile, Thresholds
from matcher.ranking.ranker import Ranker
from matcher.ranking.staleness import FULL_MONTHS, MONTH_DAYS, decay, largest, stale_days, stale_reason
from tests.matcher.small import LISTINGS, PROFILE

TODAY = date(2026, 6, 1)
FRESH = LISTINGS[0]


def since(*months: float) -> np.ndarray:
    return np.array([TODAY.toordinal() - round(one * MONTH_DAYS) for one in months])


def test_days_of_listings() -> None:
    stale = replace(FRESH, stale_since="2026-01-31")
    assert stale_days([FRESH, stale]).tolist() == [0, date(2026, 1, 31).toordinal()]
    assert stale_days([]).shape == (0,)


def test_fresh_ones_lose_nothing() -> None:
    assert decay(stale_days([FRESH] * 3), TODAY, 5.0).tolist() == [0, 0, 0]


def test_it_grows_by_the_month_up_to_the_bound() -> None:
    points = decay(since(0, 3, 6, 12, 13, 120), TODAY, 4.0)
    assert points == pytest.approx([0, 1, 2, 4, 4, 4], abs=0.02)


def test_stale_only_tomorrow() -> None:
    assert decay(since(-1), TODAY, 4.0).tolist() == [0]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-2, 60), min_size=2, max_size=8), st.floats(0, 100))
def test_longer_is_never_better_and_the_bound_holds(months: list[float], most: float) -> None:
    points = decay(since(*sorted(months)), TODAY, most)
    assert (np.diff(points) >= 0).all()
    assert points.min() >= 0
    assert points.max() <= round(most, 6)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1)), min_size=2, max_size=9),
    st.floats(0.05, 0.95),
    st.floats(0.05, 0.95),
    st.integers(0, 5000),
)
def test_a_strong_match_beats_every_weak_one(
    steps: list[tuple[float, float]], one: float, other: float, days: int
) -> None:
    scores, probabilities = sorted({round(step[0], 3) for step in steps}), sorted(step[1] for step in steps)
    limits = Thresholds(max(one, other), min(one, other), 0.9, 0.6)
    calibration = tuple(zip(scores, probabilities[: len(scores)], strict=True))
    profile = replace(PROFILE, calibration=calibration, thresholds=limits)
    ranker = Ranker(profile)
    grid = np.linspace(-1, 101, 500)
    graded = [(score, ranker.grade(score)) for score in grid]
    strong = [score for score, grade in graded if grade == "strong"]
    weak = [score for score, grade in graded if grade == "weak"]
    if strong and weak:
        points = decay(np.array([TODAY.toordinal() - days]), TODAY, largest(profile))[0]
        assert min(strong) - points >= max(weak) - 1e-5


def test_the_shipped_profile_takes_something(shipped_profile: Profile) -> None:
    assert 0.5 < largest(shipped_profile) < 10


def test_a_profile_without_strong_matches_takes_nothing() -> None:
    never = replace(PROFILE, calibration=((0.0, 0.01), (50.0, 0.02)))
    assert largest(never) == 0


@pytest.mark.parametrize(
    ("verified", "stale", "text"),
    [
        (None, None, None),
        ("2026-05-01", None, None),
        ("2025-01-01", "2026-03-02", "信息已 16 个月未核实,名次下调"),
        (None, "2026-03-02", "信息过期未核实已 2 个月,名次下调"),
    ],
)
def test_what_is_said(verified: str | None, stale: str | None, text: str | None) -> None:
    reason = stale_reason(replace(FRESH, verified_on=verified, stale_since=stale), TODAY)
    assert (reason.text if reason else None) == text


def test_the_full_decay_is_reached_after_a_year() -> None:
    day = TODAY - timedelta(days=round(FULL_MONTHS * MONTH_DAYS) + 1)
    assert decay(np.array([day.toordinal()]), TODAY, 3.0).tolist() == [3.0]
