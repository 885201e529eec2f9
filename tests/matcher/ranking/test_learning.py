"""Learning on made-up pairs whose truth is known: order, signs, folds, curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kendalltau

from matcher.ranking import learning
from matcher.ranking.confidence import ANSWER_FEATURES
from matcher.ranking.examples import Examples
from matcher.ranking.features import FEATURES
from matcher.ranking.learning import FLOORS, plain_sum, with_floors
from matcher.ranking.profile import INTERCEPT
from matcher.retrieval.retriever import SIGNALS

Doubles = NDArray[np.float64]
NEEDS, EACH = 30, 40


def planted(truth: Mapping[str, float], noise: float = 0.0, seed: int = 0) -> Examples:
    """Needs whose pairs are graded 0–3 by quarters of a weighted sum; each need has an offset that means nothing."""
    random = np.random.default_rng(seed)
    features = random.random((NEEDS * EACH, len(FEATURES))).astype(np.float32)
    worth = features.astype(np.float64) @ np.array([truth.get(name, 0.0) for name in FEATURES])
    worth += noise * random.standard_normal(len(worth))
    needs = np.repeat(np.arange(NEEDS), EACH)
    grades = np.concatenate(
        [np.digitize(part, np.quantile(part, [0.25, 0.5, 0.75])) for part in np.split(worth, NEEDS)]
    )
    features += random.random((NEEDS, 1)).astype(np.float32)[needs]
    return Examples(
        tuple(f"N-{need}" for need in range(NEEDS)),
        needs.astype(np.int64),
        tuple(f"L-{place}" for place in range(len(needs))),
        features,
        grades.astype(np.int64),
    )


def agreement(examples: Examples, scores: Doubles, truth: Mapping[str, float]) -> float:
    """Kendall's tau of scores and true worth, the mean over needs."""
    worth = learning.scores_of(examples, dict.fromkeys(FEATURES, 0.0) | dict(truth))
    spans = [examples.rows_of(need) for need in range(NEEDS)]
    return float(np.mean([kendalltau(scores[span], worth[span]).statistic for span in spans]))


TRUTH = {"late": 5.0, "words": 2.0, "place_meets": 1.0}


class TestWeights:
    def test_the_planted_order_is_found(self) -> None:
        examples = planted(TRUTH)
        weights = learning.learn_weights(examples)
        assert agreement(examples, learning.scores_of(examples, weights), TRUTH) > 0.9
        assert sorted(weights, key=lambda name: -weights[name])[:3] == ["late", "words", "place_meets"]

    def test_it_carries_over_to_needs_that_were_not_seen(self) -> None:
        weights = learning.learn_weights(planted(TRUTH, noise=0.3))
        fresh = planted(TRUTH, seed=1)
        assert agreement(fresh, learning.scores_of(fresh, weights), TRUTH) > 0.85

    @given(
        signs=st.lists(st.sampled_from([-3.0, 0.0, 3.0]), min_size=len(FEATURES), max_size=len(FEATURES)),
        seed=st.integers(0, 99),
    )
    @settings(max_examples=15, deadline=None)
    def test_none_is_negative_even_where_the_truth_is(self, signs: list[float], seed: int) -> None:
        truth = dict(zip(FEATURES, signs, strict=True))
        weights = learning.learn_weights(planted(truth, noise=0.5, seed=seed))
        assert set(weights) == set(FEATURES)
        assert min(weights.values()) >= 0
        assert all(np.isfinite(weight) for weight in weights.values())

    def test_a_feature_that_speaks_against_gets_nothing(self) -> None:
        weights = learning.learn_weights(planted({"late": 5.0, "words": -5.0}))
        assert weights["words"] == pytest.approx(0, abs=0.05 * weights["late"])

    def test_pairs_that_nobody_judged_do_not_count(self) -> None:
        examples = planted(TRUTH)
        wrong = examples.features.copy()
        grades = examples.grades.copy()
        wrong[::3] = wrong[::3, ::-1] * 100
        grades[::3] = -1
        spoilt = Examples(examples.need_ids, examples.needs, examples.listing_ids, wrong, grades)
        kept = np.arange(len(grades)) % 3 != 0
        clean = Examples(
            examples.need_ids,
            examples.needs[kept],
            tuple(np.array(examples.listing_ids)[kept]),
            examples.features[kept],
            examples.grades[kept],
        )
        assert learning.learn_weights(spoilt) == pytest.approx(learning.learn_weights(clean))

    @pytest.mark.parametrize("constant", [0.0, 0.3, 1.0, 123.456])
    def test_a_feature_that_never_changes_is_worth_nothing(self, constant: float) -> None:
        """Nothing but the last bits of its mean could speak for it, and they must not be blown up."""
        examples = planted(TRUTH)
        features = examples.features.copy()
        features[:, FEATURES.index("completeness")] = constant
        still = Examples(examples.need_ids, examples.needs, examples.listing_ids, features, examples.grades)
        weights = learning.learn_weights(still)
        assert weights["completeness"] * max(constant, 1.0) < 1e-3 * weights["late"]

    def test_the_same_examples_give_the_same_weights(self) -> None:
        assert learning.learn_weights(planted(TRUTH)) == learning.learn_weights(planted(TRUTH))


