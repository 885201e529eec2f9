"""Late interaction: each token of a need finds its best counterpart among a listing's tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.products import Codes, best_cosines, cosines, restore
from matcher.catalogue.row_change import RowChange
from matcher.retrieval.token_pages import Offsets, Page, Pages

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


class Tokens(NamedTuple):
    """One listing's tokens: vectors float32 [t, d] and the characters of its full text each covers, int16 [t, 2]."""

    vectors: Floats
    offsets: Offsets


class Similar(NamedTuple):
    """One listing beside a need: cosines float32 [t, m] of its tokens with the need's, and its tokens' characters."""

    cosines: Floats
    offsets: Offsets


class Late(Protocol):
    """Token vectors of listings by row, wherever they are; the methods are told at `TokenStore`."""

    def __len__(self) -> int: ...

    def tokens(self, row: int) -> Tokens: ...

    def scores(self, need: Floats, rows: Rows) -> Floats: ...

    def similar(self, need: Floats, rows: Rows) -> list[Similar]: ...

    def best(self, need: Floats, rows: Rows) -> Floats: ...


class TokenStore:
    """The coded token vectors of `n` listings, addressed by row. It never changes: `changed` gives another one.

    Args:
        tokens: for each listing codes uint8 [t, d], as `quantise` makes them, and offsets int16 [t, 2]; read once, one
            by one. A listing without tokens scores 0.
        dimension: d.
    """

    def __init__(self, tokens: Iterable[tuple[Codes, Offsets]], dimension: int) -> None:
        self._adding = Pages(dimension)
        self._pages: list[Page] = []
        self._numbers, self._starts, self._lengths = self._added(tokens)

    @classmethod
    def over(
        cls, page: Page, bounds: Rows, held: Rows, tokens: Iterable[tuple[Codes, Offsets]], dimension: int
    ) -> TokenStore:
        """A store of which part lies in a page that is there already.

        Args:
            bounds: int64 [m + 1], where in the page the tokens of each of its m listings begin and end.
            held: int64 [n], which of these each listing is, −1 for those whose `tokens` are given.
        """
        store = cls((), dimension)
        store._pages = [page]
        added = store._added(tokens)
        rows, new = np.maximum(held, 0), held < 0
        columns = np.zeros(len(held), np.int64), bounds[rows], bounds[rows + 1] - bounds[rows]
        for column, values in zip(columns, added, strict=True):
            column[new] = values
        store._numbers, store._starts, store._lengths = columns
        return store

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def nbytes(self) -> int:
        """Bytes that the vectors of its rows take in memory."""
        return int(self._lengths.sum()) * self._adding.dimension

    def tokens(self, row: int) -> Tokens:
        """The tokens of one listing."""
        return Tokens(restore(self._codes(row)), self._offsets(row))

    def coded(self, row: int) -> tuple[Codes, Offsets]:
        """One listing's tokens as they are kept, without a copy."""
        return self._codes(row), self._offsets(row)

    def changed(self, change: RowChange, tokens: Sequence[tuple[Codes, Offsets]]) -> TokenStore:
        """The store after a change of rows; tokens as for the class, of the added listings in their order."""
        after = copy(self)
        after._pages = list(self._pages)
        added = after._added(tokens)
        after._numbers, after._starts, after._lengths = (
            change.moved(old, new) for old, new in zip((self._numbers, self._starts, self._lengths), added, strict=True)
        )
        after._tidy()
        return after

    def scores(self, need: Floats, rows: Rows) -> Floats:
        """float32 [len(rows)]: the mean over the need's tokens of their greatest cosine in each listing.

        MaxSim of Khattab and Zaharia, "ColBERT" (SIGIR 2020), as a mean so that long needs are not worth more.

        Args:
            need: [t, d] token vectors of unit length.
        """
        if not len(need) or not len(rows):
            return np.zeros(len(rows), np.float32)
        means: Floats = self.best(need, rows).mean(axis=1, dtype=np.float32)
        return means

    def similar(self, need: Floats, rows: Rows) -> list[Similar]:
        """Each row's tokens beside the need's [m, d], for explanations; in the arithmetic of the scores."""
        if not len(rows):
            return []
        ends = np.cumsum(self._lengths[rows])
        parts = np.split(cosines(np.concatenate(self._runs(rows)), need), ends[:-1])
        return [Similar(part, self._offsets(row)) for part, row in zip(parts, rows.tolist(), strict=True)]

    def best(self, need: Floats, rows: Rows) -> Floats:
        """float32 [len(rows), t]: for each listing and token of the need the greatest cosine among its tokens."""
        filled = self._lengths[rows] > 0
        best = np.zeros((len(rows), len(need)), np.float32)
        if filled.any() and len(need):
            best[filled] = best_cosines(self._runs(rows[filled]), need)
        return best

    def _codes(self, row: int) -> Codes:
        codes: Codes = self._pages[self._numbers[row]].codes[self._span(row)]
        return codes

    def _offsets(self, row: int) -> Offsets:
        offsets: Offsets = self._pages[self._numbers[row]].offsets[self._span(row)]
        return offsets

    def _span(self, row: int) -> slice:
        return slice(self._starts[row], self._starts[row] + self._lengths[row])

    def _runs(self, rows: Rows) -> list[Codes]:
        """Codes of several rows, without a copy."""
        starts = self._starts[rows]
        spans = zip(self._numbers[rows].tolist(), starts.tolist(), (starts + self._lengths[rows]).tolist(), strict=True)
        pages = [page.codes for page in self._pages]
        return [pages[number][start:end] for number, start, end in spans]

    def _added(self, tokens: Iterable[tuple[Codes, Offsets]]) -> tuple[Rows, Rows, Rows]:
        """Numbers of the pages that the tokens of new listings were written to, where they start, how many they are."""
        places = []
        for codes, offsets in tokens:
            page, start = self._adding.add(codes, offsets)
            if not self._pages or self._pages[-1] is not page:
                self._pages.append(page)
            places.append((len(self._pages) - 1, start, len(codes)))
        numbers, starts, lengths = np.array(places, np.int64).reshape(-1, 3).T
        return numbers, starts, lengths

    def _tidy(self) -> None:
        """Lets go of pages that hold nothing of this store's, and moves what lies in those that hold little of it."""
        live = np.bincount(self._numbers, self._lengths, len(self._pages))
        for number, page in enumerate(self._pages[:-1]):
            if not page.mapped and 0 < live[number] < page.used / 2:
                rows = np.flatnonzero(self._numbers == number)
                places = self._added([self.coded(row) for row in rows.tolist()])
                self._numbers[rows], self._starts[rows], self._lengths[rows] = places
        held = np.unique(self._numbers)
        self._pages = [self._pages[number] for number in held.tolist()]
        self._numbers = np.searchsorted(held, self._numbers)
