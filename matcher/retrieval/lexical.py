"""BM25 over any tokenisation: exhaustive scores in one pass over the postings of a query's terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

#: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), give 1.2 and 0.75 as the
#: values that are hard to beat without tuning; listings differ little in length, so they were not tuned here.
K1 = 1.2
B = 0.75


class Bm25:
    """An immutable BM25 index of `n` documents given as token sequences.

    Score of a document d for a query with term weights w (Robertson and Zaragoza 2009, with the +1 of Lucene in idf):

        sum_t  w_t · idf_t · f_td · (K1 + 1) / (f_td + K1 · (1 − B + B · |d| / mean |d|)),
        idf_t = ln(1 + (n − df_t + 0.5) / (df_t + 0.5))

    Document-side parts are computed once, so a query adds up stored numbers.
    """

    def __init__(self, documents: Iterable[Sequence[str]]) -> None:
        terms: dict[str, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        counts: list[int] = []
        lengths: list[int] = []
        for row, tokens in enumerate(documents):
            lengths.append(len(tokens))
            for term, count in Counter(tokens).items():
                rows.append(row)
                columns.append(terms.setdefault(term, len(terms)))
                counts.append(count)
        self.size = len(lengths)
        self._terms = terms
        self._build(np.asarray(rows, np.int32), np.asarray(columns, np.int32), np.asarray(counts), np.asarray(lengths))

    def _build(
        self,
        rows: NDArray[np.int32],
        columns: NDArray[np.int32],
        counts: NDArray[np.int64],
        lengths: NDArray[np.int64],
    ) -> None:
        frequency = np.bincount(columns, minlength=len(self._terms))
        self._idf = np.log1p((self.size - frequency + 0.5) / (frequency + 0.5))
        mean_length = float(lengths.mean()) if lengths.any() else 1.0
        norms = K1 * (1 - B + B * lengths / mean_length)
        weights = self._idf[columns] * counts * (K1 + 1) / (counts + norms[rows]) if len(rows) else np.zeros(0)
        order = np.argsort(columns, kind="stable")
        self._rows = rows[order]
        self._weights = weights[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)

    def scores(self, query: Mapping[str, float]) -> Scores:
        """float32 [n]: every document against a query of term → weight; 0 where no term is shared."""
        found = [(self._terms[term], weight) for term, weight in query.items() if term in self._terms]
        if not found:
            return np.zeros(self.size, np.float32)
        spans = [slice(self._starts[column], self._starts[column + 1]) for column, _ in found]
        rows = np.concatenate([self._rows[span] for span in spans])
        parts = np.concatenate(
            [self._weights[span] * np.float32(weight) for span, (_, weight) in zip(spans, found, strict=True)]
        )
        return np.bincount(rows, weights=parts, minlength=self.size).astype(np.float32)

    def share(self, term: str) -> float:
        """Share of the documents that hold a term, 0 where none does."""
        column = self._terms.get(term)
        if column is None:
            return 0.0
        return float(self._starts[column + 1] - self._starts[column]) / self.size

    def ceiling(self, query: Mapping[str, float]) -> float:
        """The score that no document can exceed: every term of the query, infinitely often; for scores in [0, 1].

        Terms that no document holds count with the idf of a term seen nowhere, so a need in words that the catalogue
        does not know has low shares throughout instead of being judged by the one word that is known.
        """
        unseen = float(np.log1p(2 * self.size + 1))
        weighted = (
            weight * (float(self._idf[self._terms[term]]) if term in self._terms else unseen)
            for term, weight in query.items()
        )
        return (K1 + 1) * sum(weighted)
