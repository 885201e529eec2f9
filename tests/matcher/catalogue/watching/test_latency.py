"""Buckets of latency: what is read from their sum is near what was measured, however many processes counted."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.watching.latency import FIRST_MS, LAST, STEPS, bucket_of, end_of, quantile

times = st.lists(st.floats(FIRST_MS * 1.01, 50_000), min_size=1, max_size=60)
SHARES = st.sampled_from([0.05, 0.5, 0.95, 1.0])


@given(times, SHARES)
@settings(max_examples=100, deadline=None)
def test_a_quantile_is_off_by_less_than_a_bucket(measured: list[float], share: float) -> None:
    found = quantile(Counter(map(bucket_of, measured)), share)
    exact = sorted(measured)[math.ceil(share * len(measured)) - 1]
    assert found is not None
    assert 2 ** (-0.51 / STEPS) <= found / exact <= 2 ** (0.51 / STEPS)


@given(times, times, SHARES)
@settings(max_examples=60, deadline=None)
def test_two_processes_count_as_one_would(here: list[float], there: list[float], share: float) -> None:
    added = Counter(map(bucket_of, here)) + Counter(map(bucket_of, there))
    assert quantile(added, share) == quantile(Counter(map(bucket_of, here + there)), share)


@given(st.floats(0, 1e9), st.floats(0, 1e9))
@settings(max_examples=100, deadline=None)
def test_slower_is_never_in_an_earlier_bucket(one: float, other: float) -> None:
    first, second = sorted((one, other))
    assert 0 <= bucket_of(first) <= bucket_of(second) <= LAST


@pytest.mark.parametrize("bucket", range(LAST + 1))
def test_a_bucket_holds_its_end(bucket: int) -> None:
    assert bucket_of(end_of(bucket)) == bucket


@pytest.mark.parametrize(("ms", "bucket"), [(0.0, 0), (-1.0, 0), (math.nan, 0), (math.inf, LAST), (1.0, STEPS)])
def test_ends(ms: float, bucket: int) -> None:
    assert bucket_of(ms) == bucket


def test_nothing_has_no_quantile() -> None:
    assert quantile({}, 0.5) is None
    assert quantile({3: 0}, 0.5) is None
