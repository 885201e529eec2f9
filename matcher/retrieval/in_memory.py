"""All vectors of the listings in this process, or mapped from a file: exact, and the fastest while they fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded
from embeddings.products import Codes
from matcher.catalogue.encodings import Encodings, Progress
from matcher.catalogue.row_change import RowChange
from matcher.catalogue.vector_store import Stored
from matcher.records import Listing
from matcher.retrieval.growing import Stacked
from matcher.retrieval.late import TokenStore
from matcher.retrieval.pooled import Pooled
from matcher.retrieval.token_pages import Offsets
from matcher.retrieval.top import top
from matcher.retrieval.vector_file import Keyed, Keys, VectorFile, keys_of, write
from matcher.retrieval.views import full_text, short_text

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


class InMemory:
    """`ListingVectors` in arrays.

    Args:
        progress: called with texts done and texts to do while new listings are encoded.
        file: whose vectors stay where they are; None where there is none. What it lacks lies in memory beside it.
    """

    def __init__(
        self,
        listings: Sequence[Listing],
        encodings: Encodings,
        dimension: int,
        progress: Progress | None = None,
        file: VectorFile | None = None,
    ) -> None:
        self._encodings, self._dimension, self.file = encodings, dimension, file
        texts = [*map(full_text, listings)], [*map(short_text, listings)]
        self._keys = keys_of(texts[0]), keys_of(texts[1])
        held = _held(file, self._keys)
        new = [[of[row] for row in np.flatnonzero(rows < 0).tolist()] for of, rows in zip(texts, held, strict=True)]
        stored = encodings.each([*new[0], *new[1]], progress)
        vectors = [np.empty((len(of), dimension), np.float32) for of in new]
        self.late = self._tokens(held[0], _kept_tokens(islice(stored, len(new[0])), vectors[0]))
        for row, one in enumerate(stored):
            vectors[1][row] = one.vector
        self._full, self._short = self._pooled(held, vectors)

    def changed(self, change: RowChange, progress: Progress | None = None) -> InMemory:
        """As `ListingVectors.changed`; only texts that were never encoded are."""
        after, count = copy(self), len(change.added)
        texts = [*map(full_text, change.added)], [*map(short_text, change.added)]
        stored = list(self._encodings.each([*texts[0], *texts[1]], progress))
        vectors = np.array([one.vector for one in stored], np.float32).reshape(2, count, self._dimension)
        after._keys = (
            change.moved(self._keys[0], keys_of(texts[0])),
            change.moved(self._keys[1], keys_of(texts[1])),
        )
        after.late = self.late.changed(change, [(one.tokens, one.offsets) for one in stored[:count]])
        after._full, after._short = self._full.changed(change, vectors[0]), self._short.changed(change, vectors[1])
        return after

    def over(self, file: VectorFile) -> InMemory:
        """The same vectors, those that a file has being taken from there: memory is held for the others only."""
        after = copy(self)
        after.file = file
        held = _held(file, self._keys)
        new = [np.flatnonzero(rows < 0) for rows in held]
        after.late = after._tokens(held[0], map(self.late.coded, new[0].tolist()))
        after._full, after._short = after._pooled(held, [self._full.of(new[0]), self._short.of(new[1])])
        return after

    def __len__(self) -> int:
        return len(self._keys[0])

    @property
    def beside(self) -> int:
        """Rows whose full text's vectors are held in memory."""
        return self._full.own

    @property
    def unused(self) -> int:
        """Full texts in the file that no row has any more."""
        held = _held(self.file, self._keys)[0]
        return 0 if self.file is None else len(self.file.full) - len(np.unique(held[held >= 0]))

    def write(self, path: Path, fingerprint: str, number: int) -> None:
        """All of them as a file; arguments and errors as for `vector_file.write`. At least one row."""
        write(path, fingerprint, number, (self._keys[0], self._full), (self._keys[1], self._short), self.late)

    def vectors(self, row: int) -> tuple[Floats, Floats]:
        """As `ListingVectors.vectors`."""
        return self._full.vector(row), self._short.vector(row)

    def near(self, encoded: Encoded, text: str) -> NearInMemory:
        """As `ListingVectors.near`; compares with every row at once."""
        return NearInMemory(self._full.scores(encoded.vector), self._short, encoded.vector)

    def _tokens(self, held: Rows, tokens: Iterable[tuple[Codes, Offsets]]) -> TokenStore:
        """Those of the file, `held` by row, and those of the other rows."""
        if self.file is None:
            return TokenStore(tokens, self._dimension)
        return TokenStore.over(self.file.page, self.file.bounds, held, tokens, self._dimension)

    def _pooled(self, held: tuple[Rows, Rows], vectors: Sequence[Floats]) -> tuple[Pooled, Pooled]:
        """Vectors of full and of short texts: those of the file, `held` by row, and those of the other rows."""
        if self.file is None:
            return Pooled(vectors[0]), Pooled(vectors[1])
        return _over(self.file.full, held[0], vectors[0]), _over(self.file.short, held[1], vectors[1])


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


def _held(file: VectorFile | None, keys: tuple[Keys, Keys]) -> tuple[Rows, Rows]:
    """For each row where the file has its full and its short text, −1 where it does not."""
    if file is None:
        return np.full(len(keys[0]), -1), np.full(len(keys[1]), -1)
    return file.full.find(keys[0]), file.short.find(keys[1])


def _over(mapped: Keyed, held: Rows, own: Floats) -> Pooled:
    places = held.copy()
    places[held < 0] = len(mapped) + np.arange(len(own))
    return Pooled(Stacked(own, mapped.vectors, places))


def _kept_tokens(stored: Iterable[Stored], vectors: Floats) -> Iterator[tuple[Codes, Offsets]]:
    """The tokens of each text, its vector being put into `vectors` as it goes by: none is held twice."""
    for row, one in enumerate(stored):
        vectors[row] = one.vector
        yield one.tokens, one.offsets
