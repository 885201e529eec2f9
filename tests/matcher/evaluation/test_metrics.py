from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranx import Qrels, evaluate  # type: ignore[import-untyped]  # ranx ships no types
from ranx import Run as RanxRun

from matcher.errors import InvalidInput
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.metrics import dcg, grades_of, judged, ndcg, recall, reciprocal_rank
from matcher.evaluation.runs import Run
from matcher.evaluation.scores import score_run

GRADES = {"a": 3, "b": 2, "c": 0, "d": 1, "e": 2}

graded = st.dictionaries(st.sampled_from([f"L{i}" for i in range(15)]), st.integers(0, 3), min_size=1)
rankings = st.permutations([f"L{i}" for i in range(15)]).flatmap(lambda p: st.integers(0, 15).map(lambda n: p[:n]))


class TestDcg:
    def test_hand_worked(self) -> None:
        # 7/log2(2) + 3/log2(3) + 1/log2(4)
        assert dcg(np.array([3, 2, 1]), 10) == pytest.approx(7 + 3 / math.log2(3) + 0.5)

    def test_only_the_first_k_count(self) -> None:
        assert dcg(np.array([1, 3, 3]), 1) == pytest.approx(1.0)

    def test_rows_are_scored_apart(self) -> None:
        rows = np.array([[3, 0], [0, 3]])
        np.testing.assert_allclose(dcg(rows, 2), [7.0, 7 / math.log2(3)])

    def test_no_rank_gains_nothing(self) -> None:
        assert dcg(np.array([], dtype=np.int64), 10) == 0.0

    def test_refuses_a_depth_of_zero(self) -> None:
        with pytest.raises(InvalidInput, match="至少为 1"):
            dcg(np.array([1]), 0)


class TestNdcg:
    def test_hand_worked(self) -> None:
        # gains: c 0, a 7, unknown 0, b 3; ideal: 7, 3, 3, 1
        found = 7 / math.log2(3) + 3 / math.log2(5)
        ideal = 7 + 3 / math.log2(3) + 3 / 2 + 1 / math.log2(5)
        assert ndcg(["c", "a", "x", "b"], GRADES) == pytest.approx(found / ideal)

    def test_ideal_is_of_all_judged_and_cut_at_k(self) -> None:
        assert ndcg(["b"], GRADES, k=1) == pytest.approx(3 / 7)

    def test_best_order_is_one(self) -> None:
        assert ndcg(["a", "e", "b", "d", "c"], GRADES) == pytest.approx(1.0)

    def test_equal_grades_may_swap(self) -> None:
        assert ndcg(["a", "b", "e"], GRADES) == ndcg(["a", "e", "b"], GRADES)

    @pytest.mark.parametrize("grades", [{}, {"a": 0}])
    def test_without_any_gain_is_zero(self, grades: dict[str, int]) -> None:
        assert ndcg(["a"], grades) == 0.0

    @given(graded, rankings)
    @settings(max_examples=100, deadline=None)
    def test_stays_in_bounds_and_a_better_listing_first_never_hurts(
        self, grades: dict[str, int], ranking: list[str]
    ) -> None:
        value = ndcg(ranking, grades)
        assert 0.0 <= value <= 1.0 + 1e-12
        best_first = sorted(ranking, key=lambda listing: -grades.get(listing, 0))
        assert ndcg(best_first, grades) >= value - 1e-12


class TestRecall:
    def test_hand_worked(self) -> None:
        assert recall(["c", "a", "d", "b", "e"], GRADES, k=4) == pytest.approx(2 / 3)

    def test_grade_one_is_not_an_answer(self) -> None:
        assert recall(["d"], {"d": 1, "a": 2}) == 0.0

    def test_default_depth_is_fifty(self) -> None:
        ranking = [f"x{i}" for i in range(50)] + ["a"]
        assert recall(ranking, {"a": 3}) == 0.0
        assert recall(ranking[1:], {"a": 3}) == 1.0

    @given(graded, rankings, st.integers(1, 15))
    @settings(max_examples=100, deadline=None)
    def test_grows_with_depth(self, grades: dict[str, int], ranking: list[str], k: int) -> None:
        assert recall(ranking, grades, k) <= recall(ranking, grades, k + 1)


class TestReciprocalRank:
    def test_hand_worked(self) -> None:
        assert reciprocal_rank(["c", "d", "b", "a"], GRADES) == pytest.approx(1 / 3)

    def test_none_found(self) -> None:
        assert reciprocal_rank(["c", "d"], GRADES) == 0.0


class TestJudged:
    def test_share_of_the_first_k(self) -> None:
        assert judged(["a", "x", "y", "b"], GRADES, k=4) == 0.5

    def test_grade_zero_is_judged(self) -> None:
        assert judged(["c"], GRADES) == 1.0

    def test_short_ranking_is_not_punished(self) -> None:
        assert judged(["a", "b"], GRADES, k=10) == 1.0

    def test_empty(self) -> None:
        assert judged([], GRADES) == 0.0


def test_grades_along_a_ranking() -> None:
    assert grades_of(["b", "x", "a"], GRADES).tolist() == [2, 0, 3]


def test_a_listing_twice_is_refused_and_named() -> None:
    with pytest.raises(InvalidInput, match="条目 b "):
        ndcg(["a", "b", "b"], GRADES)


@pytest.fixture(scope="module")
def random_task() -> tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]:
    """60 needs with up to 40 judged of 90 listings and up to 70 ranked ones, distinct scores, some without any hit."""
    random = np.random.default_rng(7)
    listings = np.array([f"L{i:02d}" for i in range(90)])
    grades: dict[str, dict[str, int]] = {}
    scores: dict[str, dict[str, float]] = {}
    for number in range(60):
        judged_ids = random.choice(listings, random.integers(3, 41), replace=False)
        given_grades = random.choice([0, 0, 0, 1, 2, 3], judged_ids.size)
        given_grades[0] = random.integers(2, 4)
        ranked = random.choice(listings, random.integers(1, 71), replace=False)
        grades[f"N{number}"] = dict(zip(judged_ids.tolist(), given_grades.tolist(), strict=True))
        scores[f"N{number}"] = dict(zip(ranked.tolist(), random.permutation(ranked.size).astype(float), strict=True))
    return grades, scores


@pytest.mark.parametrize(
    ("ours", "theirs"), [("ndcg@10", "ndcg_burges@10"), ("recall@50", "recall@50-l2"), ("mrr", "mrr-l2")]
)
def test_equals_ranx_need_by_need(
    random_task: tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]], ours: str, theirs: str
) -> None:
    grades, scores = random_task
    qrels, run = Qrels(grades), RanxRun(scores)
    evaluate(qrels, run, theirs, make_comparable=True)
    expected = run.scores[theirs]
    found = score_run(Run.from_scores(scores), Judgements(grades))
    assert len(found.need_ids) == 60
    for need, value in zip(found.need_ids, found.values[ours], strict=True):
        assert value == pytest.approx(expected[need], abs=1e-12), need
    assert 0.0 < found.values[ours].mean() < 1.0
