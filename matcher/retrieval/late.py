"""Late interaction: each token of a need finds its best counterpart among a listing's tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings.products import Codes, best_cosines, cosines, restore

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


class Tokens(NamedTuple):
    """One listing's tokens: vectors float32 [t, d] and the characters of its full text each covers, int16 [t, 2]."""

    vectors: Floats
    offsets: NDArray[np.int16]


class Similar(NamedTuple):
    """One listing beside a need: cosines float32 [t, m] of its tokens with the need's, and its tokens' characters."""

    cosines: Floats
    offsets: NDArray[np.int16]


class TokenStore:
    """The coded token vectors of `n` listings end to end, addressed by row.

    Args:
        tokens: one uint8 array [t_i, d] a listing, as `quantise` makes them; a listing without tokens scores 0.
        offsets: one int16 array [t_i, 2] a listing.
        dimension: d.
    """

    def __init__(self, tokens: Sequence[Codes], offsets: Sequence[NDArray[np.int16]], dimension: int) -> None:
        self._offsets = list(offsets)
        self._lengths = np.array([len(one) for one in tokens], np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)])
        self._tokens = np.concatenate([np.zeros((0, dimension), np.uint8), *tokens])

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def nbytes(self) -> int:
        """Bytes that the vectors take in memory."""
        return self._tokens.nbytes

    def tokens(self, row: int) -> Tokens:
        """The tokens of one listing."""
        return Tokens(restore(self._tokens[self._starts[row] : self._starts[row + 1]]), self._offsets[row])

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
        codes = np.concatenate([self._tokens[self._starts[row] : self._starts[row + 1]] for row in rows])
        ends = np.cumsum(self._lengths[rows])
        parts = np.split(cosines(codes, need), ends[:-1])
        return [Similar(part, self._offsets[row]) for part, row in zip(parts, rows.tolist(), strict=True)]

    def best(self, need: Floats, rows: Rows) -> Floats:
        """float32 [len(rows), t]: for each listing and token of the need the greatest cosine among its tokens."""
        lengths = self._lengths[rows]
        filled = lengths > 0
        best = np.zeros((len(rows), len(need)), np.float32)
        if filled.any() and len(need):
            lengths, starts = lengths[filled], self._starts[rows[filled]]
            offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
            places = np.arange(int(lengths.sum())) + np.repeat(starts - offsets, lengths)
            best[filled] = best_cosines(self._tokens[places], offsets, need)
        return best
