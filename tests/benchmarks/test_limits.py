"""Limits: arithmetic that can be worked by hand, rates that can be no other, and the parts of a small matcher."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from embeddings.weights import Shape
from tests.benchmarks import limits
from tests.benchmarks.limits import (
    Machine,
    Part,
    attention_operations,
    forward_ms,
    matrix_operations,
    median_ms,
    page,
    pair_ms,
    product,
    seconds,
)

SMALL = Shape(hidden=2, layers=3, heads=1, feed_forward=4, vocabulary=9, positions=9, types=1, epsilon=1e-12)


def test_operations_worked_by_hand() -> None:
    # A token and a layer: 4 · 2 · 2 weights of attention, 2 · 2 · 4 of the feed-forward part; each is two operations.
    assert matrix_operations(SMALL, tokens=1, layers=1) == 2 * (16 + 16)
    assert matrix_operations(SMALL, tokens=5, layers=3) == 15 * 64
    # Scores of 5 by 5 tokens over 2 columns, and as much again for the sums.
    assert attention_operations(SMALL, tokens=5, layers=1) == 2 * 2 * 25 * 2


def test_a_forward_pass_takes_its_operations_over_the_rates() -> None:
    machine = Machine(integer=64_000, floating=4_000, reading=1, cores=1)
    assert forward_ms(SMALL, 1, 1, machine) == pytest.approx(1000 * (64 / 64_000 + 8 / 4_000))


def test_a_pair_takes_the_rest_of_one_layer_for_the_need_s_tokens() -> None:
    machine = Machine(integer=64_000, floating=4_000, reading=1, cores=1)
    # Each of 3 tokens: 2 · 2 weights behind attention and 2 · 2 · 4 of the feed-forward part; 7 tokens looked at.
    wanted = 1000 * (3 * 2 * (4 + 16) / 64_000 + 2 * 2 * 3 * 7 * 2 / 4_000)
    assert pair_ms(SMALL, own=3, seen=7, machine=machine) == pytest.approx(wanted)


@pytest.mark.parametrize("integers", [True, False])
def test_a_product_is_one_of_matrices(integers: bool) -> None:
    found: Any = product(3, 4, 5, integers=integers)()
    drawn = np.random.default_rng(0)
    weights = drawn.integers(-63, 64, (4, 5))
    assert np.array_equal(found[0], drawn.integers(0, 255, (3, 4)) @ weights)


def test_this_machine_multiplies_and_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SIDE", 128)
    monkeypatch.setattr(limits, "BYTES", 2**20)
    found = limits.measure_machine()
    assert found.integer > 1e8
    assert found.floating > 1e8
    assert found.reading > 1e8
    assert found.cores >= 1


def test_the_least_of_several_runs_after_one_that_does_not_count() -> None:
    calls: list[int] = []
    assert seconds(lambda: calls.append(1), repeats=3) >= 0
    assert len(calls) == 4


def test_each_text_once() -> None:
    read: list[str] = []
    assert median_ms(read.append, ["a", "b", "c"]) >= 0
    assert read == ["a", "b", "c"]


def test_the_page_has_rates_and_how_far_each_part_is() -> None:
    machine = Machine(integer=300e9, floating=80e9, reading=12.34e9, cores=2)
    text = page(machine, [Part("encoder", "12 layers", 2.5, 5.0).row(24_000)], "a machine")
    assert "300 G int8" in text
    assert "80 G in float32" in text
    assert "12.3 GB/s read by 2 cores" in text
    assert "| 24,000 | encoder | 12 layers | 2.500 ms | 5.000 ms | 2.0 |" in text
    assert "on a machine" in text
