"""The index against brute force in numpy: the same hits whatever was added, replaced, removed and saved."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from numpy.typing import NDArray

from embeddings import BrokenIndex, IndexMismatch, InvalidVectors, VectorIndex
from embeddings.index_file import Stored, write_index

Vectors = NDArray[np.float32]
D = 16
PRINT = "model-1"


def unit(seed: int, rows: int, dimension: int = D) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((rows, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def filled(rows: int = 20, seed: int = 0) -> VectorIndex:
    index = VectorIndex(D, PRINT)
    index.add([f"L{row:03}" for row in range(rows)], unit(seed, rows))
    return index


def brute(known: dict[str, Vectors], query: Vectors, k: int) -> list[tuple[str, float]]:
    scored = [(key, float(vector @ query)) for key, vector in known.items()]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[: max(k, 0)]


# --- search


def test_nearest_first_with_scores() -> None:
    index, vectors = filled(), unit(0, 20)
    ids, scores = index.search(vectors[[3, 7]], 5)
    assert [hits[0] for hits in ids] == ["L003", "L007"]
    assert scores.shape == (2, 5)
    assert scores.dtype == np.float32
    assert scores[:, 0] == pytest.approx([1, 1], abs=1e-6)
    assert (np.diff(scores, axis=1) <= 0).all()


@pytest.mark.parametrize(("k", "expected"), [(0, 0), (-3, 0), (20, 20), (1000, 20)])
def test_k_outside_the_rows(k: int, expected: int) -> None:
    ids, scores = filled().search(unit(1, 2), k)
    assert [len(hits) for hits in ids] == [expected, expected]
    assert scores.shape == (2, expected)


def test_empty_index_empty_subset_and_no_queries() -> None:
    empty = VectorIndex(D, PRINT)
    assert empty.search(unit(1, 1), 5)[0] == [[]]
    assert empty.scores(unit(1, 1)[0]).shape == (0,)
    assert len(empty) == 0
    index = filled()
    for nobody in ([], np.zeros(20, np.bool_)):
        ids, scores = index.search(unit(1, 2), 5, nobody)
        assert ids == [[], []]
        assert scores.shape == (2, 0)
    ids, scores = index.search(np.empty((0, D), np.float32), 5)
    assert ids == []
    assert scores.shape == (0, 5)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 999), rows=st.integers(1, 60), k=st.integers(1, 70), data=st.data())
def test_subset_search_is_brute_force_within_the_subset(seed: int, rows: int, k: int, data: st.DataObject) -> None:
    index, vectors = filled(rows, seed), unit(seed, rows)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), np.bool_)
    chosen = [key for key, inside in zip(index.ids, mask, strict=True) if inside]
    query = unit(seed + 1, 1)
    expected = [key for key, _ in brute({key: vectors[int(key[1:])] for key in chosen}, query[0], k)]
    by_mask, by_ids = index.search(query, k, mask), index.search(query, k, chosen[::-1])
    assert by_mask[0] == by_ids[0] == [expected]
    np.testing.assert_array_equal(by_mask[1], by_ids[1])


def test_no_filter_hides_rows_behind_better_ones() -> None:
    """A filter applied after the search would give nothing here: the subset is the ten worst rows."""
    index, query = filled(500), unit(5, 1)
    worst = index.search(query, 500)[0][0][-10:]
    assert index.search(query, 10, worst)[0] == [worst]


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(30)), k=st.integers(1, 30))
def test_ties_go_by_id_whatever_the_insertion_order_and_k(order: list[int], k: int) -> None:
    vectors = unit(2, 3)
    index = VectorIndex(D, PRINT)
    index.add([f"L{i:02}" for i in order], vectors[[i % 3 for i in order]])
    (ids,), (scores,) = index.search(vectors[:1], k)
    by_group = sorted(range(3), key=lambda group: -float(vectors[group] @ vectors[0]))
    assert ids == [f"L{i:02}" for group in by_group for i in range(group, 30, 3)][:k]
    assert len(set(scores[:10].tolist())) == 1


def test_a_query_is_answered_alike_alone_and_among_many() -> None:
    """FAISS multiplies twenty queries and more as a matrix, which rounds otherwise."""
    index, queries = filled(300), unit(9, 40)
    ids, scores = index.search(queries, 20)
    for row, query in enumerate(queries):
        alone_ids, alone_scores = index.search(query[None], 20)
        assert alone_ids[0] == ids[row]
        np.testing.assert_array_equal(alone_scores[0], scores[row])


def test_scores_are_those_of_search_to_the_bit_and_in_row_order() -> None:
    index, query = filled(300), unit(9, 1)
    (ids,), (scores,) = index.search(query, 300)
    by_row = dict(zip(index.ids, index.scores(query[0]), strict=True))
    assert [by_row[key] for key in ids] == scores.tolist()
    np.testing.assert_allclose(index.scores(query[0]), unit(0, 300) @ query[0], atol=1e-6)


# --- changes


@pytest.mark.parametrize("rows", [1, 2, 7, 50, 51])
def test_scores_read_in_parts_are_the_same_bits(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    index, query = filled(rows), unit(99, 1)[0]
    whole = index.scores(query)
    monkeypatch.setattr("embeddings.exact._AT_ONCE", 3)
    np.testing.assert_array_equal(index.scores(query), whole)


class Changes(RuleBasedStateMachine):
    """Adds, replaces, removes, saves and loads at random; a dict of vectors is the truth."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()

    def teardown(self) -> None:
        self.folder.cleanup()

    @initialize()
    def start(self) -> None:
        self.index = VectorIndex(D, PRINT)
        self.truth: dict[str, Vectors] = {}
        self.turn = 0

    def fresh(self, count: int) -> Vectors:
        self.turn += 1
        return unit(self.turn, count)

    @rule(keys=st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=6))
    def add(self, keys: list[str]) -> None:
        vectors = self.fresh(len(keys))
        if self.truth.keys() & set(keys):
            with pytest.raises(InvalidVectors):
                self.index.add(keys, vectors)
        else:
            self.index.add(keys, vectors)
            self.truth |= dict(zip(keys, vectors, strict=True))

    @rule(keys=st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=4))
    def replace(self, keys: list[str]) -> None:
        vectors = self.fresh(len(keys))
        if set(keys) <= self.truth.keys():
            self.index.replace(keys, vectors)
            self.truth |= dict(zip(keys, vectors, strict=True))
        else:
            with pytest.raises(InvalidVectors):
                self.index.replace(keys, vectors)

    @rule(keys=st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=4))
    def remove(self, keys: list[str]) -> None:
        if set(keys) <= self.truth.keys():
            self.index.remove(keys)
            self.truth = {key: vector for key, vector in self.truth.items() if key not in keys}
        else:
            with pytest.raises(InvalidVectors):
                self.index.remove(keys)

    @rule()
    def save_and_load(self) -> None:
        path = Path(self.folder.name) / "index"
        before = self.index.ids
        self.index.save(path)
        self.index = VectorIndex.load(path, PRINT)
        assert self.index.ids == before

    @rule(seed=st.integers(0, 99), k=st.integers(-1, 20), keys=st.none() | st.sets(st.sampled_from("abcdefgh")))
    def search(self, seed: int, k: int, keys: set[str] | None) -> None:
        known = self.truth if keys is None else {key: self.truth[key] for key in keys & self.truth.keys()}
        query = unit(1000 + seed, 1)
        (ids,), (scores,) = self.index.search(query, k, None if keys is None else list(known))
        expected = brute(known, query[0], k)
        assert ids == [key for key, _ in expected]
        np.testing.assert_allclose(scores, [score for _, score in expected], atol=1e-6)

    @invariant()
    def holds_what_was_put_in(self) -> None:
        assert set(self.index.ids) == self.truth.keys()
        assert len(self.index) == len(self.truth)
        assert all(key in self.index for key in self.truth)
        assert "never" not in self.index

    @invariant()
    def scores_belong_to_their_rows(self) -> None:
        query = unit(7, 1)[0]
        expected = [float(self.truth[key] @ query) for key in self.index.ids]
        np.testing.assert_allclose(self.index.scores(query), expected, atol=1e-6)


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        (["n1", "n1"], unit(1, 2)),
        (["n1", "L003"], unit(1, 2)),
        (["n1"], unit(1, 2)),
        (["n1"], unit(1, 1, D + 1)),
        (["n1"], unit(1, 1)[0]),
        (["n1"], unit(1, 1) * np.float32(np.nan)),
        (["n1"], np.full((1, D), np.inf)),
        (["n1"], np.full((1, D), 1e300)),
        (["n1"], np.full((1, D), 3e38, np.float32)),
        (["n1"], unit(1, 1) * 2),
        (["n1"], np.zeros((1, D), np.float32)),
        ([7], unit(1, 1)),
    ],
    ids=[
        "twice",
        "known",
        "unpaired",
        "dimension",
        "flat",
        "nan",
        "inf",
        "overflow",
        "square",
        "long",
        "zero",
        "number",
    ],
)
def test_what_cant_be_added_is_refused_and_nothing_added(ids: list[str], vectors: Vectors) -> None:
    index = filled()
    with pytest.raises(InvalidVectors):
        index.add(ids, vectors)
    assert index.ids == filled().ids


