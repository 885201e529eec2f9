"""BM25 over any tokenisation: exhaustive scores in one pass over the postings of a query's terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.row_change import DEAD_SHARE, RowChange
from matcher.retrieval.postings import Postings, Vocabulary

Scores = NDArray[np.float32]
Numbers = NDArray[np.int64]

#: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), give 1.2 and 0.75 as the
#: values that are hard to beat without tuning; listings differ little in length, so they were not tuned here.
K1 = 1.2
B = 0.75
#: New documents' postings are kept apart until they are this share of the others: each change copies the small part,
#: and the copy of the whole is paid for by some hundreds of changes.
APART_SHARE: Final = 0.05


class Bm25:
    """A BM25 index of `n` documents given as token sequences. It never changes: `changed` gives another one.

    Score of a document d for a query with term weights w (Robertson and Zaragoza 2009, with the +1 of Lucene in idf):

        sum_t  w_t · idf_t · f_td · (K1 + 1) / (f_td + K1 · (1 − B + B · |d| / mean |d|)),
        idf_t = ln(1 + (n − df_t + 0.5) / (df_t + 0.5))

    Counts are kept and weights are computed for the postings that a query reads, since n, df and the mean length change
    with every document. Documents are numbered as they come; `_places[row]` is the number of a row's.
    """

    def __init__(self, documents: Iterable[Sequence[str]]) -> None:
        self._vocabulary = Vocabulary()
        postings, self._lengths = self._vocabulary.read(documents, 0)
        self._parts: tuple[Postings, Postings] = (postings, Postings.none())
        self._places = np.arange(len(self._lengths))
        self._frequency = postings.frequency(len(self._vocabulary))
        self._weigh()

    @property
    def size(self) -> int:
        """n, the documents."""
        return len(self._places)

    def changed(self, change: RowChange, documents: Sequence[Sequence[str]]) -> Bm25:
        """The index after a change of rows; `documents` are the tokens of the added listings, in their order."""
        after, first = copy(self), len(self._lengths)
        new, lengths = self._vocabulary.read(documents, first)
        after._lengths = np.concatenate([self._lengths, lengths])
        after._places = change.moved(self._places, first + np.arange(len(documents)))
        width = len(self._vocabulary)
        after._frequency = new.frequency(width)
        after._frequency[: len(self._frequency)] += self._frequency
        for part in self._parts:
            after._frequency -= part.frequency(width, self._places[change.gone])
        after._parts = (self._parts[0], self._parts[1].merged(new))
        after._tidy()
        after._weigh()
        return after

    def scores(self, query: Mapping[str, float]) -> Scores:
        """float32 [n]: every document against a query of term → weight; 0 where no term is shared."""
        return self._scores(*self._weighted(query))

    def ceiling(self, query: Mapping[str, float]) -> float:
        """The score that no document can exceed: every term of the query, infinitely often; for scores in [0, 1].

        Terms that no document holds count with the idf of a term seen nowhere, so a need in words that the catalogue
        does not know has low shares throughout instead of being judged by the one word that is known.
        """
        return float(sum(self._weighted(query)[1].tolist()))

    def shares(self, query: Mapping[str, float]) -> Scores:
        """float32 [n]: `scores` as shares of the `ceiling`; 0 for an empty query."""
        columns, weights = self._weighted(query)
        return self._scores(columns, weights) / np.float32(sum(weights.tolist()) or 1.0)

    def share(self, term: str) -> float:
        """Share of the documents that hold a term, 0 where none does."""
        column = self._vocabulary.column(term)
        return float(self._frequency[column]) / self.size if 0 <= column < len(self._frequency) and self.size else 0.0

    def _scores(self, columns: Numbers, weights: NDArray[np.float64]) -> Scores:
        known = columns >= 0
        if not known.any():
            return np.zeros(self.size, np.float32)
        found = [part.of(columns[known], weights[known]) for part in self._parts if len(part)]
        rows, counts, factors = (
            np.concatenate(pieces) if len(found) > 1 else pieces[0] for pieces in zip(*found, strict=True)
        )
        numbers = rows.astype(np.intp)
        parts = self._norms[numbers]
        parts += counts
        np.divide(counts, parts, out=parts)
        parts *= factors
        return np.bincount(numbers, parts, len(self._lengths))[self._places].astype(np.float32)

    def _weighted(self, query: Mapping[str, float]) -> tuple[Numbers, NDArray[np.float64]]:
        """The column of each term of a query, −1 where no document holds it, and its weight times idf times K1 + 1."""
        columns, frequency = self._vocabulary.columns(query), np.zeros(len(query))
        columns[columns >= len(self._frequency)] = -1  # of a document that came after this state
        if len(self._frequency):
            frequency = np.where(columns < 0, 0, self._frequency[columns])
            columns[frequency == 0] = -1
        idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5))
        return columns, np.fromiter(query.values(), np.float64, len(query)) * idf * (K1 + 1)

    def _weigh(self) -> None:
        """How much each document's length takes off its counts."""
        total = int(self._lengths[self._places].sum())
        mean = total / self.size if total else 1.0
        self._norms = (K1 * (1 - B + B * self._lengths / mean)).astype(np.float32)

    def _tidy(self) -> None:
        most, apart = self._parts
        numbers = len(self._lengths)
        if self.size < (1 - DEAD_SHARE) * numbers:
            new = np.full(numbers, -1, np.int64)
            new[self._places] = np.arange(self.size)
            self._vocabulary, columns = self._vocabulary.without(self._frequency == 0)
            self._parts = (most.merged(apart).renumbered(new, columns), Postings.none())
            self._frequency = self._frequency[self._frequency > 0]
            self._lengths, self._places = self._lengths[self._places], np.arange(self.size)
        elif len(apart) > APART_SHARE * len(most):
            self._parts = (most.merged(apart), Postings.none())
