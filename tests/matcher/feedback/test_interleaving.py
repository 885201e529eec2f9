"""Team draft: fair to both sides, best rows first, nothing twice."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.feedback.interleaving import Interleaved, interleave, winner
from matcher.feedback.shown import Act

rankings = st.permutations([f"L{number}" for number in range(8)])


@given(rankings, rankings, st.integers(0, 12), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_each_row_once_each_side_in_its_own_order_and_teams_alike(
    a: list[str], b: list[str], length: int, seed: int
) -> None:
    shown = interleave(a, b, length, random.Random(seed))
    assert len(shown.listings) == len(set(shown.listings)) == min(length, 8)
    assert len(shown.teams) == len(shown.listings)
    assert abs(shown.teams.count("a") - shown.teams.count("b")) <= 1
    for team, ranking in (("a", a), ("b", b)):
        picked = [one for one, side in zip(shown.listings, shown.teams, strict=True) if side == team]
        assert picked == sorted(picked, key=ranking.index)


@given(rankings, st.integers(1, 8))
@settings(max_examples=30, deadline=None)
def test_two_alike_are_shown_as_they_are_and_nobody_wins(a: list[str], length: int) -> None:
    shown = interleave(a, a, length, random.Random(1))
    assert list(shown.listings) == a[:length]
    assert set(shown.teams) == {None}
    everything: dict[str, frozenset[Act]] = {one: frozenset(("opened",)) for one in a}
    assert winner(shown, everything) is None


def test_what_both_begin_with_belongs_to_nobody() -> None:
    shown = interleave("xyab", "xyba", 4, random.Random(1))
    assert shown.listings[:2] == ("x", "y")
    assert shown.teams[:2] == (None, None)
    assert set(shown.teams[2:]) == {"a", "b"}


def test_the_coin_is_fair() -> None:
    chance = random.Random(1)
    firsts = [interleave(["a1", "a2"], ["b1", "b2"], 2, chance).teams[0] for _ in range(4000)]
    assert firsts.count("a") / len(firsts) == pytest.approx(0.5, abs=0.03)


def test_rankings_of_other_lengths_and_other_rows() -> None:
    shown = interleave(["a"], ["b", "c", "d"], 10, random.Random(1))
    assert set(shown.listings) == {"a", "b", "c", "d"}
    assert interleave([], [], 5, random.Random(1)) == Interleaved((), ())
    assert interleave([], ["b"], 5, random.Random(1)).teams == ("b",)


@pytest.mark.parametrize(
    ("acts", "won"),
    [
        ({}, None),
        ({"p": {"opened"}}, "a"),
        ({"q": {"saved"}}, "b"),
        ({"p": {"opened"}, "q": {"opened"}}, None),
        ({"p": {"opened"}, "q": {"opened"}, "s": {"opened"}}, "b"),
        ({"r": {"contracted"}}, None),
        ({"p": {"dismissed"}}, None),
        ({"elsewhere": {"opened"}}, None),
    ],
)
def test_whose_rows_got_more_acts_wins(acts: dict[str, set[Act]], won: str | None) -> None:
    shown = Interleaved(("p", "q", "r", "s"), ("a", "b", None, "b"))
    assert winner(shown, {listing: frozenset(done) for listing, done in acts.items()}) == won
