"""One vector a listing, compared with a need's: all of them at once, or some."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embeddings.exact import inner_products
from matcher.catalogue.row_change import RowChange
from matcher.retrieval.growing import Stacked

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


class Pooled:
    """The vectors of n listings by row, float32 [n, d] of unit length. None of it changes: `changed` gives others."""

    def __init__(self, vectors: Floats | Stacked[np.float32]) -> None:
        self._vectors = vectors if isinstance(vectors, Stacked) else Stacked(vectors)

    def __len__(self) -> int:
        return len(self._vectors)

    def changed(self, change: RowChange, vectors: Floats) -> Pooled:
        """The vectors after a change of rows; those of the added listings, float32 [m, d], in their order."""
        return Pooled(self._vectors.changed(change, vectors))

    def vector(self, row: int) -> Floats:
        """One row, float32 [d]."""
        found: Floats = np.ascontiguousarray(self._vectors.of(np.array([row]))[0])
        return found

    def scores(self, query: Floats) -> Floats:
        """Inner products of a query [d] with every row, float32 [n]; a row's has the same bits wherever it lies."""
        found = [inner_products(part, query) for part in self._vectors.parts]
        scores: Floats = (found[0] if len(found) == 1 else np.concatenate(found))[self._vectors.places]
        return scores

    @property
    def own(self) -> int:
        """Rows that lie in memory of this process, not in a file."""
        return int((self._vectors.places >= len(self._vectors.base)).sum())

    def of(self, rows: Rows) -> Floats:
        """Some rows, float32 [len(rows), d]."""
        return self._vectors.of(rows)

    def products(self, query: Floats, rows: Rows) -> Floats:
        """Inner products of a query [d] with some rows, float32 [len(rows)], each the same whatever is beside it."""
        # einsum adds up each row by itself: a product of matrices may round a row by how many stand beside it.
        found: Floats = np.einsum("nd,d->n", self._vectors.of(rows), query)
        return found