class TestOutOfFold:
    @staticmethod
    def fold(need_id: str) -> int:
        return int(need_id.removeprefix("N-")) % 3

    def test_no_learner_ever_sees_the_fold_it_scores(self) -> None:
        """The learner plants what it saw: the weight that scores a fold tells which needs it was learnt from."""
        examples = planted(TRUTH)
        seen: list[tuple[str, ...]] = []

        def tattling(others: Examples) -> dict[str, float]:
            seen.append(others.need_ids)
            return dict.fromkeys(FEATURES, 0.0) | {"late": float(len(seen))}

        scores = learning.out_of_fold(examples, self.fold, tattling)
        assert len(seen) == 3
        late = examples.features[:, FEATURES.index("late")].astype(np.float64)
        for place, need_id in enumerate(examples.need_ids):
            span = examples.rows_of(place)
            learnt = round(float((scores[span] / late[span]).mean()))
            assert need_id not in seen[learnt - 1]
            assert {self.fold(one) for one in seen[learnt - 1]} == {0, 1, 2} - {self.fold(need_id)}

    def test_a_leak_inside_a_fold_does_not_help_that_fold(self) -> None:
        """In one fold a feature gives the grades away; learnt without that fold it is worth nothing there."""
        examples = planted({}, noise=1.0)
        features = examples.features.copy()
        leaking = np.isin(examples.needs, [place for place, one in enumerate(examples.need_ids) if self.fold(one) == 0])
        features[:, FEATURES.index("stage_meets")] = 0
        features[leaking, FEATURES.index("stage_meets")] = examples.grades[leaking] / 3
        leaky = Examples(examples.need_ids, examples.needs, examples.listing_ids, features, examples.grades)
        honest = learning.out_of_fold(leaky, self.fold)
        fitted = learning.scores_of(leaky, learning.learn_weights(leaky))
        grades = examples.grades[leaking]
        assert kendalltau(fitted[leaking], grades).statistic > 0.5
        assert abs(kendalltau(honest[leaking], grades).statistic) < 0.15

    def test_real_weights_by_default(self) -> None:
        examples = planted(TRUTH)
        assert agreement(examples, learning.out_of_fold(examples, self.fold), TRUTH) > 0.85


scored = st.lists(st.tuples(st.floats(-40, 40), st.booleans()), min_size=1, max_size=60)


class TestCalibrate:
    @given(pairs=scored)
    @settings(max_examples=80, deadline=None)
    def test_rises_within_bounds(self, pairs: Sequence[tuple[float, bool]]) -> None:
        scores, outcomes = (np.array(column) for column in zip(*pairs, strict=True))
        curve = learning.calibrate(scores, outcomes.astype(np.bool_))
        assert 1 <= len(curve) <= learning.CURVE_POINTS
        assert all(0.01 <= share <= 0.99 for _, share in curve)
        assert all(one[0] < other[0] and one[1] <= other[1] for one, other in pairwise(curve))

    def test_a_known_law_is_recovered(self) -> None:
        random = np.random.default_rng(3)
        scores = random.uniform(-4, 4, 20_000)
        truth = 1 / (1 + np.exp(-scores))
        curve = learning.calibrate(scores, random.random(len(scores)) < truth)
        at = np.linspace(-3.5, 3.5, 15)
        assert np.interp(at, *np.array(curve).T) == pytest.approx(1 / (1 + np.exp(-at)), abs=0.06)

    def test_scores_that_tell_nothing(self) -> None:
        outcomes = np.arange(1000) % 4 == 0
        curve = learning.calibrate(np.random.default_rng(0).random(1000), outcomes)
        assert np.median([share for _, share in curve]) == pytest.approx(0.25, abs=0.1)

    def test_pair_curve_looks_at_judged_pairs_only(self) -> None:
        examples = planted(TRUTH)
        scores = learning.scores_of(examples, dict.fromkeys(FEATURES, 0.0) | TRUTH)
        curve = learning.pair_curve(examples, scores)
        grades = examples.grades.copy()
        grades[grades < 2] = -1
        unjudged = Examples(examples.need_ids, examples.needs, examples.listing_ids, examples.features, grades)
        assert curve[0][1] < 0.2
        assert {share for _, share in learning.pair_curve(unjudged, scores)} == {0.99}


