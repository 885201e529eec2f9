"""Learning a profile anew: the planted order, what stays of the old one, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.errors import InvalidInput
from matcher.ranking import learning
from matcher.ranking.documents import Document, canonical, document_from
from matcher.ranking.examples import Examples, join
from matcher.ranking.features import FEATURES, JOINT
from matcher.ranking.relearning import LEAST_NEEDS, learn_both, relearn
from matcher.retrieval.retriever import SIGNALS
from tests.matcher.ranking.test_learning import NEEDS, planted
from tests.matcher.small import PROFILE

TRUTH = {"late": 5.0, "words": 2.0}
READING = replace(PROFILE, reads=5, unread=PROFILE.calibration)


def judged(seed: int = 0) -> Examples:
    """As `planted`, but nothing has been read, and five needs have no answer."""
    examples = planted(TRUTH, seed=seed)
    features = examples.features.copy()
    features[:, FEATURES.index(JOINT)] = 0
    grades = np.where(examples.needs < 5, np.minimum(examples.grades, 1), examples.grades)
    return replace(examples, features=features, grades=grades)


def test_the_planted_weights_are_found_and_the_rest_is_as_it_was() -> None:
    found = relearn(PROFILE, judged(), "encoder-1", {"needs": NEEDS})
    weights = found.profile.weights
    assert sorted(weights, key=lambda name: -weights[name])[:2] == ["late", "words"]
    assert (found.profile.encoder, found.profile.training) == ("encoder-1", {"needs": NEEDS})
    assert (found.profile.reads, found.profile.thresholds) == (PROFILE.reads, PROFILE.thresholds)
    assert found.notes == ()
    # It can be stored and read back like any other.
    document = Document(found.profile)
    assert canonical(document_from(document.as_dict())) == canonical(document)


def test_its_probabilities_are_those_of_the_judgements() -> None:
    examples = judged()
    profile = relearn(PROFILE, examples, "e", {}).profile
    scores = learning.scores_of(examples, profile.weights)
    told = np.interp(scores, *np.array(profile.calibration).T)
    assert told.mean() == pytest.approx((examples.grades >= learning.GOOD).mean(), abs=0.05)


class TestReading:
    def test_a_reader_that_knows_the_truth_is_listened_to(self) -> None:
        examples = judged()
        grades = dict(zip(examples.listing_ids, examples.grades.tolist(), strict=True))
        read: list[int] = []

        def knowing(need_id: str, listing_ids: Sequence[str]) -> NDArray[np.float32]:
            read.append(len(listing_ids))
            return np.array([1.0 + grades[one] for one in listing_ids], np.float32)

        noisy = replace(examples, features=np.random.default_rng(1).random(examples.features.shape).astype(np.float32))
        noisy.features[:, FEATURES.index(JOINT)] = 0
        noisy.features[:, FEATURES.index("late")] += examples.grades * 0.3
        found = relearn(READING, noisy, "e", {}, read=knowing).profile
        assert found.weights[JOINT] > 0
        assert found.unread is not None
        assert set(read) == {READING.reads}

    def test_one_that_guesses_is_not(self) -> None:
        chance = np.random.default_rng(0)
        found = relearn(READING, judged(), "e", {}, read=lambda _, ids: 1 + chance.random(len(ids)).astype(np.float32))
        assert found.profile.weights[JOINT] < 5

    def test_without_a_reader_its_weight_stays(self) -> None:
        found = relearn(READING, judged(), "e", {}).profile
        assert found.weights[JOINT] == READING.weights[JOINT]


class TestBehaviour:
    def test_it_is_learnt_from_beside_judgements(self) -> None:
        clicks = planted({"dense": 5.0}, seed=9)
        clicks = replace(clicks, need_ids=tuple(f"feedback:{one}" for one in clicks.need_ids))
        assert learn_both(judged(), clicks)["dense"] > learn_both(judged(), None)["dense"]
        assert learn_both(judged(), join([])) == learn_both(judged(), None)

    def test_but_what_is_promised_comes_from_judges(self) -> None:
        clicks = planted(TRUTH, seed=9)
        clicks = replace(
            clicks, need_ids=tuple(f"feedback:{one}" for one in clicks.need_ids), grades=np.minimum(clicks.grades, 1)
        )
        with_clicks = relearn(PROFILE, judged(), "e", {}, clicks).profile
        assert max(share for _, share in with_clicks.calibration) > 0.9


class TestRefusals:
    def test_too_few_needs(self) -> None:
        examples = judged()
        few = examples.of(examples.need_ids[: LEAST_NEEDS - 1])
        with pytest.raises(InvalidInput, match=str(LEAST_NEEDS - 1)):
            relearn(PROFILE, few, "e", {})
        assert relearn(PROFILE, examples.of(examples.need_ids[:LEAST_NEEDS]), "e", {}).profile

    def test_needs_whose_grades_are_all_alike_don_t_count(self) -> None:
        examples = judged()
        with pytest.raises(InvalidInput):
            relearn(PROFILE, replace(examples, grades=np.ones_like(examples.grades)), "e", {})

    def test_grades_that_contradict_every_feature(self) -> None:
        examples = judged()
        features = np.tile(-examples.grades[:, None], (1, len(FEATURES))).astype(np.float32)
        with pytest.raises(InvalidInput, match="权重"):
            relearn(PROFILE, replace(examples, features=features), "e", {})

    def test_where_all_needs_have_an_answer_the_old_confidence_stays_and_it_says_so(self) -> None:
        found = relearn(PROFILE, replace(planted(TRUTH)), "e", {})
        assert found.profile.confidence == PROFILE.confidence
        assert len(found.notes) == 1
        assert len(SIGNALS) > 2
