from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.evaluation.bootstrap import compare, holm, mean_estimate

unit = st.lists(st.floats(0, 1), min_size=1, max_size=30)


class TestMeanEstimate:
    def test_same_seed_same_interval(self) -> None:
        values = np.linspace(0, 1, 40)
        assert mean_estimate(values, seed=3) == mean_estimate(values, seed=3)
        assert mean_estimate(values, seed=3) != mean_estimate(values, seed=4)

    def test_near_the_normal_interval_for_many_needs(self) -> None:
        values = np.random.default_rng(0).normal(0.5, 0.1, 400)
        half = 1.96 * values.std() / math.sqrt(400)
        estimate = mean_estimate(values)
        assert estimate.mean == pytest.approx(values.mean())
        assert estimate.low == pytest.approx(values.mean() - half, abs=0.001)
        assert estimate.high == pytest.approx(values.mean() + half, abs=0.001)

    def test_exact_for_two_needs(self) -> None:
        # Resampled means of {0, 1} are 0, ½, 1 with weights ¼, ½, ¼: the 40 % interval is the middle one.
        estimate = mean_estimate([0.0, 1.0], level=0.4)
        assert (estimate.low, estimate.high) == (0.5, 0.5)
        assert (mean_estimate([0.0, 1.0]).low, mean_estimate([0.0, 1.0]).high) == (0.0, 1.0)

    def test_no_need(self) -> None:
        estimate = mean_estimate([])
        assert estimate.count == 0
        assert math.isnan(estimate.mean)

    @given(unit)
    @settings(max_examples=50, deadline=None)
    def test_lies_within_the_values(self, values: list[float]) -> None:
        estimate = mean_estimate(values, samples=200)
        assert min(values) - 1e-9 <= estimate.low <= estimate.high <= max(values) + 1e-9

    def test_a_higher_level_is_wider(self) -> None:
        values = np.random.default_rng(1).random(30)
        narrow, wide = mean_estimate(values, level=0.5), mean_estimate(values, level=0.99)
        assert wide.low < narrow.low < narrow.high < wide.high

    @pytest.mark.parametrize("values", [[[0.1]], [math.nan], [math.inf]])
    def test_refuses_what_is_no_score(self, values: list[float]) -> None:
        with pytest.raises(InvalidInput, match="有限"):
            mean_estimate(values)

    @pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
    def test_refuses_a_level_outside_the_unit_interval(self, level: float) -> None:
        with pytest.raises(InvalidInput, match="置信水平"):
            mean_estimate([0.5], level=level)


class TestCompare:
    def test_counts_wins_losses_and_ties(self) -> None:
        result = compare([0.9, 0.1, 0.5, 0.7], [0.1, 0.9, 0.5, 0.1])
        assert (result.wins, result.losses, result.ties) == (2, 1, 1)
        assert result.difference.mean == pytest.approx(0.15)

    def test_p_value_is_that_of_all_sign_flips(self) -> None:
        differences = np.array([0.3, 0.1, -0.05, 0.2, 0.25, -0.1, 0.4, 0.15])
        flips = np.array(list(itertools.product([-1, 1], repeat=differences.size)))
        exact = (np.abs(flips @ differences) >= abs(differences.sum()) - 1e-12).mean()
        found = compare(differences, np.zeros(differences.size), samples=40_000).p_value
        assert found == pytest.approx(exact, abs=0.005)

    def test_a_run_against_itself_is_no_evidence(self) -> None:
        result = compare([0.2, 0.4, 0.6], [0.2, 0.4, 0.6])
        assert result.p_value == 1.0
        assert (result.difference.mean, result.difference.low, result.difference.high) == (0.0, 0.0, 0.0)

    def test_a_clear_gain_is_never_quite_certain(self) -> None:
        result = compare(np.full(60, 0.8), np.full(60, 0.2), samples=1_000)
        assert result.p_value == pytest.approx(1 / 1001)

    def test_pairing_sees_a_small_steady_gain_that_unpaired_intervals_hide(self) -> None:
        theirs = np.random.default_rng(2).random(50)
        ours = theirs + 0.02
        assert mean_estimate(ours).low < mean_estimate(theirs).high
        assert compare(ours, theirs).difference.low > 0

    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
    @settings(max_examples=50, deadline=None)
    def test_swapping_the_runs_flips_the_sign_only(self, pairs: list[tuple[float, float]]) -> None:
        ours, theirs = zip(*pairs, strict=True)
        one, other = compare(ours, theirs, samples=200), compare(theirs, ours, samples=200)
        assert one.difference.mean == pytest.approx(-other.difference.mean)
        assert one.p_value == other.p_value
        assert (one.wins, one.losses, one.ties) == (other.losses, other.wins, other.ties)

    def test_refuses_runs_over_different_needs(self) -> None:
        with pytest.raises(InvalidInput, match="2 与 1"):
            compare([0.1, 0.2], [0.1])


class TestHolm:
    def test_hand_worked(self) -> None:
        # Ascending: 3 × 0.01, 2 × 0.03, then 1 × 0.04, which may not fall below 0.06.
        assert holm([0.04, 0.01, 0.03]) == pytest.approx((0.06, 0.03, 0.06))

    def test_never_above_one(self) -> None:
        assert holm([0.9, 0.8]) == (1.0, 1.0)

    def test_one_test_stays_as_it_is(self) -> None:
        assert holm([0.02]) == (0.02,)
        assert holm([]) == ()

    @given(st.lists(st.floats(0, 1), max_size=10))
    @settings(max_examples=100, deadline=None)
    def test_keeps_the_order_and_never_sharpens(self, p_values: list[float]) -> None:
        adjusted = holm(p_values)
        for p, q in zip(p_values, adjusted, strict=True):
            assert q >= p
        order = sorted(range(len(p_values)), key=lambda i: p_values[i])
        assert [adjusted[i] for i in order] == sorted(adjusted)
