"""Likeness of rankings: known values, and laws."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from matcher.feedback.likeness import Likeness, kendall, likeness, overlap, rank_biased_overlap

rankings = st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=12)


@given(rankings)
@settings(max_examples=50, deadline=None)
def test_of_a_ranking_and_itself(ranking: list[str]) -> None:
    found = likeness(ranking, ranking)
    assert (found.overlap, found.rank_biased, found.same_first) == (1.0, pytest.approx(1.0), True)
    assert found.kendall == (1.0 if len(ranking) > 1 else None)


@given(rankings, rankings)
@settings(max_examples=100, deadline=None)
def test_either_way_round_it_is_the_same_and_within_bounds(a: list[str], b: list[str]) -> None:
    one, other = likeness(a, b), likeness(b, a)
    assert one == other
    assert 0 <= one.overlap <= 1
    assert -1e-9 <= one.rank_biased <= 1 + 1e-9
    assert one.kendall is None or -1 <= one.kendall <= 1


def test_nothing_in_common() -> None:
    assert likeness("abc", "xyz") == Likeness(0.0, 0.0, None, False)
    assert likeness("abc", "") == Likeness(0.0, 0.0, None, False)
    assert likeness("", "") == Likeness(1.0, 1.0, None, True)


def test_values_worked_out_by_hand() -> None:
    assert overlap("abcd", "abxy") == 0.5
    assert overlap("ab", "abcd") == 0.5
    # Agreement 0 at depth 1 and 1 at depth 2, which goes on: 0.1·(0 + 0.9·1) + 0.81·1.
    assert rank_biased_overlap("ab", "ba") == pytest.approx(0.9)
    # 1 at depth 1, ½ at depth 2: 0.1·(1 + 0.9·½) + 0.81·½.
    assert rank_biased_overlap("ab", "ac") == pytest.approx(0.55)
    assert kendall("abc", "acb") == pytest.approx(1 / 3)


def test_what_changes_at_the_top_weighs_more() -> None:
    assert rank_biased_overlap("abcdefghij", "bacdefghij") < rank_biased_overlap("abcdefghij", "abcdefghji")


@given(st.permutations("abcdefgh"), st.permutations("abcdefgh"))
@settings(max_examples=50, deadline=None)
def test_kendall_is_that_of_scipy(a: list[str], b: list[str]) -> None:
    places = [b.index(one) for one in a]
    assert kendall(a, b) == pytest.approx(kendalltau(range(8), places).statistic)


def test_only_the_first_rows_count() -> None:
    assert likeness("abc", "abx", depth=2) == likeness("ab", "ab")


def test_lists_and_tuples_are_alike() -> None:
    assert likeness(["a", "b"], ("a", "b")) == likeness("ab", "ab")
