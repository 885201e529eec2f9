"""What the re-ranker reads, and that its reading moves the first candidates and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matcher.ranking.features import FEATURES, JOINT, was_read
from matcher.ranking.ranked import NOTHING, Ranked
from matcher.ranking.ranker import Ranker
from matcher.ranking.reranking import DOUBT, FIRST, ODDS_MAX, PODIUM, READ, STEP, card, joint_feature, read_first
from matcher.records import Listing
from tests.matcher.small import PROFILE, SUPPLY

COLUMN = FEATURES.index(JOINT)
RANKER = Ranker(replace(PROFILE, weights=PROFILE.weights | {JOINT: 2.0}))


def ranked(scores: list[float]) -> Ranked:
    """Rows 0, 1, … best first, whose only feature is completeness, weight 0.5."""
    features = np.zeros((len(scores), len(FEATURES)), np.float32)
    features[:, FEATURES.index("completeness")] = np.array(sorted(scores, reverse=True)) * 2
    return Ranked(np.arange(len(scores)), RANKER.scores(features), features)


def odds_of(table: list[float]) -> Callable[[NDArray[np.int64]], NDArray[np.float32]]:
    return lambda rows: np.array(table, np.float32)[rows]


class TestCard:
    def test_kind_name_capabilities_equipment_and_summary(self) -> None:
        assert card(SUPPLY[0]) == (
            "中试平台:珠江发酵中试平台。微生物发酵、分离纯化。500 L发酵罐、板框压滤机。"
            "面向酶制剂和蛋白的发酵放大平台,配套分离纯化。"
        )

    def test_what_is_not_said_leaves_no_gap(self) -> None:
        assert card(Listing("EQ-9", "equipment", "反应釜")) == "中试设备:反应釜"

    def test_the_first_equipment_only(self) -> None:
        many = replace(SUPPLY[0], equipment=tuple(f"设备{number}" for number in range(9)))
        assert "设备5" in card(many)
        assert "设备6" not in card(many)


class TestFeature:
    @given(st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=2))
    @settings(max_examples=60, deadline=None)
    def test_rises_within_its_limits_above_what_was_not_read(self, odds: list[float]) -> None:
        low, high = joint_feature(np.sort(np.array(odds, np.float32))).tolist()
        assert 0 < low <= high <= 2 * ODDS_MAX + 2 * READ

    def test_one_unit_of_odds_is_one_unit(self) -> None:
        found = joint_feature(np.array([-1.0, 0.0, 2.5], np.float32))
        assert np.diff(found) == pytest.approx([1.0, 2.5], abs=1e-5)


class TestReadFirst:
    def test_by_hand(self) -> None:
        found = read_first(ranked([9, 8, 7, 6]), 3, odds_of([-8.0, -7.0, -7.0, 8.0]), RANKER)
        assert found.rows.tolist() == [1, 0, 2, 3]
        wanted = [8 + 2 * (1 + READ), 9 + 2 * READ, 7 + 2 * (1 + READ), 6]
        assert found.scores == pytest.approx(wanted, abs=1e-5)
        assert [was_read(row) for row in found.features] == [True, True, True, False]

    @given(
        scores=st.lists(st.integers(0, 20).map(float), min_size=1, max_size=30),
        count=st.integers(0, 40),
        seed=st.integers(0, 99),
    )
    @settings(max_examples=80, deadline=None)
    def test_laws(self, scores: list[float], count: int, seed: int) -> None:
        before = ranked(scores)
        odds = np.random.default_rng(seed).normal(size=len(scores)) * 5
        after = read_first(before, count, odds_of(odds.tolist()), RANKER)
        read = min(count, len(scores))
        assert sorted(after.rows.tolist()) == before.rows.tolist()
        assert sorted(after.rows[:read].tolist()) == before.rows[:read].tolist()
        assert after.rows[read:].tolist() == before.rows[read:].tolist()
        assert (np.diff(after.scores) <= 0).all()
        assert after.scores == pytest.approx(RANKER.scores(after.features))
        was = dict(zip(before.rows.tolist(), before.scores.tolist(), strict=True))
        assert all(score >= was[row] for row, score in zip(after.rows.tolist(), after.scores.tolist(), strict=True))
        keys = [(-score, row) for score, row in zip(after.scores[:read].tolist(), after.rows.tolist(), strict=False)]
        assert keys == sorted(keys)

    def test_reading_ends_where_the_next_can_not_come_among_the_best(self) -> None:
        asked: list[int] = []

        def read(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            asked.extend(rows.tolist())
            return np.zeros(len(rows), np.float32)

        # A point of odds is worth two of score. The last of the podium stands PODIUM - 1 below the first.
        near, far = [20.0 - place for place in range(FIRST)], 20 - (PODIUM - 1) - 2 * DOUBT
        read_first(ranked([*near, far - 0.01, far - 1]), 16, read, RANKER)
        assert asked == list(range(FIRST))
        asked.clear()
        read_first(ranked([*near, far + 0.01, far - 9, far - 9, far - 9]), 16, read, RANKER)
        assert asked == list(range(FIRST + STEP))

    def test_all_are_read_while_all_are_near(self) -> None:
        after = read_first(ranked([5.0] * 20), 12, odds_of([0.0] * 20), RANKER)
        assert [was_read(row) for row in after.features] == [True] * 12 + [False] * 8

    def test_what_was_ranked_stays_as_it_was(self) -> None:
        before = ranked([3, 2, 1])
        features = before.features.copy()
        read_first(before, 2, odds_of([1.0, 2.0, 3.0]), RANKER)
        assert (before.features == features).all()
        assert before.scores.tolist() == [3, 2, 1]

    def test_nothing_to_read(self) -> None:
        def refuse(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            assert not len(rows)
            return np.zeros(0, np.float32)

        assert len(read_first(NOTHING, 16, refuse, RANKER).rows) == 0
