"""Postings and vocabulary against dictionaries."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.retrieval.postings import Postings, Vocabulary

corpora = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=6), max_size=8)

#: By (column, row) the count.
Table = dict[tuple[int, int], float]


def table(postings: Postings) -> Table:
    columns = np.repeat(postings.columns, np.diff(postings.starts)).tolist()
    return dict(zip(zip(columns, postings.rows.tolist(), strict=True), postings.counts.tolist(), strict=True))


def is_in_order(postings: Postings) -> bool:
    return list(table(postings)) == sorted(table(postings)) and len(table(postings)) == len(postings)


@given(corpora, st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_documents_are_counted(documents: list[list[str]], first: int) -> None:
    vocabulary = Vocabulary()
    postings, lengths = vocabulary.read(documents, first)
    wanted = {
        (int(vocabulary.columns([term])[0]), row): float(count)
        for row, document in enumerate(documents, first)
        for term, count in Counter(document).items()
    }
    assert table(postings) == wanted
    assert is_in_order(postings)
    assert lengths.tolist() == [len(document) for document in documents]
    assert sorted(vocabulary.columns(sorted(set().union(*documents)))) == list(range(len(vocabulary)))
    holders = Counter(term for document in documents for term in set(document))
    assert {term: postings.frequency(len(vocabulary))[vocabulary.columns([term])[0]] for term in holders} == holders


@given(corpora, corpora, st.sets(st.integers(0, 15)))
@settings(max_examples=100, deadline=None)
def test_merged_and_counted_among_some(ours: list[list[str]], theirs: list[list[str]], some: set[int]) -> None:
    vocabulary = Vocabulary()
    one, _ = vocabulary.read(ours, 0)
    other, _ = vocabulary.read(theirs, len(ours))
    both = one.merged(other)
    assert table(both) == table(one) | table(other)
    assert is_in_order(both)
    found = both.frequency(len(vocabulary), np.array(sorted(some), np.int64))
    assert found.tolist() == [
        sum(column == place and row in some for place, row in table(both)) for column in range(len(vocabulary))
    ]


@given(corpora, st.data())
@settings(max_examples=100, deadline=None)
def test_renumbered(documents: list[list[str]], data: st.DataObject) -> None:
    vocabulary = Vocabulary()
    postings, _ = vocabulary.read(documents, 0)
    order = data.draw(st.permutations(range(len(documents))))
    kept = order[: data.draw(st.integers(0, len(documents)))]
    rows = np.full(len(documents), -1, np.int64)
    rows[kept] = np.arange(len(kept))
    held = postings.frequency(len(vocabulary), np.array(sorted(kept), np.int64))
    smaller, columns = vocabulary.without(held == 0)
    moved = postings.renumbered(rows, columns)
    assert is_in_order(moved)
    again, _ = Vocabulary(smaller._numbers).read([documents[row] for row in kept], 0)
    assert table(moved) == table(again)
    assert len(smaller) == len({term for row in kept for term in documents[row]})


@given(corpora, st.lists(st.integers(0, 9), unique=True, max_size=6))
@settings(max_examples=100, deadline=None)
def test_postings_of_columns(documents: list[list[str]], columns: list[int]) -> None:
    postings, _ = Vocabulary().read(documents, 0)
    if not len(postings):
        return
    rows, counts, weights = postings.of(np.array(columns, np.int64), np.array(columns, np.float64) + 0.5)
    wanted = [
        (row, count, column + 0.5)
        for column in columns
        for (place, row), count in table(postings).items()
        if place == column
    ]
    assert list(zip(rows.tolist(), counts.tolist(), weights.tolist(), strict=True)) == wanted


def test_threads_number_terms_alike() -> None:
    vocabulary = Vocabulary()
    documents = [[f"t{number % 50}", f"t{number}"] for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda document: vocabulary.read([document], 0)[0], documents))
    assert sorted(vocabulary._numbers.values()) == list(range(200))
    for document, postings in zip(documents, found, strict=True):
        assert set(postings.columns.tolist()) == set(vocabulary.columns(document).tolist())


def test_unknown_terms() -> None:
    assert Vocabulary(["a"]).columns(["b", "a"]).tolist() == [-1, 0]
