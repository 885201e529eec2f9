from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking.comparison import Span, demand_of, is_scale, span_of, verdict
from matcher.ranking.meanings import Sense
from matcher.records import Interval, Outcome
from matcher.understanding.intervals import at_least, at_most, point

INF = math.inf
SENSES = get_args(Sense)
KILOGRAMS = Interval(1.0, 10.0, max_closed=False, approximate=True)


def outcome(sense: Sense, demand: Interval, offer: Interval, *, to_peak: bool = False) -> Outcome:
    span = span_of(offer)
    met, missed = verdict(sense, demand_of(demand, sense, to_peak=to_peak), span.low, span.high)
    return "meets" if met else "misses" if missed else "unknown"


@pytest.mark.parametrize(
    ("demand", "offer", "expected"),
    [
        (point(500), Interval(50, 5000), "meets"),
        (at_least(500), at_most(300), "misses"),
        (at_least(500), point(500), "meets"),
        (point(500), point(300), "misses"),
        (point(500), point(5000), "meets"),
        (point(500), at_least(300), "unknown"),
        (point(500), at_least(500), "meets"),
        (at_least(500), Interval(), "unknown"),
        (at_least(500), at_most(500, closed=False), "misses"),
        (at_most(50), point(500), "unknown"),
        (at_most(50), Interval(10, 500), "meets"),
        (at_most(50), at_most(40), "meets"),
        (at_most(50), at_most(400), "unknown"),
        (Interval(200, 500), point(300), "meets"),
        (Interval(200, 500), point(100), "misses"),
        (Interval(200, 500), point(10_000), "unknown"),
        (KILOGRAMS, point(200), "meets"),
        (KILOGRAMS, point(0.5), "misses"),
    ],
)
def test_a_bigger_capacity_covers_a_smaller_demand(demand: Interval, offer: Interval, expected: Outcome) -> None:
    assert outcome("covers", demand, offer) == expected


@pytest.mark.parametrize(
    ("demand", "offer", "expected"),
    [
        (point(0.1), at_least(0.075), "meets"),
        (at_most(0.05), at_least(0.1), "misses"),
        (at_most(0.05), point(0.1), "misses"),
        (at_most(0.1), at_most(0.1), "meets"),
        (at_most(0.05), at_most(0.1), "unknown"),
        (at_least(0.15), at_least(0.1), "meets"),
        (at_least(0.05), at_least(0.1), "misses"),
        (Interval(2, 5), at_least(2), "meets"),
        (Interval(2, 5), at_least(3), "unknown"),
        (Interval(2, 5), at_least(6), "misses"),
        (point(7), point(5), "meets"),
        (point(5), point(7), "misses"),
    ],
)
def test_a_finer_size_answers_a_coarser_one(demand: Interval, offer: Interval, expected: Outcome) -> None:
    assert outcome("finer", demand, offer) == expected


@pytest.mark.parametrize(
    ("demand", "offer", "expected"),
    [
        (Interval(-40, 85), Interval(-55, 125), "meets"),
        (Interval(-40, 85), Interval(-20, 125), "misses"),
        (Interval(-40, 85), Interval(-40, 60), "misses"),
        (Interval(-40, 85), at_most(125), "unknown"),
        (Interval(-40, 85), point(85), "unknown"),
        (point(150), Interval(25, 1000), "meets"),
        (point(1200), Interval(25, 1000), "misses"),
        (point(1200), at_most(1000), "misses"),
        (point(150), point(85), "unknown"),
        (at_least(150), point(180), "meets"),
        (at_most(-40), Interval(-70, 150), "meets"),
        (at_most(-80), Interval(-70, 150), "misses"),
        (at_most(-40), at_least(-25), "unknown"),
    ],
)
def test_a_range_must_hold_what_is_demanded(demand: Interval, offer: Interval, expected: Outcome) -> None:
    assert outcome("within", demand, offer) == expected


@pytest.mark.parametrize(
    ("demand", "offer", "expected"),
    [
        (point(200), point(200), "meets"),
        (point(203.2), point(200), "meets"),
        (point(200), point(300), "misses"),
        (point(200), Interval(150, 200), "meets"),
        (point(300), Interval(150, 200), "misses"),
        (point(200), at_least(150), "unknown"),
        (at_least(150), point(200), "meets"),
    ],
)
def test_named_sizes_are_made_or_not(demand: Interval, offer: Interval, expected: Outcome) -> None:
    assert outcome("member", demand, offer) == expected


