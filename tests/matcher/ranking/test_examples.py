"""Judged pairs as rows: joined, chosen, collected from a matcher."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matcher.match import Matcher
from matcher.ranking.examples import Examples, collect, data_hash, join, read_first
from matcher.ranking.features import FEATURES
from matcher.records import Need
from tests.matcher.small import SUPPLY


def examples(sizes: dict[str, int]) -> Examples:
    """So many rows for each need; the first feature is a running number."""
    total = sum(sizes.values())
    features = np.zeros((total, len(FEATURES)), np.float32)
    features[:, 0] = np.arange(total)
    return Examples(
        need_ids=tuple(sizes),
        needs=np.repeat(np.arange(len(sizes)), list(sizes.values())).astype(np.int64),
        listing_ids=tuple(f"{need}:{place}" for need, size in sizes.items() for place in range(size)),
        features=features,
        grades=(np.arange(total) % 5 - 1).astype(np.int64),
    )


sizes_of = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 5), max_size=6)


def same(one: Examples, other: Examples) -> bool:
    return (one.need_ids, one.listing_ids) == (other.need_ids, other.listing_ids) and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("needs", "features", "grades")
    )


class TestRows:
    @given(sizes=sizes_of)
    @settings(max_examples=60, deadline=None)
    def test_each_need_has_its_own(self, sizes: dict[str, int]) -> None:
        found = examples(sizes)
        assert len(found) == sum(sizes.values())
        for place, (need, size) in enumerate(sizes.items()):
            assert found.listing_ids[found.rows_of(place)] == tuple(f"{need}:{row}" for row in range(size))

    @given(sizes=sizes_of, data=st.data())
    @settings(max_examples=60, deadline=None)
    def test_some_needs_in_any_order(self, sizes: dict[str, int], data: st.DataObject) -> None:
        whole = examples(sizes)
        chosen = data.draw(st.permutations(sorted(sizes)).map(lambda names: names[: len(names) // 2 + 1]))
        part = whole.of(chosen)
        assert part.need_ids == tuple(chosen)
        assert part.listing_ids == tuple(f"{need}:{row}" for need in chosen for row in range(sizes[need]))
        by_id = dict(zip(whole.listing_ids, whole.features[:, 0].tolist(), strict=True))
        assert part.features[:, 0].tolist() == [by_id[listing] for listing in part.listing_ids]
        assert (np.diff(part.needs) >= 0).all()

    def test_an_unknown_need(self) -> None:
        with pytest.raises(ValueError, match="x"):
            examples({"a": 1}).of(["x"])


class TestJoin:
    @given(sizes=sizes_of, cut=st.integers(0, 6))
    @settings(max_examples=60, deadline=None)
    def test_parts_make_the_whole(self, sizes: dict[str, int], cut: int) -> None:
        whole = examples(sizes)
        parts = [whole.of(list(sizes)[:cut]), whole.of(list(sizes)[cut:])]
        assert same(join(parts), whole)

    def test_nothing(self) -> None:
        empty = join([])
        assert len(empty) == 0
        assert empty.features.shape == (0, len(FEATURES))
        assert empty.needs.dtype == empty.grades.dtype == np.int64


class TestCollect:
    NEEDS = (Need(id="a", text="酶制剂发酵中试放大"), Need(id="b", text="8英寸MEMS流片"))
    GRADES = {"a": {"PF-1": 3, "MF-2": 0, "gone": 2}, "b": {"PF-5": 2}}  # noqa: RUF012

    def test_grades_and_features_are_those_of_the_matcher(self, small_matcher: Matcher) -> None:
        told: list[tuple[int, int]] = []
        found = collect(small_matcher, self.NEEDS, self.GRADES, lambda done, total: told.append((done, total)))
        assert told == [(1, 2), (2, 2)]
        assert found.need_ids == ("a", "b")
        for place, need in enumerate(self.NEEDS):
            rows = found.rows_of(place)
            grades = dict(zip(found.listing_ids[rows], found.grades[rows].tolist(), strict=True))
            assert set(grades) == {listing.id for listing in SUPPLY}
            assert {name: grade for name, grade in grades.items() if grade >= 0} == {
                name: grade for name, grade in self.GRADES[need.id or ""].items() if name != "gone"
            }
            ranked = small_matcher.candidates(need)
            assert np.array_equal(found.features[rows], ranked.features)

    def test_scores_of_a_match_are_those_of_its_rows(self, small_matcher: Matcher) -> None:
        found = collect(small_matcher, self.NEEDS[:1], {})
        scores = dict(zip(found.listing_ids, small_matcher.ranker.scores(found.features).tolist(), strict=True))
        answer = small_matcher.match(self.NEEDS[0], top=50)
        assert {match.listing.id: match.score for match in answer.matches} == scores
        assert (found.grades == -1).all()


class TestDataHash:
    def test_is_the_sha256_of_all_bytes_in_order(self, tmp_path: Path) -> None:
        paths = [tmp_path / "a", tmp_path / "b"]
        for path, content in zip(paths, (b"one", "二".encode()), strict=True):
            path.write_bytes(content)
        assert data_hash(paths) == hashlib.sha256(b"one" + "二".encode()).hexdigest()
        assert data_hash(paths[::-1]) != data_hash(paths)

    def test_one_byte_changes_it(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"1\t0\tx\t2\n")
        before = data_hash([path])
        path.write_bytes(b"1\t0\tx\t3\n")
        assert data_hash([path]) != before


class TestReadFirst:
    def test_the_best_rows_of_each_need_are_read_and_no_other(self) -> None:
        before = examples({"a": 3, "b": 1, "c": 4})
        asked: dict[str, list[str]] = {}

        def read(need_id: str, ids: Sequence[str]) -> NDArray[np.float32]:
            asked[need_id] = list(ids)
            return np.arange(1, len(ids) + 1, dtype=np.float32)

        scores = np.array([1.0, 3, 2, 5, 7, 7, 9, 0])
        after = read_first(before, scores, 2, read)
        column = FEATURES.index("joint")
        assert after.features[:, column].tolist() == [0, 1, 2, 1, 2, 0, 1, 0]
        ids = before.listing_ids
        assert asked == {"a": [ids[1], ids[2]], "b": [ids[3]], "c": [ids[6], ids[4]]}
        assert not before.features[:, column].any()
        others = [place for place in range(len(FEATURES)) if place != column]
        assert (after.features[:, others] == before.features[:, others]).all()
