"""What feedback teaches: planted likings are found through the bias of places, and nothing is made of nothing."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

from matcher.catalogue.feedback.store import Kept
from matcher.feedback.impressions import Place
from matcher.feedback.lessons import LEAST_SWAPPED, PREFIX, examples_of, learn_from
from matcher.feedback.propensity import FLAT
from matcher.feedback.shown import Act, Shown
from matcher.feedback.simulation import log_of, requesters
from matcher.ranking.features import FEATURES, JOINT
from matcher.ranking.learning import learn_weights
from matcher.retrieval.retriever import SIGNALS

AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
LATE = FEATURES.index("late")


def keeping(shown: Shown, number: int, features: NDArray[np.float32] | None = None, pinned: int = 0) -> Kept:
    places = tuple(Place(one, place < pinned) for place, one in enumerate(shown.listings))
    stored = None if features is None else features.astype("<f2").tobytes()
    return Kept(f"answer-{number}", AT, None, shown, places, "good", stored)


def plain(topic: str, listings: str, opened: str = "") -> Shown:
    acts: dict[str, frozenset[Act]] = {one: frozenset(("opened",)) for one in opened}
    return Shown(topic, tuple(listings), acts)


def rows(listings: str) -> NDArray[np.float32]:
    """Features that tell the letter in `late` and are read by the re-ranker."""
    found = np.zeros((len(listings), len(FEATURES)), np.float32)
    found[:, LATE] = [ord("z") - ord(one) for one in listings]
    found[:, FEATURES.index(JOINT)] = 3.0
    return found


class TestLessons:
    def test_few_exchanges_correct_nothing_and_say_so(self) -> None:
        log = [keeping(Shown("t", ("a", "b"), {}, 1, False), number) for number in range(LEAST_SWAPPED - 1)]
        found = learn_from(log)
        assert (found.answers, found.swapped, found.propensities) == (len(log), len(log), FLAT)
        assert not found.is_corrected
        found = learn_from([*log, log[0]])
        assert found.is_corrected

    def test_with_exchanges_the_order_is_nearer_to_the_truth(self) -> None:
        people = requesters(12, 10, 3)
        served = {topic: random.Random(topic).sample(sorted(likes), 10) for topic, likes in people.likes.items()}
        naive, corrected = (
            learn_from(
                [
                    keeping(one, number)
                    for number, one in enumerate(log_of(people, served.__getitem__, 15_000, share, 5))
                ]
            )
            for share in (0.0, 0.15)
        )
        taus = []
        for lessons in (naive, corrected):
            true = [people.likes[one.topic][one.listing_id] for one in lessons.worths]
            taus.append(kendalltau(true, [one.value for one in lessons.worths]).statistic)
        assert corrected.is_corrected
        assert taus[1] > taus[0] + 0.05

    def test_answers_without_a_topic_say_nothing_of_worth_but_of_places(self) -> None:
        log = [keeping(Shown("", ("a", "b"), {}, 1, False), number) for number in range(LEAST_SWAPPED)]
        found = learn_from(log)
        assert (found.worths, found.swapped) == ((), LEAST_SWAPPED)

    def test_of_nothing(self) -> None:
        found = learn_from([])
        assert (found.answers, found.worths, found.is_corrected) == (0, (), False)


class TestExamples:
    def log(self) -> list[Kept]:
        """Two topics; a is liked in both and z never; b is pinned."""
        shown = [plain("x", "baz", "a"), plain("y", "baz", "a")]
        log = [keeping(shown[number % 2], number, rows("baz"), pinned=1) for number in range(40)]
        return [*log, keeping(plain("x", "baz", "a"), 40), keeping(plain("", "baz", "a"), 41, rows("baz"))]

    def test_an_answer_is_a_need_with_the_grades_of_worth(self) -> None:
        log = self.log()
        found = examples_of(log, learn_from(log), 100)
        assert len(found.need_ids) == 40, "those without features or topic teach nothing"
        assert all(one.startswith(PREFIX) for one in found.need_ids)
        grades = dict(zip(found.listing_ids, found.grades.tolist(), strict=True))
        assert grades["b"] == -1
        assert grades["a"] > grades["z"] == 0
        assert not found.features[:, FEATURES.index(JOINT)].any()
        assert found.features[:3, LATE].tolist() == [ord("z") - ord(one) for one in "baz"]

    def test_no_more_than_asked_for_and_topics_in_turn(self) -> None:
        log = self.log()
        lessons = learn_from(log)
        found = examples_of(log, lessons, 10)
        numbers = [int(one.removeprefix(f"{PREFIX}answer-")) for one in found.need_ids]
        assert len(set(numbers)) == 10
        assert [number % 2 for number in numbers] == [0, 1] * 5
        assert found.need_ids == examples_of(log, lessons, 10).need_ids
        assert found.need_ids != examples_of(log, lessons, 10, seed=1).need_ids

    def test_a_ranking_can_be_learnt_from_them(self) -> None:
        chance = random.Random(1)
        log = []
        for number in range(300):
            letters = "".join(chance.sample("abcdefgh", 6))
            liked = "".join(one for one in letters if one in "abc" and chance.random() < 0.8)
            log.append(keeping(plain("x", letters, liked), number, rows(letters)))
        weights = learn_weights(examples_of(log, learn_from(log), 300))
        assert weights["late"] > 0
        assert not any(weights[name] for name in FEATURES if name != "late")
        assert "late" in SIGNALS

    def test_nothing_to_learn(self) -> None:
        assert len(examples_of([], learn_from([]), 10)) == 0
        log = [keeping(plain("x", "ab"), number, rows("ab")) for number in range(10)]
        assert len(examples_of(log, learn_from(log), 10)) == 0, "all alike"