def test_a_product_once_made_never_misses() -> None:
    assert outcome("reaches", at_least(400), point(300)) == "unknown"
    assert outcome("reaches", at_least(400), point(420)) == "meets"
    assert outcome("reaches", at_least(400), at_most(450)) == "meets"


def test_a_peak_is_to_be_reached_not_a_ceiling() -> None:
    assert outcome("within", at_most(1600), Interval(25, 1000), to_peak=True) == "misses"
    assert outcome("within", at_most(1600), Interval(25, 1700), to_peak=True) == "meets"
    assert outcome("covers", at_most(1.2), at_most(1.5), to_peak=True) == "meets"
    assert outcome("covers", at_most(2.0), at_most(1.5), to_peak=True) == "misses"


def test_about_takes_a_fifth_more_or_less() -> None:
    assert outcome("covers", point(500, approximate=True), point(420)) == "meets"
    assert outcome("covers", point(500), point(420, approximate=True)) == "meets"
    assert outcome("covers", point(500, approximate=True), point(300)) == "misses"


def test_only_an_open_decade_is_a_scale() -> None:
    assert is_scale(KILOGRAMS)
    assert not is_scale(Interval(1, 10))
    assert not is_scale(Interval(1, 5, max_closed=False, approximate=True))


def test_rounding_of_conversions_is_forgiven() -> None:
    assert outcome("covers", at_least(0.1 + 0.2), at_most(0.3)) == "meets"


finite = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted((draw(finite), draw(finite)))
    shape = draw(st.sampled_from(["both", "low", "high", "point"]))
    closed = draw(st.booleans())
    return {
        "both": Interval(low, high, closed, draw(st.booleans())) if low < high else point(low),
        "low": at_least(low, closed=closed),
        "high": at_most(high, closed=closed),
        "point": point(low),
    }[shape]


@st.composite
def widened(draw: st.DrawFn) -> tuple[Interval, Interval]:
    narrow = draw(intervals())
    by_low, by_high = draw(st.floats(0, 1e6)), draw(st.floats(0, 1e6))
    return narrow, Interval(narrow.min - by_low, narrow.max + by_high, approximate=narrow.approximate)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SENSES), intervals(), widened(), st.booleans())
def test_widening_an_offer_never_turns_meets_into_misses(
    sense: Sense, demand: Interval, offers: tuple[Interval, Interval], to_peak: bool
) -> None:
    narrow, wide = offers
    if outcome(sense, demand, narrow, to_peak=to_peak) == "meets":
        assert outcome(sense, demand, wide, to_peak=to_peak) != "misses"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SENSES), intervals())
def test_an_offer_without_ends_decides_nothing(sense: Sense, demand: Interval) -> None:
    assert outcome(sense, demand, Interval()) == "unknown"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SENSES), intervals(), intervals())
def test_nothing_both_meets_and_misses(sense: Sense, demand: Interval, offer: Interval) -> None:
    span = span_of(offer)
    met, missed = verdict(sense, demand_of(demand, sense), span.low, span.high)
    assert not (met and missed)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SENSES), intervals(), st.lists(intervals(), min_size=1, max_size=8))
def test_columns_are_judged_as_single_pairs_are(sense: Sense, demand: Interval, offers: list[Interval]) -> None:
    spans = [span_of(offer) for offer in offers]
    wanted = demand_of(demand, sense)
    met, missed = verdict(sense, wanted, np.array([s.low for s in spans]), np.array([s.high for s in spans]))
    singles = [verdict(sense, wanted, span.low, span.high) for span in spans]
    assert np.asarray(met).tolist() == [bool(one[0]) for one in singles]
    assert np.asarray(missed).tolist() == [bool(one[1]) for one in singles]


def test_a_point_is_known_by_its_ends() -> None:
    assert span_of(point(203.2)).is_point
    assert span_of(point(0.0)).is_point
    assert not Span(1.0, 1.1).is_point
    assert not Span(-INF, 1.0).is_point
