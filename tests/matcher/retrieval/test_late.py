"""Late interaction against a loop over tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings.products import Codes, quantise, restore
from matcher.catalogue.row_change import RowChange
from matcher.records import Listing
from matcher.retrieval import token_pages
from matcher.retrieval.late import TokenStore
from matcher.retrieval.token_pages import Offsets

Floats = NDArray[np.float32]

DIMENSION = 384
#: A need's token is kept in 64 steps to its greatest component; over random vectors the products then err by so much.
ERROR = 0.006

lengths = st.lists(st.integers(0, 9), min_size=1, max_size=12)
seeds = st.integers(0, 2**32 - 1)


def unit_rows(seed: int, count: int) -> Floats:
    drawn = np.random.default_rng(seed).standard_normal((count, DIMENSION))
    rows: Floats = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return rows


def make(seed: int, sizes: list[int]) -> TokenStore:
    codes = [quantise(unit_rows(seed + place, size)) for place, size in enumerate(sizes)]
    offsets = [np.array([(place, place + 1) for place in range(size)], np.int16).reshape(-1, 2) for size in sizes]
    return TokenStore(zip(codes, offsets, strict=True), DIMENSION)


def brute_force(store: TokenStore, need: Floats, row: int) -> Floats:
    """[t]: for each token of the need the greatest float32 product with a stored token; 0 where there is none."""
    best = [max((float(token @ one) for token in store.tokens(row).vectors), default=0.0) for one in need]
    return np.array(best, np.float32)


@given(seeds, lengths, st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_equals_brute_force(seed: int, sizes: list[int], t: int) -> None:
    store, need = make(seed, sizes), unit_rows(seed + 1000, t)
    rows = np.arange(len(sizes))
    wanted = np.stack([brute_force(store, need, row) for row in range(len(sizes))])
    best, scores = store.best(need, rows), store.scores(need, rows)
    assert best.dtype == scores.dtype == np.float32
    assert best.shape == (len(sizes), t)
    np.testing.assert_allclose(best, wanted, atol=ERROR)
    np.testing.assert_allclose(scores, wanted.mean(axis=1), atol=ERROR)


@given(seeds, lengths, st.integers(1, 40), st.data())
@settings(max_examples=60, deadline=None)
def test_a_score_depends_neither_on_the_order_nor_on_the_other_rows(
    seed: int, sizes: list[int], t: int, data: st.DataObject
) -> None:
    store, need = make(seed, sizes), unit_rows(seed + 1000, t)
    whole = store.scores(need, np.arange(len(sizes)))
    asked = np.array(data.draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=20)))
    np.testing.assert_array_equal(store.scores(need, asked), whole[asked])
    for row in asked:
        assert store.scores(need, np.array([row]))[0] == whole[row]


@given(seeds, lengths)
@settings(max_examples=60, deadline=None)
def test_tokens_come_back(seed: int, sizes: list[int]) -> None:
    store = make(seed, sizes)
    assert len(store) == len(sizes)
    assert store.nbytes == sum(sizes) * DIMENSION
    for row, size in enumerate(sizes):
        vectors, offsets = store.tokens(row)
        np.testing.assert_array_equal(vectors, restore(quantise(unit_rows(seed + row, size))))
        assert offsets.tolist() == [[place, place + 1] for place in range(size)]


@pytest.mark.parametrize("sizes", [[0], [0, 0], [0, 3, 0], [3, 0], [0, 0, 2]])
def test_a_listing_without_tokens_scores_nothing_and_shifts_no_other(sizes: list[int]) -> None:
    store, need = make(5, sizes), unit_rows(6, 4)
    scores = store.scores(need, np.arange(len(sizes)))
    for row, size in enumerate(sizes):
        wanted = brute_force(store, need, row).mean()
        assert scores[row] == (0 if size == 0 else pytest.approx(wanted, abs=ERROR))


def test_nothing_asked_gives_a_shape() -> None:
    store, need = make(7, [2, 3]), unit_rows(8, 4)
    none, nothing = np.zeros(0, np.int64), np.zeros((0, DIMENSION), np.float32)
    assert store.best(need, none).shape == (0, 4)
    assert store.best(nothing, np.arange(2)).shape == (2, 0)
    assert store.scores(need, none).shape == (0,)
    assert store.scores(nothing, np.arange(2)).tolist() == [0, 0]


def test_no_listings() -> None:
    store = TokenStore([], DIMENSION)
    assert len(store) == store.nbytes == 0
    assert store.scores(unit_rows(0, 2), np.zeros(0, np.int64)).shape == (0,)


def test_a_listing_scores_one_for_its_own_words_and_length_is_no_merit() -> None:
    store = make(9, [5, 2])
    for row in (0, 1):
        own = restore(quantise(unit_rows(9 + row, len(store.tokens(row).vectors))))
        assert store.scores(own, np.array([row]))[0] == pytest.approx(1, abs=ERROR)
        twice = np.concatenate([own, own])
        assert store.scores(twice, np.array([row]))[0] == pytest.approx(store.scores(own, np.array([row]))[0])


def test_a_word_more_never_lowers_the_best() -> None:
    tokens, need = unit_rows(10, 8), unit_rows(11, 5)
    codes = quantise(tokens)
    offsets = np.zeros((8, 2), np.int16)
    store = TokenStore([(codes[:size], offsets[:size]) for size in range(1, 9)], DIMENSION)
    best = store.best(need, np.arange(8))
    assert (np.diff(best, axis=0) >= 0).all()


class TestChanged:
    sizes = st.dictionaries(st.integers(0, 12), st.integers(0, 6), max_size=8)

    @given(sizes, st.lists(st.tuples(sizes, st.sets(st.integers(0, 12), max_size=4)), max_size=8), st.integers(1, 40))
    @settings(max_examples=60, deadline=None)
    def test_as_a_store_that_is_made_anew(
        self, first: dict[int, int], changes: list[tuple[dict[int, int], set[int]]], page: int
    ) -> None:
        now, need = {id: (id, size) for id, size in first.items()}, unit_rows(1000, 3)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(token_pages, "PAGE_TOKENS", page)
            store = self.store(now)
            for turn, (comes, goes) in enumerate(changes, 1):
                old, scores = store, store.scores(need, np.arange(len(store)))
                new = {id: (100 * turn + id, size) for id, size in comes.items()}
                store = store.changed(self.change(now, new, goes), self.tokens(new))
                now = {id: one for id, one in now.items() if id not in goes} | new
                np.testing.assert_array_equal(old.scores(need, np.arange(len(old))), scores)
        anew, rows = self.store(now), np.arange(len(now))
        assert (len(store), store.nbytes) == (len(anew), anew.nbytes)
        np.testing.assert_array_equal(store.best(need, rows), anew.best(need, rows))
        for ours, theirs in zip(store.similar(need, rows), anew.similar(need, rows), strict=True):
            np.testing.assert_array_equal(ours.cosines, theirs.cosines)
            np.testing.assert_array_equal(ours.offsets, theirs.offsets)
        for row in rows.tolist():
            np.testing.assert_array_equal(store.tokens(row).vectors, anew.tokens(row).vectors)

    def test_memory_is_let_go(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(token_pages, "PAGE_TOKENS", 50)
        now = {id: (id, 5) for id in range(40)}
        store = self.store(now)
        for turn in range(300):
            new = {turn % 40: (turn, 5)}
            store = store.changed(self.change(now, new, set()), self.tokens(new))
        assert sum(len(page.codes) for page in store._pages) <= 2 * 200 + 50

    def test_two_ways_on_from_one_state(self) -> None:
        now, need = {1: (1, 3), 2: (2, 4)}, unit_rows(1000, 3)
        first = self.store(now)
        for seed in (7, 8):
            new = {1: (seed, 5)}
            store = first.changed(self.change(now, new, set()), self.tokens(new))
            wanted = self.store({**now, **new})
            np.testing.assert_array_equal(store.best(need, np.arange(2)), wanted.best(need, np.arange(2)))
        np.testing.assert_array_equal(first.best(need, np.arange(2)), self.store(now).best(need, np.arange(2)))

    @staticmethod
    def change(now: dict[int, tuple[int, int]], new: dict[int, tuple[int, int]], goes: set[int]) -> RowChange:
        listings, added = (
            [Listing(id=f"{id:02}", kind="platform", name="") for id in sorted(ids)] for ids in (now, new)
        )
        return RowChange.between(listings, {f"{id:02}" for id in goes | new.keys()}, added)

    @staticmethod
    def tokens(made: dict[int, tuple[int, int]]) -> list[tuple[Codes, Offsets]]:
        """By a seed and a size for each id."""
        pieces = [made[id] for id in sorted(made)]
        return [(quantise(unit_rows(seed, size)), np.full((size, 2), seed, np.int16)) for seed, size in pieces]

    def store(self, made: dict[int, tuple[int, int]]) -> TokenStore:
        return TokenStore(self.tokens(made), DIMENSION)