class TestConfidence:
    def test_answers_look_at_each_need_best_first(self) -> None:
        examples = planted(TRUTH)
        scores = learning.scores_of(examples, dict.fromkeys(FEATURES, 0.0) | TRUTH)
        features, good = learning.answers(examples, scores)
        assert features.shape == (NEEDS, len(ANSWER_FEATURES))
        best = [scores[examples.rows_of(need)].max() for need in range(NEEDS)]
        assert features[:, ANSWER_FEATURES.index("best_score")].tolist() == pytest.approx(best)
        assert good.all()

    def test_what_tells_good_from_bad_is_learnt(self) -> None:
        random = np.random.default_rng(5)
        features = random.random((400, len(ANSWER_FEATURES)))
        good = features[:, 0] > 0.5
        weights = learning.learn_confidence(features, good)
        assert set(weights) == {INTERCEPT, *ANSWER_FEATURES}
        odds = features @ np.array([weights[name] for name in ANSWER_FEATURES]) + weights[INTERCEPT]
        assert ((odds > 0) == good).mean() > 0.9

    def test_out_of_fold_odds_do_not_know_their_fold(self) -> None:
        """Labels of noise: what is learnt elsewhere can't know them, what is learnt on them would."""
        random = np.random.default_rng(6)
        features = random.standard_normal((60, len(ANSWER_FEATURES)))
        good = random.random(60) < 0.5
        folds = np.arange(60) % 5
        honest = learning.out_of_fold_confidence(features, good, folds)
        for fold in range(5):
            mine = folds == fold
            flipped = good.copy()
            flipped[mine] = ~flipped[mine]
            again = learning.out_of_fold_confidence(features, flipped, folds)
            assert again[mine] == pytest.approx(honest[mine])
            assert again[~mine] != pytest.approx(honest[~mine])


class TestThresholds:
    @given(pairs=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40), wanted=st.floats(0.1, 1))
    @settings(max_examples=80, deadline=None)
    def test_the_least_probability_that_is_precise_enough(self, pairs: list[tuple[float, bool]], wanted: float) -> None:
        ordered = sorted(pairs, key=lambda pair: -pair[0])
        shares = [sum(good for _, good in ordered[: place + 1]) / (place + 1) for place in range(len(ordered))]
        reached = [place for place, share in enumerate(shares) if share >= wanted]
        probabilities, outcomes = (np.array(column) for column in zip(*pairs, strict=True))
        found = learning.threshold(probabilities, outcomes.astype(np.bool_), wanted)
        assert found == ordered[reached[-1] if reached else 0][0]

    def test_reliability_by_hand(self) -> None:
        table = learning.reliability(
            np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, True, True, True]), bins=[0.0, 0.5, 1.0]
        )
        assert [(round(mean, 2), share, count) for mean, share, count in table] == [(0.15, 0.5, 2), (0.85, 1.0, 2)]


JOINT = FEATURES.index("joint")


