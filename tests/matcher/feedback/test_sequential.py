"""The sequential test against its own definition: never wrong more often than it says, however often one looks."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta

from matcher.errors import InvalidInput
from matcher.feedback.sequential import SequentialTest, log_ratio


@given(st.integers(0, 40), st.integers(0, 40), st.sampled_from([0.5, 2.0, 10.0]))
@settings(max_examples=40, deadline=None)
def test_the_ratio_is_the_mean_over_the_mixture(wins: int, losses: int, mixture: float) -> None:
    """Against the integral that the closed form stands for."""

    def likelihood(share: float) -> float:
        return float(beta.pdf(share, mixture, mixture) * share**wins * (1 - share) ** losses)

    mean = quad(likelihood, 0, 1, limit=200)[0] * 2 ** (wins + losses)
    assert math.exp(log_ratio(wins, losses, mixture)) == pytest.approx(mean, rel=1e-4)


@given(st.integers(0, 200), st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_it_does_not_matter_which_side_is_called_a(wins: int, losses: int) -> None:
    assert log_ratio(wins, losses) == pytest.approx(log_ratio(losses, wins))


@pytest.mark.slow
def test_under_a_fair_coin_fewer_than_alpha_are_ever_named() -> None:
    """Looked at after every one of a thousand answers, as people do: a plain test would be wrong in a third of runs."""
    alpha, runs, wrong = 0.05, 600, 0
    for run in range(runs):
        chance, test = random.Random(run), SequentialTest(alpha)
        wrong += any(test.add(chance.random() < 0.5).verdict != "undecided" for _ in range(1000))
    assert wrong / runs <= alpha + 3 * math.sqrt(alpha * (1 - alpha) / runs)


def test_a_clear_difference_is_named_soon_and_by_the_right_name() -> None:
    for better, verdict in ((0.75, "a"), (0.25, "b")):
        needed = []
        for run in range(60):
            chance, test = random.Random(run), SequentialTest()
            while test.add(chance.random() < better).verdict == "undecided":
                pass
            assert test.standing().verdict == verdict
            needed.append(test.standing().wins + test.standing().losses)
        assert sorted(needed)[30] < 80


def test_a_verdict_stays_and_the_p_value_never_rises() -> None:
    test = SequentialTest()
    seen = [test.add(True).p_value for _ in range(40)]
    assert test.standing().verdict == "a"
    seen += [test.add(False).p_value for _ in range(80)]
    assert seen == sorted(seen, reverse=True)
    assert test.standing().verdict == "a"
    assert (test.standing().wins, test.standing().losses) == (40, 80)


def test_before_anything_nothing_is_known() -> None:
    standing = SequentialTest().standing()
    assert (standing.p_value, standing.verdict) == (1.0, "undecided")


@pytest.mark.parametrize("alpha", [0.0, 0.5, -1.0, 2.0, float("nan")])
def test_an_error_rate_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(InvalidInput):
        SequentialTest(alpha)


@pytest.mark.parametrize(("wins", "losses", "mixture"), [(-1, 0, 1.0), (0, -1, 1.0), (1, 1, 0.0)])
def test_counts_that_are_none_are_refused(wins: int, losses: int, mixture: float) -> None:
    with pytest.raises(InvalidInput):
        log_ratio(wins, losses, mixture)
