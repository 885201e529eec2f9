"""Candidates: exact within what the conditions leave, and the same numbers whoever asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from embeddings import Encoder
from embeddings.onnx import load_onnx
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.listings_file import read_listings
from matcher.records import SUPPLY_KINDS, Listing
from matcher.retrieval.lexical import Bm25
from matcher.retrieval.retriever import MAX_TERM_COUNT, PROPOSERS, SIGNALS, TELLING_SHARE, Query, Retriever
from matcher.retrieval.synonyms import Synonyms
from matcher.retrieval.top import top
from matcher.retrieval.views import full_text, short_text
from matcher.retrieval.words import Words, char_ngrams
from tests.matcher.hash_encoder import HashEncoder

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

ROOT = Path(__file__).resolve().parents[3]
NEEDS = [
    "500 L 发酵罐中试放大,GMP 车间",
    "8英寸MEMS晶圆流片",
    "想找人做电池材料的小批量试产",
    "zzz 没有人知道的词",
    "",
]
#: Some filters leave one listing in a thousand.
COPIES = 1200
#: Late interaction against float32: what codes and the need's 64 steps can err by.
LATE_ERROR = 0.006


@pytest.fixture(scope="module")
def words() -> Words:
    return Words.load(ROOT / "datasets" / "lexicon.csv")


@pytest.fixture(scope="module")
def synonyms() -> Synonyms:
    return Synonyms.load(ROOT / "datasets" / "synonyms.csv")


@pytest.fixture(scope="module")
def supply() -> list[Listing]:
    """Every eighth shipped listing of a kind that is ranked."""
    shipped = read_listings(ROOT / "datasets" / "listings.jsonl")
    return sorted([one for one in shipped if one.kind in SUPPLY_KINDS][::8], key=lambda listing: listing.id)


@pytest.fixture(scope="module")
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture(scope="module")
def retriever(
    supply: list[Listing],
    words: Words,
    synonyms: Synonyms,
    encoder: HashEncoder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Retriever:
    return Retriever(supply, words, synonyms, encoder, Encodings(tmp_path_factory.mktemp("few"), encoder))


@pytest.fixture(scope="module")
def many(encoder: HashEncoder, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    """1,200 short listings of 300 texts: every score comes four times."""
    made = [
        Listing(id=f"PF-{number:04d}", kind="platform", name=f"{number % 300}号{'酵罐锂晶圆膜药'[number % 7]}中试线")
        for number in range(COPIES)
    ]
    return Retriever(made, Words(), Synonyms(), encoder, Encodings(tmp_path_factory.mktemp("many"), encoder))


def everything(retriever: Retriever, query: Query) -> Floats:
    """[n, signals]: all rows measured."""
    return retriever.measure(query, np.arange(retriever.size)).signals


def brute_force(scores: Floats, allowed: NDArray[np.int64], k: int) -> list[int]:
    """The k best of the allowed rows, equal ones in order of row."""
    return sorted(allowed.tolist(), key=lambda row: (-float(scores[row]), row))[:k]


def masks(size: int, chance: np.random.Generator) -> Iterator[Mask]:
    for share in (1.0, 0.5, 0.1, 0.02, 0.001):
        for _ in range(6):
            mask = chance.random(size) < share
            mask[chance.integers(size)] = True
            yield mask
    yield np.arange(size) == 0
    yield np.arange(size) == size - 1


@pytest.mark.parametrize("need", NEEDS)
def test_recall_within_any_mask_is_complete(retriever: Retriever, many: Retriever, need: str) -> None:
    chance = np.random.default_rng(1)
    for searched in (retriever, many):
        query = searched.read(need)
        signals = everything(searched, query)
        for mask in masks(searched.size, chance):
            allowed = np.flatnonzero(mask)
            found = set(searched.retrieve(query, mask, 10).rows.tolist())
            assert found <= set(allowed.tolist())
            for name in PROPOSERS:
                wanted = brute_force(signals[:, SIGNALS.index(name)], allowed, 10)
                assert set(wanted) <= found


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("depth", [1, 7, 60, 5000])
def test_never_fewer_than_depth_while_rows_pass(many: Retriever, need: str, depth: int) -> None:
    query = many.read(need)
    for mask in masks(many.size, np.random.default_rng(2)):
        rows = many.retrieve(query, mask, depth).rows
        assert min(depth, mask.sum()) <= len(rows) <= min(depth * len(PROPOSERS), mask.sum())
        assert (np.diff(rows) > 0).all()


@pytest.mark.parametrize("need", NEEDS)
def test_signals_of_a_row_depend_on_nothing_but_the_row(retriever: Retriever, need: str) -> None:
    query = retriever.read(need)
    signals = everything(retriever, query)
    assert signals.dtype == np.float32
    assert signals.shape == (retriever.size, len(SIGNALS))
    assert np.isfinite(signals).all()
    for mask in [None, *masks(retriever.size, np.random.default_rng(3))]:
        for depth in (1, 10, 1000):
            found = retriever.retrieve(query, mask, depth)
            np.testing.assert_array_equal(found.signals, signals[found.rows])
    backwards = np.arange(retriever.size)[::-1]
    np.testing.assert_array_equal(retriever.measure(query, backwards).signals, signals[backwards])


@pytest.mark.parametrize("need", NEEDS)
def test_candidates_of_a_depth_are_among_those_of_a_greater_one(many: Retriever, need: str) -> None:
    query = many.read(need)
    rows = [set(many.retrieve(query, None, depth).rows.tolist()) for depth in (1, 3, 10, 40, 200)]
    assert all(fewer <= more for fewer, more in pairwise(rows))


@pytest.mark.parametrize("need", NEEDS)
def test_no_mask_is_a_mask_of_all(retriever: Retriever, need: str) -> None:
    query = retriever.read(need)
    without, with_all = (retriever.retrieve(query, mask, 20) for mask in (None, np.ones(retriever.size, np.bool_)))
    np.testing.assert_array_equal(without.rows, with_all.rows)
    np.testing.assert_array_equal(without.signals, with_all.signals)


def test_signals_are_what_their_names_say(
    retriever: Retriever, supply: list[Listing], words: Words, encoder: HashEncoder
) -> None:
    query = retriever.read(NEEDS[0])
    signals = dict(zip(SIGNALS, everything(retriever, query).T, strict=True))
    for suffix, view in (("", full_text), ("_short", short_text)):
        texts = [view(listing) for listing in supply]
        by_words, by_ngrams = Bm25(map(words.cut, texts)), Bm25(map(char_ngrams, texts))
        for name, index, terms in (("words", by_words, query.words), ("ngrams", by_ngrams, query.ngrams)):
            shares = index.scores(terms) / index.ceiling(terms)
            np.testing.assert_allclose(signals[name + suffix], shares, rtol=1e-6)
            assert 0 < shares.max() <= 1
        vectors = np.stack([encoder.read_listing(text).vector for text in texts])
        np.testing.assert_allclose(signals["dense" + suffix], vectors @ query.encoded.vector, atol=1e-6)
    late = [(encoder.read_listing(full_text(one)).tokens @ query.encoded.tokens.T).max(0).mean() for one in supply]
    np.testing.assert_allclose(signals["late"], late, atol=LATE_ERROR)


def test_a_listing_finds_itself(retriever: Retriever, supply: list[Listing]) -> None:
    for row, listing in enumerate(supply):
        found = retriever.retrieve(retriever.read(full_text(listing)), None, 1)
        best = found.rows[found.signals[:, SIGNALS.index("late")].argmax()]
        assert full_text(supply[best]) == full_text(supply[row])


def test_a_need_is_read_into_weighted_words(retriever: Retriever, words: Words) -> None:
    query = retriever.read("发酵 发酵 发酵 纯化")
    assert query.words["发酵"] == MAX_TERM_COUNT
    assert query.words["纯化"] == 1
    assert query.ngrams == {"发酵": MAX_TERM_COUNT, "纯化": 1}
    assert len(query.encoded.tokens) == 8
    related = set(query.words) - set(words.cut("发酵 纯化"))
    assert all(0 < query.words[word] <= 1 for word in related)


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("count", [0, 1, 5, 5000])
def test_nearest_are_those_of_the_pooled_vector_in_order(retriever: Retriever, need: str, count: int) -> None:
    query = retriever.read(need)
    signals = everything(retriever, query)
    for mask in masks(retriever.size, np.random.default_rng(4)):
        found = retriever.nearest(query, mask, count)
        wanted = brute_force(signals[:, SIGNALS.index("dense")], np.flatnonzero(mask), count)
        assert found.rows.tolist() == wanted
        np.testing.assert_array_equal(found.signals, signals[found.rows])
    assert retriever.nearest(query, np.zeros(retriever.size, np.bool_), count).signals.shape == (0, len(SIGNALS))


def test_words_that_a_tenth_of_the_catalogue_says_tell_nothing(
    retriever: Retriever, supply: list[Listing], words: Words
) -> None:
    query = retriever.read("中试平台提供发酵罐与晶圆流片,未曾见过的词 TSV")
    said = [set(words.cut(full_text(listing))) for listing in supply]
    shares = {word: sum(word in one for one in said) / len(said) for word in query.words}
    telling = retriever.telling(query)
    assert telling == {word: query.words[word] for word, share in shares.items() if share <= TELLING_SHARE}
    assert 0 < len(telling) < len(query.words)


def test_in_a_catalogue_of_one_every_word_tells(encoder: HashEncoder, tmp_path: Path, supply: list[Listing]) -> None:
    for size in (0, 1):
        few = Retriever(supply[:size], Words(), Synonyms(), encoder, Encodings(tmp_path, encoder))
        query = few.read(full_text(supply[0]))
        assert few.telling(query) == query.words


def test_synonyms_find_what_the_need_does_not_say(encoder: HashEncoder, tmp_path: Path) -> None:
    made = [Listing(id="PF-1", kind="platform", name="硅通孔"), Listing(id="PF-2", kind="platform", name="纯化水")]
    synonyms = Synonyms([("硅通孔", "TSV")])
    searched = Retriever(made, Words(synonyms.terms), synonyms, encoder, Encodings(tmp_path, encoder))
    signals = everything(searched, searched.read("TSV"))[:, SIGNALS.index("words")]
    assert signals[0] > signals[1] == 0


def test_what_no_listing_names(encoder: HashEncoder, tmp_path: Path) -> None:
    made = [Listing(id="PF-1", kind="platform", name="硅通孔"), Listing(id="PF-2", kind="platform", name="纯化水")]
    synonyms = Synonyms([("硅通孔", "TSV"), ("热压罐", "autoclave")], [("热压罐", "硅通孔")])
    words = Words([*synonyms.terms, "涂布", "小批量"], general=["小批量"])
    searched = Retriever(made, words, synonyms, encoder, Encodings(tmp_path, encoder))
    found = searched.unmentioned("TSV、热压罐(autoclave)、涂布,小批量")
    assert found == {"热压罐": ("热压罐", "autoclave"), "涂布": ("涂布",)}
    assert searched.unmentioned("") == {}


def test_nothing_passes(retriever: Retriever) -> None:
    found = retriever.retrieve(retriever.read(NEEDS[0]), np.zeros(retriever.size, np.bool_), 60)
    assert found.rows.shape == (0,)
    assert found.signals.shape == (0, len(SIGNALS))


def test_depth_zero_asks_for_nothing(retriever: Retriever) -> None:
    assert retriever.retrieve(retriever.read(NEEDS[0]), None, 0).signals.shape == (0, len(SIGNALS))


@pytest.mark.parametrize("need", NEEDS)
def test_no_listings(encoder: HashEncoder, tmp_path: Path, need: str) -> None:
    empty = Retriever([], Words(), Synonyms(), encoder, Encodings(tmp_path, encoder))
    found = empty.retrieve(empty.read(need), None, 60)
    assert empty.size == 0
    assert found.signals.shape == (0, len(SIGNALS))


@pytest.mark.parametrize("need", NEEDS)
def test_one_listing(encoder: HashEncoder, tmp_path: Path, supply: list[Listing], need: str) -> None:
    one = Retriever(supply[:1], Words(), Synonyms(), encoder, Encodings(tmp_path, encoder))
    found = one.retrieve(one.read(need), None, 60)
    assert found.rows.tolist() == [0]
    assert np.isfinite(found.signals).all()


def test_listings_without_text_are_last_and_still_come(encoder: HashEncoder, tmp_path: Path) -> None:
    bare = Listing(id="PF-0", kind="platform", name="")
    made = [bare, replace(bare, id="PF-1", name="。"), replace(bare, id="PF-2", name="发酵中试平台")]
    searched = Retriever(made, Words(), Synonyms(), encoder, Encodings(tmp_path, encoder))
    found = searched.retrieve(searched.read("发酵"), None, 3)
    assert found.rows.tolist() == [0, 1, 2]
    assert found.signals.argmax(axis=0).tolist() == [2] * len(SIGNALS)
    assert not found.signals[0, [SIGNALS.index(name) for name in ("words", "ngrams", "late")]].any()


def test_progress_and_a_restart(tmp_path: Path, supply: list[Listing]) -> None:
    counted = HashEncoder()
    told: list[tuple[int, int]] = []
    texts = {view(listing) for listing in supply[:20] for view in (full_text, short_text)}
    first = Retriever(
        supply[:20], Words(), Synonyms(), counted, Encodings(tmp_path, counted), lambda *done: told.append(done)
    )
    assert told == [(number, len(texts)) for number in range(1, len(texts) + 1)]
    again = Retriever(supply[:20], Words(), Synonyms(), counted, Encodings(tmp_path, counted))
    assert len(counted.texts) == len(texts)
    np.testing.assert_array_equal(everything(again, again.read(NEEDS[0])), everything(first, first.read(NEEDS[0])))


@given(
    st.one_of(
        arrays(np.float32, st.integers(0, 60), elements=st.sampled_from([-1.0, 0.0, -0.0, 0.25, 0.5, 1.0])),
        arrays(np.float32, st.integers(0, 60), elements=st.floats(-1, 1, width=32)),
    ),
    st.integers(-2, 70),
)
@settings(max_examples=100, deadline=None)
def test_top_equals_a_stable_sort(scores: Floats, k: int) -> None:
    wanted = sorted(range(len(scores)), key=lambda place: -float(scores[place]))[: max(k, 0)]
    assert top(scores, k).tolist() == wanted


@given(arrays(np.float32, st.integers(0, 60), elements=st.sampled_from([0.0, 0.5, 1.0])), st.integers(0, 60))
@settings(max_examples=100, deadline=None)
def test_top_begins_the_top_of_more(scores: Floats, k: int) -> None:
    for more in (k, k + 1, 2 * k, len(scores)):
        np.testing.assert_array_equal(top(scores, min(k, more)), top(scores, more)[: min(k, more)])


@pytest.mark.slow
def test_the_bundled_encoder_finds_by_meaning(
    words: Words, synonyms: Synonyms, supply: list[Listing], tmp_path: Path
) -> None:
    bundled: Encoder = load_onnx(Path(os.environ.get("PILOTMATCH_DATA", ROOT / "var")) / "models")
    fermenter = Listing(id="A", kind="equipment", name="生物反应器", capabilities=("微生物培养",))
    made = [fermenter, *supply[:24]]
    searched = Retriever(made, words, synonyms, bundled, Encodings(tmp_path, bundled))
    query = searched.read("发酵罐租用")
    found = searched.retrieve(query, np.arange(len(made)) % 2 == 0, 5)
    np.testing.assert_array_equal(found.signals, everything(searched, query)[found.rows])
    assert 0 in found.rows
    assert ((found.signals >= -1) & (found.signals <= 1.01)).all()
    for text in (full_text(fermenter), full_text(supply[3])):
        near = everything(searched, searched.read(text))
        row = [full_text(one) for one in made].index(text)
        assert near[:, SIGNALS.index("late")].argmax() == near[:, SIGNALS.index("dense")].argmax() == row
