"""A Milvus Lite file for the tests of a module, and an index over collections of its own in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from embeddings import Encoder
from matcher.retrieval.listing_index import ListingIndex

_NAMES = count()


class Lite:
    """`url` gives an address of collections that nobody used before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, options: str = "") -> str:
        return f"milvus-lite://{self._folder}/test.db?collection=c{next(_NAMES)}{options}"


@contextmanager
def open_index(url: str, encoder: Encoder, *, writes: bool = True, catalogue: str = "test") -> Iterator[ListingIndex]:
    index = ListingIndex(url, encoder, catalogue, writes=writes)
    try:
        yield index
    finally:
        index.close()
