"""Laws of the Gini coefficient and of the share of the first."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.watching.concentration import gini, top_share

amounts = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)
few = settings(max_examples=100, deadline=None)


def by_pairs(values: list[int]) -> Fraction:
    """The definition: mean absolute difference of all pairs, over twice the mean."""
    count, total = len(values), sum(values)
    return Fraction(sum(abs(one - other) for one in values for other in values), 2 * count * total)


@given(amounts)
@few
def test_it_is_half_the_relative_mean_difference(values: list[int]) -> None:
    assert gini(values) == pytest.approx(float(by_pairs(values)), abs=1e-12)


@given(st.integers(1, 10**6), st.integers(1, 50))
@few
def test_equal_amounts_give_zero(amount: int, count: int) -> None:
    assert gini([amount] * count) == 0


@given(st.integers(1, 10**6), st.integers(1, 2000))
@few
def test_one_who_has_everything_nears_one(amount: int, count: int) -> None:
    assert gini([amount] + [0] * (count - 1)) == pytest.approx((count - 1) / count)


@given(amounts, st.integers(1, 10**6))
@few
def test_the_unit_does_not_matter(values: list[int], factor: int) -> None:
    assert gini([factor * value for value in values]) == pytest.approx(gini(values), abs=1e-12)
    assert top_share([factor * value for value in values]) == pytest.approx(top_share(values))


@given(amounts, st.randoms(use_true_random=False))
@few
def test_the_order_does_not_matter(values: list[int], random: object) -> None:
    moved = list(values)
    random.shuffle(moved)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert gini(moved) == gini(values)
    assert 0 <= (gini(values) or 0) < 1


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=20))
@few
def test_taking_from_the_poorest_for_the_richest_makes_it_more_unequal(values: list[int]) -> None:
    ordered = sorted(values)
    moved = [ordered[0] - 1, *ordered[1:-1], ordered[-1] + 1]
    assert (gini(moved) or 0) > (gini(ordered) or 0)


@given(amounts)
@few
def test_somebody_who_gets_nothing_makes_it_more_unequal(values: list[int]) -> None:
    assert (gini([*values, 0]) or 0) > (gini(values) or 0)


def test_share_of_the_first_ten() -> None:
    assert top_share([10] * 20) == 0.5
    assert top_share([1, 2, 3]) == 1
    assert top_share([5, 1, 1, 1], top=1) == 0.625


@pytest.mark.parametrize("values", [[], [0], [0, 0]])
def test_nothing_to_share(values: list[int]) -> None:
    assert gini(values) is None
    assert top_share(values) is None
