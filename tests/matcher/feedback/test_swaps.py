"""Exchanges of neighbours: rare, fair, harmless."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.feedback.swaps import PLACES, SHARE_MAX, Swap, apply, draw


@given(st.lists(st.integers(), unique=True, max_size=30), st.integers(0, 2**32))
@settings(max_examples=80, deadline=None)
def test_nothing_is_lost_and_no_row_moves_further_than_one_place(rows: list[int], seed: int) -> None:
    swap = draw(len(rows), SHARE_MAX, random.Random(seed))
    changed = apply(rows, swap)
    assert sorted(changed) == sorted(rows)
    assert all(abs(changed.index(row) - place) <= 1 for place, row in enumerate(rows))
    assert sum(a != b for a, b in zip(rows, changed, strict=True)) in (0, 2)


def test_it_happens_in_the_share_asked_for_at_every_place_and_the_coin_is_fair() -> None:
    chance = random.Random(1)
    drawn = [draw(10, 0.1, chance) for _ in range(50_000)]
    taken = [swap for swap in drawn if swap is not None]
    assert len(taken) / len(drawn) == pytest.approx(0.1, abs=0.01)
    assert sum(swap.exchanged for swap in taken) / len(taken) == pytest.approx(0.5, abs=0.03)
    places = Counter(swap.place for swap in taken)
    assert set(places) == set(range(1, 10))
    assert max(places.values()) / min(places.values()) < 1.4


def test_a_long_list_is_exchanged_near_its_top_only() -> None:
    chance = random.Random(1)
    assert {swap.place for _ in range(5000) if (swap := draw(200, 0.2, chance))} == set(range(1, PLACES + 1))


def test_off_is_off_and_one_row_has_no_neighbour() -> None:
    chance = random.Random(1)
    assert not any(draw(10, 0.0, chance) for _ in range(1000))
    assert not any(draw(length, SHARE_MAX, chance) for length in (0, 1) for _ in range(1000))
    assert apply("abc", None) == ["a", "b", "c"]
    assert apply("abc", Swap(2, False)) == ["a", "b", "c"]
    assert apply("abc", Swap(2, True)) == ["a", "c", "b"]


@pytest.mark.parametrize("share", [-0.1, SHARE_MAX + 0.01, float("nan")])
def test_a_share_that_people_would_notice_is_refused(share: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        draw(10, share, random.Random(1))
    assert caught.value.field == "share"
