"""Propensities from exchanges: near the truth with much data, near a plain law with little, never absurd."""

from __future__ import annotations

import random

import pytest

from matcher.errors import InvalidInput
from matcher.feedback.propensity import FLAT, LEAST, Propensities, agreement, estimate
from matcher.feedback.shown import Shown
from matcher.feedback.simulation import log_of, requesters

IDS = tuple(f"L{number}" for number in range(10))


def acted(place: int, swapped: int) -> Shown:
    """An answer that took part in an exchange at `swapped`, with one act at `place`."""
    return Shown("t", IDS, {IDS[place - 1]: frozenset(("opened",))}, swapped)


@pytest.mark.slow
def test_with_much_data_it_finds_what_was_planted() -> None:
    people = requesters(20, 10, seed=3)
    order = {topic: random.Random(3).sample(sorted(likes), 10) for topic, likes in people.likes.items()}
    found = estimate(log_of(people, order.__getitem__, 200_000, 0.2, seed=4), 10)
    assert agreement(found, people.propensities) < 0.06


def test_it_need_not_be_a_power_law() -> None:
    """With data enough the curve is the data's: a fold after the third row, as on a phone's screen."""
    truth = [1.0, 1.0, 1.0, 0.3, 0.3]
    chance = random.Random(5)
    log = []
    for _ in range(150_000):
        place = chance.randint(1, 4)
        acts = {IDS[row]: frozenset(("opened",)) for row in (place - 1, place) if chance.random() < 0.4 * truth[row]}
        log.append(Shown("t", IDS, acts, place))  # type: ignore[arg-type]  # of one act each
    assert agreement(estimate(log, 5), truth) < 0.04


def test_without_data_every_place_counts_alike() -> None:
    found = estimate([], 5)
    assert found == Propensities((1.0,) * 5, 0)
    assert [FLAT.at(place) for place in (1, 7, 99)] == [1.0, 1.0, 1.0]


def test_answers_that_took_no_part_teach_nothing() -> None:
    plain = [Shown("t", IDS, {IDS[0]: frozenset(("opened",))}) for _ in range(1000)]
    assert estimate(plain, 5) == estimate([], 5)
    cut_off = [Shown("t", IDS[:3], {}, 3), Shown("t", IDS, {}, 99), Shown("t", IDS, {}, 0)]
    assert estimate(cut_off, 5).answers == 0


def test_places_never_rise_and_never_vanish() -> None:
    backwards = estimate([acted(2, 1) for _ in range(1000)], 5)
    assert list(backwards.values) == sorted(backwards.values, reverse=True)
    steep = estimate([acted(place, place) for place in range(1, 10) for _ in range(5000)], 10)
    assert steep.values[0] == 1.0
    assert min(steep.values) == LEAST


def test_a_few_acts_move_it_a_little() -> None:
    found = estimate([acted(1, 1), acted(1, 1), acted(2, 1)], 3)
    assert found.answers == 3
    assert 0.3 < found.at(2) < 1.0


def test_behind_the_last_place_its_value_holds_and_place_zero_is_none() -> None:
    found = Propensities((1.0, 0.5), 9)
    assert found.at(2) == found.at(50) == 0.5
    with pytest.raises(InvalidInput):
        found.at(0)
    with pytest.raises(InvalidInput):
        estimate([], 0)
