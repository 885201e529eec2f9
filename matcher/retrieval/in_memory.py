"""All vectors of the listings in this process: exact, and the fastest while they fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded
from embeddings.products import Codes
from matcher.catalogue.encodings import Encodings, Progress
from matcher.catalogue.row_change import RowChange
from matcher.catalogue.vector_store import Stored
from matcher.records import Listing
from matcher.retrieval.late import TokenStore
from matcher.retrieval.pooled import Pooled
from matcher.retrieval.token_pages import Offsets
from matcher.retrieval.top import top
from matcher.retrieval.views import full_text, short_text

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


class InMemory:
    """`ListingVectors` in arrays.

    Args:
        progress: called with texts done and texts to do while new listings are encoded.
    """

    def __init__(
        self, listings: Sequence[Listing], encodings: Encodings, dimension: int, progress: Progress | None = None
    ) -> None:
        self._encodings, self._dimension = encodings, dimension
        stored = encodings.each(_texts(listings), progress)
        vectors = np.empty((2, len(listings), dimension), np.float32)
        self.late = TokenStore(_kept_tokens(islice(stored, len(listings)), vectors[0]), dimension)
        for row, one in enumerate(stored):
            vectors[1, row] = one.vector
        self._full, self._short = Pooled(vectors[0]), Pooled(vectors[1])

    def changed(self, change: RowChange, progress: Progress | None = None) -> InMemory:
        """As `ListingVectors.changed`; only texts that were never encoded are."""
        after, count = copy(self), len(change.added)
        stored = list(self._encodings.each(_texts(change.added), progress))
        vectors = np.array([one.vector for one in stored], np.float32).reshape(2, count, self._dimension)
        after.late = self.late.changed(change, [(one.tokens, one.offsets) for one in stored[:count]])
        after._full, after._short = self._full.changed(change, vectors[0]), self._short.changed(change, vectors[1])
        return after

    def vectors(self, row: int) -> tuple[Floats, Floats]:
        """As `ListingVectors.vectors`."""
        return self._full.vector(row), self._short.vector(row)

    def near(self, encoded: Encoded, text: str) -> NearInMemory:
        """As `ListingVectors.near`; compares with every row at once."""
        return NearInMemory(self._full.scores(encoded.vector), self._short, encoded.vector)


class NearInMemory:
    """`Nearness` by scores over all rows, float32 [n]."""

    def __init__(self, scores: Floats, short: Pooled, vector: Floats) -> None:
        self._scores, self._short, self._vector = scores, short, vector

    def propose(self, allowed: Rows, depth: int) -> Rows:
        """As `Nearness.propose`."""
        return self.nearest(allowed, depth)

    def nearest(self, allowed: Rows, count: int) -> Rows:
        """As `Nearness.nearest`."""
        return allowed[top(self._scores[allowed], count)]

    def full(self, rows: Rows) -> Floats:
        """As `Nearness.full`."""
        return self._scores[rows]

    def short(self, rows: Rows) -> Floats:
        """As `Nearness.short`."""
        return self._short.products(self._vector, rows)


def _texts(listings: Sequence[Listing]) -> list[str]:
    return [*map(full_text, listings), *map(short_text, listings)]


def _kept_tokens(stored: Iterable[Stored], vectors: Floats) -> Iterator[tuple[Codes, Offsets]]:
    """The tokens of each text, its vector being put into `vectors` as it goes by: none is held twice."""
    for row, one in enumerate(stored):
        vectors[row] = one.vector
        yield one.tokens, one.offsets
