"""Scores, order, probabilities, grades and coverage by a profile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from matcher.ranking.confidence import ANSWER_FEATURES, answer_features
from matcher.ranking.features import FEATURES, FIT_FEATURES, JOINT
from matcher.ranking.profile import INTERCEPT, Profile, Thresholds
from matcher.ranking.ranker import DECIMALS, Ranker
from matcher.records import Coverage
from tests.matcher.small import PROFILE

Floats = NDArray[np.float32]
RANKER = Ranker(PROFILE)
rows = arrays(np.float32, st.tuples(st.integers(1, 30), st.just(len(FEATURES))), elements=st.floats(-1, 1, width=32))
curves = st.lists(
    st.tuples(st.floats(-50, 50), st.floats(0, 1)), min_size=1, max_size=12, unique_by=lambda pair: pair[0]
).map(lambda points: tuple(zip(*map(sorted, zip(*points, strict=True)), strict=True)))


class TestScores:
    @given(features=rows)
    @settings(max_examples=60, deadline=None)
    def test_the_sum_of_weight_times_feature(self, features: Floats) -> None:
        for row, score in zip(features, RANKER.scores(features), strict=True):
            by_hand = sum(PROFILE.weights[name] * float(value) for name, value in zip(FEATURES, row, strict=True))
            assert score == pytest.approx(by_hand, abs=10**-DECIMALS)
            assert sum(RANKER.contributions(row).values()) == pytest.approx(score, abs=1e-5)

    @given(features=rows, data=st.data())
    @settings(max_examples=60, deadline=None)
    def test_a_pair_scores_the_same_in_any_company(self, features: Floats, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.integers(0, len(features) - 1), min_size=1))
        assert RANKER.scores(features[chosen]).tolist() == RANKER.scores(features)[chosen].tolist()

    @given(features=rows, data=st.data())
    @settings(max_examples=60, deadline=None)
    def test_a_better_met_condition_never_lowers_a_score(
        self, shipped_profile: Profile, features: Floats, data: st.DataObject
    ) -> None:
        """With the weights that are shipped, whichever they are."""
        ranker, before = Ranker(shipped_profile), features[:1]
        after = before.copy()
        after[0, FEATURES.index(data.draw(st.sampled_from(FIT_FEATURES)))] += data.draw(st.floats(0, 2, width=32))
        assert ranker.scores(after)[0] >= ranker.scores(before)[0]

    def test_contributions_are_named(self) -> None:
        found = RANKER.contributions(np.ones(len(FEATURES), np.float32))
        assert found == pytest.approx(PROFILE.weights)


class TestOrder:
    @given(scores=st.lists(st.sampled_from([0.0, 1.0, 1.5, -2.0]), max_size=40))
    @settings(max_examples=60, deadline=None)
    def test_best_first_and_ties_as_they_stand(self, scores: list[float]) -> None:
        wanted = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
        assert RANKER.order(np.array(scores)).tolist() == wanted

    def test_sums_that_differ_in_the_last_bits_are_ties(self) -> None:
        features = np.zeros((2, len(FEATURES)), np.float32)
        features[1, FEATURES.index("completeness")] = 1e-7
        scores = RANKER.scores(features)
        assert scores[0] == scores[1]
        assert RANKER.order(scores).tolist() == [0, 1]


class TestProbability:
    @given(curve=curves, scores=st.lists(st.floats(-100, 100), min_size=2, max_size=2))
    @settings(max_examples=80, deadline=None)
    def test_rises_with_the_score_within_the_curve(
        self, curve: tuple[tuple[float, float], ...], scores: list[float]
    ) -> None:
        ranker = Ranker(replace(PROFILE, calibration=curve))
        low, high = sorted(scores)
        assert ranker.probability(low, read=True) <= ranker.probability(high, read=True) + 1e-12
        assert curve[0][1] <= ranker.probability(low, read=True) <= curve[-1][1]

    @pytest.mark.parametrize(("score", "share"), [(0, 0.1), (5, 0.5), (10, 0.9), (-3, 0.1), (99, 0.9)])
    def test_between_points_it_is_interpolated(self, score: float, share: float) -> None:
        ranker = Ranker(replace(PROFILE, calibration=((0.0, 0.1), (10.0, 0.9))))
        assert ranker.probability(score, read=True) == pytest.approx(share)

    def test_what_was_not_read_has_a_curve_of_its_own(self) -> None:
        unread = ((0.0, 0.2), (10.0, 0.4))
        ranker = Ranker(replace(PROFILE, calibration=((0.0, 0.1), (10.0, 0.9)), unread=unread))
        assert ranker.probability(5.0) == pytest.approx(0.3)
        assert ranker.probability(5.0, read=True) == pytest.approx(0.5)
        assert ranker.grade(10.0) == "possible"
        assert ranker.grade(10.0, read=True) == "strong"

    @pytest.mark.parametrize(
        ("score", "grade"), [(-1, "weak"), (3.29, "weak"), (3.31, "possible"), (7.4, "possible"), (7.6, "strong")]
    )
    def test_grades_at_their_thresholds(self, score: float, grade: str) -> None:
        assert Ranker(replace(PROFILE, calibration=((0.0, 0.0), (10.0, 1.0)))).grade(score, read=True) == grade

    @pytest.mark.parametrize("coverage", ["good", "partial", "none"])
    def test_many_pairs_get_the_grade_that_each_gets_alone(self, coverage: Coverage) -> None:
        unread = ((0.0, 0.2), (10.0, 0.4))
        ranker = Ranker(replace(PROFILE, calibration=((0.0, 0.0), (10.0, 1.0)), unread=unread))
        scores = np.linspace(-1, 11, 49)
        features = np.zeros((49, len(FEATURES)), np.float32)
        features[::2, FEATURES.index(JOINT)] = 1
        alone = [ranker.grade(score, coverage, read=bool(row % 2 == 0)) for row, score in enumerate(scores.tolist())]
        assert ranker.grades(scores, features, coverage) == alone


class TestCoverage:
    @staticmethod
    def sure(odds: float) -> Ranker:
        confidence = dict.fromkeys(ANSWER_FEATURES, 0.0) | {INTERCEPT: odds}
        return Ranker(replace(PROFILE, confidence=confidence, thresholds=Thresholds(1, 1, good=0.9, partial=0.6)))

    @pytest.mark.parametrize(
        ("odds", "coverage"),
        [(9.0, "good"), (2.2, "good"), (2.1, "partial"), (0.41, "partial"), (0.4, "none"), (-99, "none")],
    )
    def test_odds_become_words(self, odds: float, coverage: str) -> None:
        features = np.zeros((3, len(FEATURES)), np.float32)
        assert self.sure(odds).coverage(np.zeros(3), features) == coverage

    def test_nothing_left_is_none(self) -> None:
        nothing = np.zeros((0, len(FEATURES)), np.float32)
        assert self.sure(99).coverage(np.zeros(0), nothing) == "none"

    @pytest.mark.parametrize("odds", [-1e9, 1e9])
    def test_extreme_odds_do_not_overflow(self, odds: float) -> None:
        share = self.sure(odds).confidence(np.zeros(1), np.zeros((1, len(FEATURES)), np.float32))
        assert share == pytest.approx(float(odds > 0))

    def test_what_is_looked_at(self) -> None:
        features = np.zeros((4, len(FEATURES)), np.float32)
        features[:, FEATURES.index("late")] = [0.5, 0.6, 0.7, 0.9]
        features[:, FEATURES.index("industry_meets")] = [1, 1, 0, 1]
        found = dict(zip(ANSWER_FEATURES, answer_features(np.array([7.0, 6, 5, 4]), features), strict=True))
        assert found["best_score"] == 7
        assert found["late_max"] == pytest.approx(0.9)
        assert found["late_top"] == pytest.approx(0.6)
        assert found["industry_top"] == pytest.approx(2 / 3)

    def test_how_a_score_falls(self) -> None:
        scores = np.array([50.0, *range(48, 3, -1)])  # 46 of them: the tenth is 40, the forty-first 9
        none = np.zeros((46, len(FEATURES)), np.float32)
        found = dict(zip(ANSWER_FEATURES, answer_features(scores, none), strict=True))
        assert (found["page_drop"], found["tail_drop"]) == (10, 31)
        short = dict(zip(ANSWER_FEATURES, answer_features(scores[:4], none[:4]), strict=True))
        assert (short["page_drop"], short["tail_drop"]) == (4, 0)

    def test_one_candidate_is_enough(self) -> None:
        assert np.isfinite(answer_features(np.ones(1), np.ones((1, len(FEATURES)), np.float32))).all()
