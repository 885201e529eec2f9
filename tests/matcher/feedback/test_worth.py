"""The worth of a pair: corrected for its places, held back where little was seen, apart from judges' grades."""

from __future__ import annotations

import pytest

from matcher.feedback.propensity import Propensities
from matcher.feedback.shown import Act, Shown
from matcher.feedback.worth import GRADES, LEAST_ANSWERS, Worth, worths

HALF = Propensities((1.0, 0.5), 100)


def answers(count: int, acts: dict[str, frozenset[Act]], listings: tuple[str, ...] = ("a", "b")) -> list[Shown]:
    return [Shown("t", listings, acts) for _ in range(count)]


def of(found: list[Worth], listing_id: str) -> Worth:
    return next(one for one in found if one.listing_id == listing_id)


class TestGain:
    @pytest.mark.parametrize(
        ("acts", "gain"),
        [
            (set(), 0.0),
            ({"opened"}, 0.25),
            ({"opened", "saved"}, 0.5),
            ({"opened", "enquired"}, 0.75),
            ({"contracted"}, 1.0),
            ({"opened", "dismissed"}, 0.0),
            ({"opened", "saved", "dismissed"}, 0.0),
            ({"enquired", "dismissed"}, 0.75),
        ],
    )
    def test_the_furthest_act_counts_and_a_dismissal_takes_back_curiosity(self, acts: set[Act], gain: float) -> None:
        assert Shown("t", ("a",), {"a": frozenset(acts)}).gain("a") == gain
        assert Shown("t", ("a",), {"a": frozenset(acts)}).gain("b") == 0.0


class TestCorrection:
    def test_like_acts_at_a_place_seen_half_as_often_are_worth_twice(self) -> None:
        log = answers(1000, {"a": frozenset(("opened",)), "b": frozenset(("opened",))})
        naive, corrected = worths(log), worths(log, HALF)
        assert of(naive, "a").value == pytest.approx(of(naive, "b").value)
        assert of(corrected, "b").value == pytest.approx(2 * of(corrected, "a").value, rel=0.01)

    def test_topics_are_apart(self) -> None:
        log = [*answers(20, {"a": frozenset(("opened",))}), *(Shown("u", ("a", "b")) for _ in range(20))]
        found = {(one.topic, one.listing_id): one.value for one in worths(log)}
        assert found["t", "a"] > found["u", "a"]

    def test_one_lucky_answer_is_no_great_worth(self) -> None:
        often = worths(answers(50, {"a": frozenset(("enquired",))}) + answers(50, {}))
        once = worths(
            answers(1, {"c": frozenset(("enquired",))}, ("c",)) + answers(9, {}) + answers(2, {}, ("c",)), least=3
        )
        assert of(once, "c").value < of(often, "a").value

    def test_too_little_says_nothing(self) -> None:
        assert worths(answers(LEAST_ANSWERS - 1, {"a": frozenset(("opened",))})) == []
        assert worths([]) == []

    def test_without_any_act_nothing_is_worth_anything(self) -> None:
        assert {one.value for one in worths(answers(10, {}))} == {0.0}


def test_worth_becomes_a_grade_of_its_own_scale() -> None:
    assert [Worth("t", "a", value, 9).grade for value in (0.0, *GRADES, 5.0)] == [0, 1, 2, 3, 3]