@pytest.mark.parametrize("query", [unit(1, 1, D + 1), unit(1, 1) * 2, unit(1, 1) * np.float32(np.nan)])
def test_queries_are_checked_like_rows(query: Vectors) -> None:
    index = filled()
    with pytest.raises(InvalidVectors):
        index.search(query, 3)
    with pytest.raises(InvalidVectors):
        index.scores(query[0])


def test_unknown_ids_and_wrong_masks_are_refused_by_name() -> None:
    index = filled()
    with pytest.raises(InvalidVectors, match="nobody"):
        index.replace(["L001", "nobody"], unit(1, 2))
    with pytest.raises(InvalidVectors, match="nobody"):
        index.remove(["L001", "nobody"])
    with pytest.raises(InvalidVectors, match="L001"):
        index.remove(["L001", "L001"])
    with pytest.raises(InvalidVectors, match="nobody"):
        index.search(unit(1, 1), 3, ["nobody"])
    with pytest.raises(InvalidVectors, match="掩码"):
        index.search(unit(1, 1), 3, np.ones(19, np.bool_))
    assert len(index) == 20


def test_vectors_given_are_copied() -> None:
    vectors = unit(0, 3)
    index = VectorIndex(D, PRINT)
    index.add(["a", "b", "c"], vectors)
    first = vectors[0].copy()
    vectors[:] = 0
    assert index.search(first[None], 1)[0] == [["a"]]