def read_by_half(worth: float, seed: int = 3) -> tuple[Examples, Doubles]:
    """Rows whose grade is what a base score and a reading of this worth make of them; one row in two was read."""
    random = np.random.default_rng(seed)
    count = NEEDS * EACH
    base = random.normal(size=count)
    reading = (random.normal(size=count) + 8).clip(1, 15)
    read = np.arange(count) % 2 == 0
    features = np.zeros((count, len(FEATURES)), np.float32)
    features[read, JOINT] = reading[read]
    total = base + worth * reading
    grades = np.concatenate(
        [np.digitize(part, np.quantile(part, [0.25, 0.5, 0.75])) for part in np.split(total, NEEDS)]
    )
    grades[~read] = random.integers(0, 4, int((~read).sum()))
    planted_rows = planted(TRUTH)
    return replace(planted_rows, features=features, grades=grades.astype(np.int64)), base


class TestJoint:
    @pytest.mark.parametrize("worth", [0.3, 1.0, 3.0])
    def test_the_planted_worth_is_found_whatever_was_not_read(self, worth: float) -> None:
        examples, base = read_by_half(worth)
        found = learning.learn_joint(examples, base)
        assert found == pytest.approx(learning.JOINT_SHARE * worth, rel=0.1)

    def test_a_reading_that_is_wrong_counts_nothing(self) -> None:
        assert learning.learn_joint(*read_by_half(-1.0)) == 0.0

    def test_nothing_read_or_nothing_judged(self) -> None:
        examples, base = read_by_half(1.0)
        assert learning.learn_joint(replace(examples, features=np.zeros_like(examples.features)), base) == 0.0
        assert learning.learn_joint(replace(examples, grades=np.full_like(examples.grades, -1)), base) == 0.0

    def test_a_fold_is_scored_by_what_others_taught(self) -> None:
        examples, base = read_by_half(1.0)

        def fold_of(need_id: str) -> int:
            return int(need_id.removeprefix("N-")) % 3

        mixed = learning.joint_out_of_fold(examples, base, fold_of)
        unread = examples.features[:, JOINT] == 0
        assert (mixed[unread] == base[unread]).all()
        mine = np.array([fold_of(examples.need_ids[need]) for need in examples.needs]) == 1
        flipped = replace(examples, grades=np.where(mine, 3 - examples.grades, examples.grades))
        again = learning.joint_out_of_fold(flipped, base, fold_of)
        assert (again[mine] == mixed[mine]).all()
        assert (again[~mine & ~unread] != mixed[~mine & ~unread]).all()


class TestReliability:
    def test_curves_of_other_folds_tell_the_truth(self) -> None:
        examples = planted(TRUTH, noise=1.0)
        scores = learning.scores_of(examples, dict.fromkeys(FEATURES, 0.0) | TRUTH)
        scores -= np.repeat([scores[examples.rows_of(need)].mean() for need in range(NEEDS)], EACH)
        table = learning.out_of_fold_reliability(
            examples, scores, lambda need: int(need[2:]) % 5, (0.0, 0.3, 0.7, 1.01)
        )
        assert sum(count for *_, count in table) == len(examples)
        assert all(abs(told - true) < 0.1 for told, true, count in table if count > 50)

    def test_only_what_was_read_where_asked(self) -> None:
        examples, base = read_by_half(1.0)
        table = learning.out_of_fold_reliability(examples, base, lambda need: int(need[2:]) % 5, (0.0, 1.01), read=True)
        assert sum(count for *_, count in table) == int((examples.features[:, JOINT] > 0).sum())
        curve = learning.pair_curve(examples, base, read=True)
        assert curve != learning.pair_curve(examples, base)


def test_what_can_hardly_be_learnt_has_a_floor_and_the_rest_is_as_learnt() -> None:
    learnt = dict.fromkeys(FEATURES, 0.2) | {"place_meets": 3.0}
    floored = with_floors(learnt)
    assert floored["place_meets"] == 3.0
    assert floored["place_misses"] == FLOORS["place_misses"] > 0.2
    assert all(floored[name] == learnt[name] for name in FEATURES if name not in FLOORS)


def test_the_plain_sum_looks_at_signals_only_and_at_each_need_by_itself() -> None:
    examples = planted({"late": 1.0})
    scores = plain_sum(examples)
    for need in range(len(examples.need_ids)):
        assert scores[examples.rows_of(need)].mean() == pytest.approx(0.0, abs=1e-6)
    louder = examples.features.copy()
    louder[:, 0] *= 1000.0
    louder[:, len(SIGNALS) :] = 7.0
    assert plain_sum(replace(examples, features=louder)) == pytest.approx(scores, abs=1e-3)
