"""A matcher that nobody holds any more is gone at once: its models are hundreds of megabytes, and Python looks for
circles rarely while little else is made."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from embeddings.bundled import bundled_tokenizer
from embeddings.reranker import Reranker
from matcher.match import Matcher
from matcher.ranking.profile import load_profile
from matcher.records import Listing, Need
from matcher.settings import Settings


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def used(settings: Settings, listings: tuple[Listing, ...], few: bool) -> dict[str, weakref.ref[Any]]:
    """What a match was done with, and nobody holds."""
    matcher = Matcher.load(settings, listings, profile=replace(load_profile(), few_layers=few))
    matcher.match(Need(text="酶制剂发酵放大,需要500 L以上发酵罐,有GMP车间"))
    together: Any = matcher._together
    reranker = together._open()
    assert isinstance(reranker, Reranker)
    retriever = matcher.retriever
    held = {"words": retriever._words, "encoder": retriever._encoder, "reader": retriever._reader, "matcher": matcher}
    return {name: weakref.ref(one) for name, one in {**held, "re-ranker": reranker, "rules": matcher.rules}.items()}


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("few", [False, True])
def test_what_is_let_go_is_gone(shipped_settings: Settings, shipped_listings: tuple[Listing, ...], few: bool) -> None:
    found = used(shipped_settings, shipped_listings, few)
    assert {name: one() for name, one in found.items()} == dict.fromkeys(found)


def test_all_read_with_one_tokenizer() -> None:
    assert bundled_tokenizer() is bundled_tokenizer()
