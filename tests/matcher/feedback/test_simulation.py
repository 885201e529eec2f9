"""Planted truth: corrected estimates recover it better than naive ones, and interleaving names the better ranking."""

from __future__ import annotations

import random

import numpy as np
import pytest

from matcher.feedback.simulation import power, recover, requesters


@pytest.mark.slow
def test_the_corrected_order_is_nearer_to_the_truth_than_the_naive_one() -> None:
    found = [recover(answers=20_000, seed=seed) for seed in range(6)]
    naive = float(np.mean([one.naive for one in found]))
    corrected = float(np.mean([one.corrected for one in found]))
    print(f"Kendall's tau to the true order: naive {naive:.3f}, corrected {corrected:.3f}")  # noqa: T201  # the figures
    assert corrected > naive + 0.08
    assert all(one.corrected > one.naive - 0.02 for one in found)


def test_without_position_bias_there_is_nothing_to_correct() -> None:
    people = requesters(5, 10, seed=0)
    chance = random.Random(0)
    rows = [f"L{number:02}" for number in range(10)]
    acted = [place for _ in range(4000) for place, row in enumerate(rows) if row in people.act("topic-0", rows, chance)]
    assert acted.count(0) > 0
    assert people.propensities[0] == 1.0


@pytest.mark.slow
def test_interleaving_over_a_thousand_runs_names_the_better_and_errs_as_seldom_as_it_says() -> None:
    clear, alike = power(1000, gap=0.5), power(1000, answers=600, gap=0)
    print(f"a better ranking: {clear}; two alike: {alike}")  # noqa: T201  # the figures
    assert clear.better >= 990
    assert clear.worse <= 5
    assert alike.better + alike.worse <= 0.05 * 1000 + 3 * np.sqrt(0.05 * 0.95 * 1000)


def test_interleaving_in_short() -> None:
    clear, alike = power(40, gap=0.6), power(40, answers=300, gap=0)
    assert clear.better >= 38
    assert clear.worse == 0
    assert alike.better + alike.worse <= 6


def test_the_same_seed_gives_the_same_figures() -> None:
    assert recover(answers=2000, seed=5) == recover(answers=2000, seed=5)
    assert recover(answers=2000, seed=5) != recover(answers=2000, seed=6)
