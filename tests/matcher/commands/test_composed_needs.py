"""Texts to learn from: of the catalogue's words and others, in two languages, the same for the same seed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.commands.composed_needs import Composer, Sources, dictionary, sources
from matcher.errors import InvalidInput
from matcher.records import Need
from matcher.retrieval.views import full_text

DATASETS = Path(__file__).parents[3] / "datasets"
LISTINGS = read_listings(DATASETS / "listings.jsonl")[:40]
NEEDS = read_needs(DATASETS / "needs_train.jsonl")[0][:20]


@pytest.fixture(scope="module")
def given() -> Sources:
    return sources(DATASETS, LISTINGS, NEEDS)


@pytest.fixture(scope="module")
def texts(given: Sources) -> list[str]:
    return list(islice(iter(Composer(given, "1")), 2000))


def test_the_same_seed_composes_the_same(given: Sources, texts: list[str]) -> None:
    again: Iterator[str] = iter(Composer(given, "1"))
    assert list(islice(again, 200)) == texts[:200]
    assert list(islice(iter(Composer(given, "2")), 200)) != texts[:200]


def test_texts_are_long_and_short_and_in_both_languages(texts: list[str]) -> None:
    english = sum(not re.search("[一-龥]", text) for text in texts)
    assert 0.08 * len(texts) < english < 0.25 * len(texts)
    assert min(map(len, texts)) < 12
    assert max(map(len, texts)) > 300
    assert len(set(texts)) > 0.9 * len(texts)


def test_there_are_words_that_the_catalogue_lacks_and_traditional_ones(texts: list[str]) -> None:
    known = set("".join([*(full_text(one) for one in LISTINGS), *(one.text for one in NEEDS)]))
    assert len(set("".join(texts)) - known) > 1000
    assert set("".join(texts)) & set("發測試驗")


def test_a_share_of_the_words_is_changed(given: Sources) -> None:
    composer = Composer(given, 3)
    text = NEEDS[0].text
    letters = re.sub(r"\d", "", text)
    assert re.sub(r"[\d.三]", "", composer.changed(text, 0.0)) == re.sub(r"[\d.三]", "", letters)
    assert composer.changed(text, 1.0) != text


def test_a_catalogue_that_says_next_to_nothing_will_do() -> None:
    given = sources(DATASETS, [LISTINGS[0]], [Need("发酵罐放大,单批五百升", title="发酵")])
    assert all(islice(iter(Composer(given, 0)), 300))


def test_without_its_dictionary_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    with pytest.raises(InvalidInput) as raised:
        dictionary()
    assert "pilotmatch[train]" in (raised.value.hint or "")
