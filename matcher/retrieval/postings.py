"""Which documents hold which terms, and how often: the columns of an inverted index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Rows that are looked for one by one, each in a third of the time of looking all rows up in a mask.
FEW: Final = 3


class Vocabulary:
    """Terms by number, in the order in which they were first read; shared by all states of an index."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._adding = Lock()
        known = {term: number for number, term in enumerate(terms)}
        # The next number for whatever is looked up in [] and is not there: while `_adding` only.
        self._numbers = defaultdict(count(len(known)).__next__, known)

    def __len__(self) -> int:
        return len(self._numbers)

    def columns(self, terms: Iterable[str]) -> Numbers:
        """int64: the number of each term; −1 where it is unknown."""
        return np.array([self._numbers.get(term, -1) for term in terms], np.int64)

    def column(self, term: str) -> int:
        """The number of a term; −1 where it is unknown."""
        return self._numbers.get(term, -1)

    def read(self, documents: Iterable[Sequence[str]], first: int) -> tuple[Postings, Numbers]:
        """Postings of documents that are numbered from `first`, and their lengths in tokens, int64."""
        with self._adding:
            number = self._numbers.__getitem__
            read = [np.fromiter(map(number, tokens), np.int32, len(tokens)) for tokens in documents]
        lengths = np.array([len(columns) for columns in read], np.int64)
        width = max(1, len(self._numbers))
        # One number a token, its row first: counting is sorting.
        both = np.concatenate([np.zeros(0, np.int32), *read]) + np.repeat(np.arange(len(read)) * width, lengths)
        found, counts = np.unique(both, return_counts=True)
        rows, columns = np.divmod(found, width)
        numbered = columns.astype(np.int32), (rows + first).astype(np.int32), counts.astype(np.float32)
        return Postings.sorted(*numbered), lengths

    def without(self, unused: Mask) -> tuple[Vocabulary, Numbers]:
        """A vocabulary of its own without some of its first terms, and the new number of each of those: −1 if gone."""
        columns = np.where(unused, -1, np.cumsum(~unused) - 1)
        kept = [term for term, column in zip(list(self._numbers), columns.tolist(), strict=False) if column >= 0]
        return Vocabulary(kept), columns


class Postings(NamedTuple):
    """Postings in the order of their columns, and within one in that of their rows.

    Attributes:
        columns: int32 [c], ascending, those that have any. starts: int64 [c + 1], where each one's begin and end.
        rows: int32 [p]. counts: float32 [p], how often the column's term stands in the row's document.
    """

    columns: NDArray[np.int32]
    starts: Numbers
    rows: NDArray[np.int32]
    counts: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def none(cls) -> Postings:
        """No postings."""
        return cls(np.zeros(0, np.int32), np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))

    @classmethod
    def sorted(cls, columns: NDArray[np.int32], rows: NDArray[np.int32], counts: NDArray[np.float32]) -> Postings:
        """From one column, row and count a posting, rows ascending within each column."""
        order = np.argsort(columns, kind="stable")  # timsort: fast over parts that are sorted already
        columns = columns[order]
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        return cls(columns[starts], np.append(starts, len(columns)), rows[order], counts[order])

    def frequency(self, width: int, among: Numbers | None = None) -> Numbers:
        """int64 [width]: documents that hold each column; `among`: only documents of these rows."""
        found = np.zeros(width, np.int64)
        if among is None:
            found[self.columns] = np.diff(self.starts)
        elif len(self):
            held = self.columns[np.searchsorted(self.starts, self._places(among), side="right") - 1]
            found += np.bincount(held, minlength=width)
        return found

    def _places(self, rows: Numbers) -> Numbers:
        """Where the postings of some rows stand."""
        if len(rows) <= FEW:
            return np.concatenate([np.zeros(0, np.int64), *(np.flatnonzero(self.rows == row) for row in rows.tolist())])
        among = np.zeros(max(int(self.rows.max()), int(rows.max())) + 1, np.bool_)
        among[rows] = True
        return np.flatnonzero(among[self.rows])

    def of(
        self, columns: Numbers, weights: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
        """Rows, counts and weights of the postings of some columns, in the order of these."""
        places = np.searchsorted(self.columns, columns)
        places[places == len(self.columns)] = 0
        held = self.columns[places] == columns
        begins, ends = self.starts[places[held]], self.starts[places[held] + 1]
        spans = [slice(begin, end) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        rows = np.concatenate([self.rows[:0], *(self.rows[span] for span in spans)])
        counts = np.concatenate([self.counts[:0], *(self.counts[span] for span in spans)])
        return rows, counts, np.repeat(weights[held].astype(np.float32), ends - begins)

    def merged(self, others: Postings) -> Postings:
        """These and others, whose rows come behind these."""
        if not len(others) or not len(self):
            return self if len(self) else others
        columns, rows, counts = (np.concatenate(pair) for pair in zip(self._flat(), others._flat(), strict=True))
        return Postings.sorted(columns, rows, counts)

    def renumbered(self, rows: Numbers, columns: Numbers) -> Postings:
        """With other numbers for rows and columns, given for each old one; −1 leaves a row's postings out."""
        flat, new = self._flat(), rows[self.rows]
        kept = new >= 0
        order = np.argsort(new[kept], kind="stable")
        moved = columns[flat[0][kept]][order].astype(np.int32)
        return Postings.sorted(moved, new[kept][order].astype(np.int32), self.counts[kept][order])

    def _flat(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        return np.repeat(self.columns, np.diff(self.starts)), self.rows, self.counts
