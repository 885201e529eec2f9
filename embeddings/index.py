"""Nearest neighbours by inner product, exact, over vectors with string ids. FAISS holds the rows.

Exact, because HNSW can't delete and loses recall under filters, and 24,000 listings take milliseconds. A search sees
one state from beginning to end: a writer copies, changes its copy and swaps it in (60 ms at 24,000 × 384, so add in
batches).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoded import Vectors
from embeddings.errors import REBUILD, BrokenIndex, IndexMismatch, InvalidVectors
from embeddings.exact import ExactRows, Numbers
from embeddings.index_file import Stored, read_index, write_index

Subset = Sequence[str] | NDArray[np.bool_] | None
Hits = tuple[list[list[str]], Vectors]

_UNIT_TOLERANCE = 1e-3  # float32 sums over 1,024 columns stay within 1e-5; a vector that was never normalised does not


@dataclass(frozen=True)
class Snapshot:
    """One state of an index, which no writer changes. `ids` are in row order."""

    ids: tuple[str, ...]
    rows: ExactRows

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, key: object) -> bool:
        return key in self._row_of

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {key: row for row, key in enumerate(self.ids)}

    def row(self, key: str) -> int:
        """Row of an id; InvalidVectors where it is unknown."""
        row = self._row_of.get(key)
        if row is None:
            raise InvalidVectors(f"索引里没有 {key}")
        return row

    def scores(self, vector: Vectors) -> Vectors:
        """Inner product of one vector [d] with every row: float32 [n] in row order, the bits that `search` gives."""
        return self.rows.scores(checked(np.asarray(vector)[None], self.rows.dimension)[0])

    def search(self, vectors: Vectors, k: int, subset: Subset = None) -> Hits:
        """As `VectorIndex.search`."""
        queries = checked(vectors, self.rows.dimension)
        chosen = None if subset is None else self.rows.numbers[self._mask(subset)]
        k = max(0, min(k, len(self) if chosen is None else len(chosen)))
        found = [self._search_one(query, k, chosen) for query in queries]
        scores = np.array([scores for _, scores in found], np.float32).reshape(len(found), k)
        return [ids for ids, _ in found], scores

    def _mask(self, subset: Sequence[str] | NDArray[np.bool_]) -> NDArray[np.bool_]:
        if isinstance(subset, np.ndarray) and subset.dtype == np.bool_:
            if subset.shape != (len(self),):
                raise InvalidVectors(f"子集掩码的形状 {list(subset.shape)} 与索引的 {len(self)} 行不符")
            return subset
        mask = np.zeros(len(self), np.bool_)
        mask[[self.row(key) for key in subset]] = True
        return mask

    def _search_one(self, query: Vectors, k: int, chosen: Numbers | None) -> tuple[list[str], list[float]]:
        """The k best of one query [d], by score and then by id."""
        if k == 0:
            return [], []
        numbers, scores = self.rows.best(query, k, chosen)
        ids = [self.ids[row] for row in np.searchsorted(self.rows.numbers, numbers)]
        ranked = sorted(zip((-scores).tolist(), ids, strict=True))[:k]
        return [key for _, key in ranked], [-score for score, _ in ranked]


class VectorIndex:
    """Vectors of one encoder under string ids. Safe to search from many threads beside a writer.

    Args:
        dimension: d. fingerprint: of the encoder that made the vectors; an index of another one is refused on `load`.
    """

    def __init__(self, dimension: int, fingerprint: str) -> None:
        self.dimension = dimension
        self.fingerprint = fingerprint
        self._writing = threading.Lock()
        self._next = 0  # FAISS ids are given once, ascending, so that rows can be looked up by bisection
        self._state = Snapshot((), ExactRows.empty(dimension))

    def __len__(self) -> int:
        return len(self._state)

    def __contains__(self, key: object) -> bool:
        return key in self._state

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids in row order."""
        return self._state.ids

    def snapshot(self) -> Snapshot:
        """The present state, for callers that need ids and scores of the same moment."""
        return self._state

    def scores(self, vector: Vectors) -> Vectors:
        """Inner product of one vector [d] with every row: float32 [n] in the order of `ids`."""
        return self._state.scores(vector)

    def search(self, vectors: Vectors, k: int, subset: Subset = None) -> Hits:
        """The k best rows of each query, exact, best first; equal scores in the order of their ids.

        Args:
            vectors: float32 [m, d], unit length. k: fewer come where there are fewer; none where k ≤ 0.
            subset: ids, or a mask bool [n] over `ids`, to search in; None searches all.

        Returns:
            ids, m lists of min(k, size of the subset); scores float32 of the same shape.

        Raises:
            InvalidVectors: wrong shape, not finite, not unit length, an unknown id.
        """
        return self._state.search(vectors, k, subset)

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Adds rows, vectors float32 [n, d] of unit length; InvalidVectors (and nothing added) where one can't be
        taken.
        """
        rows = checked(vectors, self.dimension, ids)
        with self._writing:
            if known := [key for key in ids if key in self._state]:
                raise InvalidVectors(f"索引里已经有 {known[0]}")
            self._change((), ids, rows)

    def replace(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Gives known ids new vectors [n, d]; their rows move to the end. InvalidVectors where one can't be taken."""
        rows = checked(vectors, self.dimension, ids)
        with self._writing:
            self._change(ids, ids, rows)

    def remove(self, ids: Sequence[str]) -> None:
        """Removes rows; InvalidVectors (and nothing removed) where an id is unknown or named twice."""
        no_duplicates(ids)
        with self._writing:
            self._change(ids, (), np.empty((0, self.dimension), np.float32))

    def save(self, path: Path) -> None:
        """Writes the index aside and renames it; IndexUnwritable where the disk can't take it."""
        state = self._state
        write_index(path, Stored(self.fingerprint, list(state.ids), state.rows))

    @classmethod
    def load(cls, path: Path, fingerprint: str) -> VectorIndex:
        """Reads an index of the encoder with this fingerprint.

        Raises:
            BrokenIndex: missing, truncated or garbled. IndexMismatch: another encoder made it.
        """
        stored = read_index(path)
        if stored.fingerprint != fingerprint:
            raise IndexMismatch(
                f"向量索引 {path} 由另一个编码器({stored.fingerprint})建立,当前为 {fingerprint}", hint=REBUILD
            )
        index = cls(stored.rows.dimension, fingerprint)
        index._state = Snapshot(tuple(stored.ids), stored.rows)
        numbers = stored.rows.numbers
        if len(numbers) != len(stored.ids) or (np.diff(numbers) <= 0).any():
            raise BrokenIndex(f"向量索引 {path} 的编号与向量不符", hint=REBUILD)
        index._next = int(numbers[-1]) + 1 if len(numbers) else 0
        return index

    def _change(self, gone: Sequence[str], ids: Sequence[str], rows: Vectors) -> None:
        """Swaps in a copy without the rows of `gone` and with new rows at its end."""
        old = self._state
        gone_numbers = old.rows.numbers[[old.row(key) for key in gone]]
        numbers = np.arange(self._next, self._next + len(ids), dtype=np.int64)
        changed = old.rows.changed(gone_numbers, numbers, rows)
        leaving = set(gone)
        kept = (key for key in old.ids if key not in leaving)
        self._next += len(ids)
        self._state = Snapshot((*kept, *ids), changed)


def checked(vectors: Vectors, dimension: int, ids: Sequence[str] | None = None) -> Vectors:
    """Vectors as contiguous float32 [n, d]; InvalidVectors where they, or the ids they come with, can't be taken."""
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows has no finite length
        rows: Vectors = np.ascontiguousarray(vectors, np.float32)
        lengths = np.sqrt(np.square(rows).sum(axis=-1))
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise InvalidVectors(f"向量的形状应为 [n, {dimension}],给出的是 {list(rows.shape)}")
    if not np.isfinite(lengths).all():
        raise InvalidVectors("向量里有非有限数值(NaN 或无穷)")
    if (np.abs(lengths - 1) > _UNIT_TOLERANCE).any():
        raise InvalidVectors("向量没有归一化到单位长度")
    if ids is not None:
        no_duplicates(ids)
        if len(ids) != len(rows):
            raise InvalidVectors(f"{len(ids)} 个编号与 {len(rows)} 个向量不成对")
    return rows


def no_duplicates(ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for key in ids:
        if not isinstance(key, str):
            raise InvalidVectors(f"编号必须是字符串:{key!r}")
        if key in seen:
            raise InvalidVectors(f"编号重复:{key}")
        seen.add(key)