def test_double_precision_and_slices_are_taken() -> None:
    index = VectorIndex(D, PRINT)
    wide = unit(0, 6).astype(np.float64)
    index.add(["a", "b", "c"], wide[::2])
    assert index.search(wide[4:5], 1)[0] == [["c"]]


# --- many threads


def test_a_snapshot_does_not_change() -> None:
    index, query = filled(), unit(3, 1)[0]
    before = index.snapshot()
    scores = before.scores(query)
    index.remove(["L000"])
    index.add(["new"], unit(4, 1))
    assert len(before) == 20
    assert "L000" in before
    assert "new" not in before
    np.testing.assert_array_equal(before.scores(query), scores)


def test_searches_beside_a_writer_see_whole_states() -> None:
    index, always = filled(200), unit(0, 200)
    stop, wrong = threading.Event(), []

    def search() -> None:
        while not stop.is_set():
            state = index.snapshot()
            if len(state.scores(always[0])) != len(state.ids):
                wrong.append("scores and ids differ")
            (ids,), _ = index.search(always[:1], 10)
            if ids[0] != "L000" or len(ids) != 10:
                wrong.append(str(ids))

    readers = [threading.Thread(target=search) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(100):
        index.add([f"T{turn}"], unit(1000 + turn, 1))
        index.replace(["L100"], unit(2000 + turn, 1))
        index.remove([f"T{turn}"])
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(index) == 200


def test_writers_do_not_lose_each_others_rows() -> None:
    index = VectorIndex(D, PRINT)

    def write(name: str) -> None:
        for turn in range(50):
            index.add([f"{name}{turn}"], unit(turn, 1))

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(index) == 150


# --- files


def test_loads_what_was_saved_and_goes_on(tmp_path: Path) -> None:
    index, query = filled(), unit(3, 4)
    index.remove(["L005"])
    index.save(tmp_path / "sub" / "index")
    again = VectorIndex.load(tmp_path / "sub" / "index", PRINT)
    assert again.ids == index.ids
    assert again.dimension == D
    (ids, scores), (ids_again, scores_again) = index.search(query, 7), again.search(query, 7)
    assert ids_again == ids
    np.testing.assert_array_equal(scores_again, scores)
    again.add(["L005", "new"], unit(8, 2))
    assert "L005" in again


def test_an_empty_index_and_odd_ids_survive(tmp_path: Path) -> None:
    VectorIndex(D, PRINT).save(tmp_path / "index")
    again = VectorIndex.load(tmp_path / "index", PRINT)
    again.add(["", "中试", "a\n\x00\ud800"], unit(0, 3))
    again.save(tmp_path / "index")
    assert VectorIndex.load(tmp_path / "index", PRINT).ids == ("", "中试", "a\n\x00\ud800")


def test_the_index_of_another_encoder_is_refused_with_the_command(tmp_path: Path) -> None:
    filled().save(tmp_path / "index")
    with pytest.raises(IndexMismatch, match="model-1") as caught:
        VectorIndex.load(tmp_path / "index", "model-2")
    assert "pilotmatch index --rebuild" in str(caught.value)


def test_rows_and_ids_that_differ_in_number_are_refused(tmp_path: Path) -> None:
    state = filled().snapshot()
    write_index(tmp_path / "index", Stored(PRINT, list(state.ids[:-1]), state.rows))
    with pytest.raises(BrokenIndex):
        VectorIndex.load(tmp_path / "index", PRINT)
