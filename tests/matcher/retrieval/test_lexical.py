"""BM25 against its formula written out, and what its ceiling promises."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.row_change import RowChange
from matcher.records import Listing
from matcher.retrieval import lexical
from matcher.retrieval.lexical import K1, B, Bm25

tokens = st.sampled_from("abcdefg")
corpora = st.lists(st.lists(tokens, max_size=14), max_size=14)
queries = st.dictionaries(st.sampled_from("abcdefgxyz"), st.floats(0.05, 4), max_size=8)


def brute_force(documents: list[list[str]], query: dict[str, float]) -> list[float]:
    """The formula of the docstring, document by document and term by term."""
    n = len(documents)
    mean = sum(map(len, documents)) / n if n else 0
    scores = []
    for document in documents:
        score = 0.0
        for term, weight in query.items():
            frequency = document.count(term)
            if frequency:
                holders = sum(term in other for other in documents)
                idf = math.log(1 + (n - holders + 0.5) / (holders + 0.5))
                norm = K1 * (1 - B + B * len(document) / mean)
                score += weight * idf * frequency * (K1 + 1) / (frequency + norm)
        scores.append(score)
    return scores


@given(corpora, queries)
@settings(max_examples=100, deadline=None)
def test_equals_the_formula(documents: list[list[str]], query: dict[str, float]) -> None:
    scores = Bm25(documents).scores(query)
    assert scores.dtype == np.float32
    assert scores.shape == (len(documents),)
    np.testing.assert_allclose(scores, brute_force(documents, query), rtol=1e-5)


@given(corpora, queries)
@settings(max_examples=100, deadline=None)
def test_no_score_exceeds_the_ceiling(documents: list[list[str]], query: dict[str, float]) -> None:
    index = Bm25(documents)
    assert (index.scores(query) <= index.ceiling(query) * (1 + 1e-6)).all()


@given(corpora, queries)
@settings(max_examples=100, deadline=None)
def test_a_score_is_above_nothing_exactly_where_a_term_is_shared(
    documents: list[list[str]], query: dict[str, float]
) -> None:
    assert [score > 0 for score in Bm25(documents).scores(query)] == [
        bool(query.keys() & set(document)) for document in documents
    ]


@given(corpora, queries, st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_the_order_of_documents_and_of_their_words_does_not_matter(
    documents: list[list[str]], query: dict[str, float], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(documents))
    moved = [documents[place][::-1] for place in order]
    np.testing.assert_allclose(Bm25(moved).scores(query), Bm25(documents).scores(query)[order], rtol=1e-6)


def test_hand_worked() -> None:
    # n = 2, df(a) = 1: idf = ln(1 + 1.5 / 1.5); |d| = 2, mean 1.5: norm 1.2 · (0.25 + 0.75 · 4 / 3) = 1.5.
    index = Bm25([["a", "b"], ["b"]])
    np.testing.assert_allclose(index.scores({"a": 1.0}), [math.log(2) * 2.2 / 2.5, 0], rtol=1e-6)
    assert index.ceiling({"a": 1.0}) == pytest.approx(2.2 * math.log(2))


def test_a_weight_counts_as_often() -> None:
    index = Bm25([["a", "b"], ["b"], ["c"]])
    np.testing.assert_allclose(index.scores({"a": 3.0}), 3 * index.scores({"a": 1.0}), rtol=1e-6)
    assert index.ceiling({"a": 3.0}) == pytest.approx(3 * index.ceiling({"a": 1.0}))


def test_the_ceiling_is_approached() -> None:
    index = Bm25([["a"] * 20_000, ["b"], ["c"]])
    assert index.scores({"a": 1.0})[0] > 0.999 * index.ceiling({"a": 1.0})


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_documents_without_words(documents: list[list[str]]) -> None:
    index = Bm25(documents)
    assert index.size == len(documents)
    assert index.scores({"a": 1.0}).tolist() == [0.0] * len(documents)
    assert index.ceiling({"a": 1.0}) == pytest.approx(2.2 * math.log(2 + 2 * len(documents)))


def test_an_empty_query_has_neither_scores_nor_a_ceiling() -> None:
    index = Bm25([["a"], ["b"]])
    assert index.scores({}).tolist() == [0, 0]
    assert index.ceiling({}) == 0


def test_unknown_words_add_nothing_but_raise_the_ceiling() -> None:
    index = Bm25([["a"], ["b"]])
    known, both = {"a": 1.0}, {"a": 1.0, "unknown": 1.0}
    np.testing.assert_array_equal(index.scores(both), index.scores(known))
    assert index.scores({"unknown": 1.0}).tolist() == [0, 0]
    # The idf of a word that stands nowhere: ln(1 + 2.5 / 0.5).
    assert index.ceiling(both) - index.ceiling(known) == pytest.approx(2.2 * math.log(6))


@given(corpora.filter(bool), st.sampled_from("abcx"))
@settings(max_examples=60, deadline=None)
def test_share_of_the_documents_that_hold_a_term(documents: list[list[str]], term: str) -> None:
    assert Bm25(documents).share(term) == sum(term in document for document in documents) / len(documents)


def test_documents_may_come_from_a_generator() -> None:
    given_once = Bm25(iter([["a"], ["b", "a"]]))
    np.testing.assert_array_equal(given_once.scores({"a": 1.0}), Bm25([["a"], ["b", "a"]]).scores({"a": 1.0}))


Documents = dict[int, list[str]]

documents_by_id = st.dictionaries(st.integers(0, 15), st.lists(tokens, max_size=8), max_size=12)
document_changes = st.lists(st.tuples(documents_by_id, st.sets(st.integers(0, 15), max_size=5)), max_size=6)


def changed(index: Bm25, before: Documents, upserts: Documents, removals: set[int]) -> tuple[Bm25, Documents]:
    def listings(ids: Iterable[int]) -> list[Listing]:
        return [Listing(id=f"{id:02}", kind="platform", name="") for id in sorted(ids)]

    gone = {f"{id:02}" for id in removals | upserts.keys()}
    change = RowChange.between(listings(before), gone, listings(upserts))
    now = {id: document for id, document in before.items() if id not in removals} | upserts
    return index.changed(change, [upserts[id] for id in sorted(upserts)]), now


def in_order(documents: Documents) -> list[list[str]]:
    return [documents[id] for id in sorted(documents)]


class TestChanged:
    @given(
        documents_by_id, document_changes, queries, st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.0, 0.3, 9.0])
    )
    @settings(max_examples=100, deadline=None)
    def test_as_an_index_that_is_made_anew(
        self,
        now: Documents,
        changes: list[tuple[Documents, set[int]]],
        query: dict[str, float],
        dead: float,
        apart: float,
    ) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lexical, "DEAD_SHARE", dead)
            patch.setattr(lexical, "APART_SHARE", apart)
            index = Bm25(in_order(now))
            for upserts, removals in changes:
                old, scores, ceiling = index, index.scores(query), index.ceiling(query)
                index, now = changed(index, now, upserts, removals)
                np.testing.assert_array_equal(old.scores(query), scores)
                assert old.ceiling(query) == ceiling
        anew = Bm25(in_order(now))
        assert index.size == anew.size
        np.testing.assert_array_equal(index.scores(query), anew.scores(query))
        assert index.ceiling(query) == anew.ceiling(query)
        for term in "abcdefgx" if now else "":
            assert index.share(term) == anew.share(term)

    def test_two_ways_on_from_one_state(self) -> None:
        first = Bm25([["a"], ["b"]])
        before = {0: ["a"], 1: ["b"]}
        ways = [changed(first, before, {2: [term, "a"]}, {0}) for term in ("new", "other")]
        for index, now in ways:
            for term in ("a", "b", "new", "other"):
                np.testing.assert_array_equal(index.scores({term: 1.0}), Bm25(in_order(now)).scores({term: 1.0}))
                assert index.share(term) == Bm25(in_order(now)).share(term)

    def test_words_of_a_later_state_are_unknown_to_an_earlier_one(self) -> None:
        first = Bm25([["a"]])
        changed(first, {0: ["a"]}, {1: ["new"]}, set())
        assert first.scores({"new": 1.0}).tolist() == [0]
        assert first.share("new") == 0
        assert first.ceiling({"new": 1.0}) == Bm25([["a"]]).ceiling({"new": 1.0})

    def test_terms_that_nobody_holds_any_more_are_let_go(self) -> None:
        now = {id: [f"t{id}"] for id in range(20)}
        index = Bm25(in_order(now))
        for id in range(20):
            index, now = changed(index, now, {id: ["same"]}, set())
        assert len(index._vocabulary) <= 6
        assert sum(map(len, index._parts)) <= 25


@given(corpora, queries)
@settings(max_examples=60, deadline=None)
def test_shares_are_scores_over_the_ceiling(documents: list[list[str]], query: dict[str, float]) -> None:
    index = Bm25(documents)
    ceiling = np.float32(index.ceiling(query)) if query else np.float32(1)
    np.testing.assert_array_equal(index.shares(query), index.scores(query) / ceiling)
