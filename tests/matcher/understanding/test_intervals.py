"""The laws of intervals, and the numbers that the fit of a requirement is told in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Interval
from matcher.understanding.intervals import (
    UNBOUNDED,
    at_least,
    at_most,
    contains,
    convert,
    gap,
    holds,
    intersect,
    is_empty,
    overlaps,
    point,
    shortfall,
    widen,
)

LAWS = settings(max_examples=100, deadline=None)
ends = st.sampled_from([-math.inf, -40.0, -1.0, 0.0, 0.5, 1.0, 85.0, 500.0, math.inf])
intervals = st.builds(Interval, ends, ends, st.booleans(), st.booleans(), st.booleans())
values = st.sampled_from([-50.0, -40.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 42.0, 85.0, 499.0, 500.0, 501.0])
factors = st.sampled_from([-2.0, -0.001, 0.001, 0.5, 1.0, 1000.0])


@pytest.mark.parametrize(
    ("interval", "empty"),
    [
        (point(5), False),
        (Interval(5, 5, min_closed=False), True),
        (Interval(5, 5, max_closed=False), True),
        (Interval(6, 5), True),
        (UNBOUNDED, False),
        (Interval(math.inf, math.inf), True),
        (Interval(-math.inf, -math.inf), True),
        (Interval(math.nan, 5), True),
        (at_least(5, closed=False), False),
    ],
)
def test_tells_the_empty_interval(interval: Interval, empty: bool) -> None:
    assert is_empty(interval) is empty


@LAWS
@given(intervals, values)
def test_an_empty_interval_holds_nothing(interval: Interval, value: float) -> None:
    assert not (is_empty(interval) and holds(interval, value))


@LAWS
@given(intervals, intervals, values)
def test_the_intersection_holds_what_both_hold(one: Interval, other: Interval, value: float) -> None:
    both = intersect(one, other)
    assert (both is not None and holds(both, value)) == (holds(one, value) and holds(other, value))


@LAWS
@given(intervals, intervals)
def test_intersection_does_not_depend_on_order(one: Interval, other: Interval) -> None:
    assert intersect(one, other) == intersect(other, one)


@LAWS
@given(intervals)
def test_an_interval_contains_itself_and_lies_in_everything(interval: Interval) -> None:
    assert contains(interval, interval)
    assert contains(UNBOUNDED, interval)


@LAWS
@given(intervals, intervals, intervals)
def test_containment_is_transitive(one: Interval, other: Interval, third: Interval) -> None:
    chained = contains(one, other) and contains(other, third) and not is_empty(other)
    assert contains(one, third) or not chained


@LAWS
@given(intervals, intervals)
def test_the_intersection_lies_in_both(one: Interval, other: Interval) -> None:
    both = intersect(one, other)
    assert both is None or (contains(one, both) and contains(other, both))


@LAWS
@given(intervals, intervals)
def test_what_is_contained_is_its_own_intersection(outer: Interval, inner: Interval) -> None:
    both = intersect(outer, inner)
    if contains(outer, inner) and not is_empty(inner):
        assert both is not None
        assert contains(both, inner)
        assert contains(inner, both)


@LAWS
@given(intervals, factors, values)
def test_conversion_takes_members_to_members(interval: Interval, factor: float, value: float) -> None:
    converted = convert(interval, factor, 3.0)
    assert holds(converted, value * factor + 3.0) == holds(interval, value)


@LAWS
@given(intervals, factors)
def test_converting_back_gives_the_interval(interval: Interval, factor: float) -> None:
    back = convert(convert(interval, factor), 1 / factor)
    assert back.min == pytest.approx(interval.min)
    assert back.max == pytest.approx(interval.max)
    assert (back.min_closed, back.max_closed) == (interval.min_closed, interval.max_closed)


@pytest.mark.parametrize("factor", [0.0, math.inf, math.nan])
def test_refuses_a_conversion_that_loses_the_number(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        convert(point(1), factor)


@LAWS
@given(intervals, intervals)
def test_a_gap_is_there_exactly_where_nothing_is_shared(one: Interval, other: Interval) -> None:
    assert (shortfall(one, other) is None) == overlaps(one, other)
    assert gap(one, other) == 0 or not overlaps(one, other)


@pytest.mark.parametrize(
    ("needed", "offered", "missed", "distance"),
    [
        (at_least(500), at_most(300), (500, 300), 200),
        (at_most(-60), at_least(-20), (-60, -20), -40),
        (point(200), Interval(50, 150), (200, 150), 50),
        (point(200), Interval(300, 400), (200, 300), -100),
        (at_least(500), Interval(100, 5000), None, 0),
        (at_least(500, closed=False), at_most(500), (500, 500), 0),
    ],
)
def test_tells_the_shortfall(
    needed: Interval, offered: Interval, missed: tuple[float, float] | None, distance: float
) -> None:
    assert shortfall(needed, offered) == missed
    assert gap(needed, offered) == distance


def test_open_ends_touch_nothing() -> None:
    assert intersect(at_most(5, closed=False), at_least(5)) is None
    assert intersect(at_most(5), at_least(5)) == point(5)
    assert not contains(at_least(5, closed=False), point(5))


def test_widening_moves_finite_ends_outwards() -> None:
    assert widen(point(500), 0.2) == Interval(400, 600)
    assert widen(Interval(-100, -50), 0.1) == Interval(-110, -45)
    assert widen(at_least(10), 0.5) == at_least(5)


def test_approximation_is_kept() -> None:
    assert convert(point(5, approximate=True), 2).approximate
    both = intersect(point(5, approximate=True), UNBOUNDED)
    assert both is not None
    assert both.approximate
