"""The listings' vectors as a retriever needs them, wherever they are: in this process, or shared on a server."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded
from matcher.catalogue.encodings import Progress
from matcher.catalogue.row_change import RowChange
from matcher.retrieval.late import Late

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


class Nearness(Protocol):
    """One need's vector beside those of the listings. A row's numbers are the same whatever else is asked."""

    def propose(self, allowed: Rows, depth: int) -> Rows:
        """Rows worth looking at among those allowed (ascending): the `depth` nearest, and perhaps others; any order."""
        ...

    def nearest(self, allowed: Rows, count: int) -> Rows:
        """The `count` nearest of the rows allowed, nearest first, equal ones in order of row."""
        ...

    def full(self, rows: Rows) -> Floats:
        """float32 [len(rows)]: cosines with the vectors of the full texts."""
        ...

    def short(self, rows: Rows) -> Floats:
        """float32 [len(rows)]: cosines with the vectors of the short texts."""
        ...


class ListingVectors(Protocol):
    """Pooled and token vectors of a list of listings, by row. They never change: `changed` gives others."""

    @property
    def late(self) -> Late:
        """The token vectors."""
        ...

    def changed(self, change: RowChange, progress: Progress | None = None) -> ListingVectors:
        """The vectors after a change of rows. Unavailable where new ones can't be stored."""
        ...

    def vectors(self, row: int) -> tuple[Floats, Floats]:
        """Pooled vectors of a row's full and short text, float32 [d] each."""
        ...

    def near(self, encoded: Encoded, text: str) -> Nearness:
        """A need, encoded and as it was written, beside them."""
        ...
