"""One listing beside many needs gives, bit by bit, what a search with each need gives for it."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import Encoded
from matcher.match import Matcher
from matcher.records import Listing, Need
from matcher.retrieval.one_listing import NeedWords, OneListing, code_need, read_words
from matcher.retrieval.retriever import SIGNALS

TEXTS = (
    "酶制剂发酵放大,需要500 L以上发酵罐,有GMP车间,东莞附近,预算200万以内",
    "MEMS 压力传感器 8英寸 晶圆流片",
    "中试",
    "发酵 发酵 发酵罐 发酵罐容积",
    "a pilot line for fermentation",
    "……",
    "",
    "高分子复合材料挤出造粒,打样检测。" * 30,
)


def test_the_signals_are_those_of_a_search(small_matcher: Matcher) -> None:
    retriever = small_matcher.retriever
    needs = [read_words(retriever, text) for text in TEXTS]
    for row, listing in enumerate(small_matcher.catalogue.supply):
        found = OneListing(retriever, row, listing).signals(needs)
        assert found.shape == (len(TEXTS), len(SIGNALS))
        for place, text in enumerate(TEXTS):
            wanted = retriever.measure(retriever.read(text), np.array([row])).signals[0]
            np.testing.assert_array_equal(found[place], wanted, err_msg=f"{listing.id} {text[:20]}")


def test_over_the_shipped_catalogue(shipped_matcher: Matcher, real_needs: list[Need]) -> None:
    retriever, texts = shipped_matcher.retriever, [need.text for need in real_needs[:25]]
    needs = [read_words(retriever, text) for text in texts]
    for row in (0, 111, 555):
        found = OneListing(retriever, row, shipped_matcher.catalogue.supply[row]).signals(needs)
        wanted = [retriever.measure(retriever.read(text), np.array([row])).signals[0] for text in texts]
        np.testing.assert_array_equal(found, np.array(wanted))


def test_a_needs_signals_do_not_depend_on_its_company(small_matcher: Matcher) -> None:
    retriever, listing = small_matcher.retriever, small_matcher.catalogue.supply[3]
    needs = [read_words(retriever, text) for text in TEXTS]
    together = OneListing(retriever, 3, listing).signals(needs * 30)
    alone = [OneListing(retriever, 3, listing).signals([need])[0] for need in needs]
    np.testing.assert_array_equal(together, np.array(alone * 30))


def test_no_needs_no_signals(small_matcher: Matcher) -> None:
    one = OneListing(small_matcher.retriever, 0, small_matcher.catalogue.supply[0])
    assert one.signals([]).shape == (0, len(SIGNALS))


def test_words_read_before_a_change_of_the_catalogue_serve_after_it(small_matcher: Matcher) -> None:
    needs = [read_words(small_matcher.retriever, text) for text in TEXTS]
    OneListing(small_matcher.retriever, 0, small_matcher.catalogue.supply[0]).signals(needs)
    new = Listing(id="PF-9", kind="platform", name="新发酵平台", summary="发酵罐 500 L,GMP 车间")
    after = small_matcher.with_changes([new], ["MF-2"])
    for listing_id in ("PF-1", "PF-9"):
        row = after.catalogue.row(listing_id)
        assert row is not None
        found = OneListing(after.retriever, row, after.catalogue.supply[row]).signals(needs)
        wanted = [after.retriever.measure(after.retriever.read(text), np.array([row])).signals[0] for text in TEXTS]
        np.testing.assert_array_equal(found, np.array(wanted))


def test_words_keep_no_catalogue_alive(small_matcher: Matcher) -> None:
    after = small_matcher.with_changes([Listing(id="PF-9", kind="platform", name="新平台")])
    need = read_words(after.retriever, TEXTS[0])
    OneListing(after.retriever, 0, after.catalogue.supply[0]).signals([need])
    known = [found for found, _ in need.ceilings.values()]
    del after
    gc.collect()
    assert known
    assert all(found() is None for found in known)


def test_stored_vectors_spare_the_encoder(small_matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    retriever = small_matcher.retriever
    first = read_words(retriever, TEXTS[0])
    monkeypatch.setattr(retriever, "encode", None)
    again = read_words(retriever, TEXTS[0], first.coded)
    assert isinstance(again, NeedWords)
    assert (again.words, again.ngrams) == (first.words, first.ngrams)
    listing = small_matcher.catalogue.supply[0]
    signals = [OneListing(retriever, 0, listing).signals([one]) for one in (first, again)]
    np.testing.assert_array_equal(*signals)


@given(st.integers(0, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_coding_a_need_twice_changes_nothing(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    tokens = random.normal(size=(count, 8)).astype(np.float32)
    once = code_need(Encoded(tokens[:1].sum(0), tokens, np.zeros((count, 2), np.int32)))
    twice = code_need(Encoded(once.vector, once.tokens, np.zeros((count, 2), np.int32)))
    np.testing.assert_array_equal(once.codes, twice.codes)
    np.testing.assert_array_equal(once.steps, twice.steps)
    assert np.abs(once.tokens - tokens).max(initial=0) <= once.steps.max(initial=0)
