"""Rows of vectors in FAISS under int64 numbers, searched exactly; a change gives a copy."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.encoded import Vectors
from embeddings.second_thread import do_parts

Numbers = NDArray[np.int64]

_faiss: Any = faiss  # the type stubs that it carries lack the arguments of its Python layer
_SPARE = 8  # hits asked beyond k, so that a tie at the border is seen without asking twice


_AT_ONCE = 4_000  # rows: half a millisecond's reading; handing some over takes a tenth


class ExactRows:
    """`IndexIDMap2(IndexFlatIP)` that nobody changes. `numbers` ascend: given once, in row order."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def empty(cls, dimension: int) -> ExactRows:
        """No rows of `dimension` columns."""
        return cls(_faiss.IndexIDMap2(_faiss.IndexFlatIP(dimension)))

    @classmethod
    def from_bytes(cls, data: bytes | memoryview) -> ExactRows:
        """What `to_bytes` gave; only for bytes whose checksum held, since garbled ones can crash FAISS."""
        return cls(_faiss.deserialize_index(np.frombuffer(data, np.uint8)))

    def to_bytes(self) -> bytes:
        """FAISS's own format."""
        data: bytes = _faiss.serialize_index(self._index).tobytes()
        return data

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Columns."""
        return int(self._index.d)

    @cached_property
    def numbers(self) -> Numbers:
        """The number of each row, int64 [n], ascending."""
        return np.asarray(_faiss.vector_to_array(self._index.id_map), np.int64)

    def changed(self, gone: Numbers, numbers: Numbers, vectors: Vectors) -> ExactRows:
        """A copy without the rows numbered `gone` and with new rows at its end."""
        copy = _faiss.clone_index(self._index)
        if len(gone):
            copy.remove_ids(gone)
        if len(numbers):
            copy.add_with_ids(vectors, numbers)
        return ExactRows(copy)

    def scores(self, query: Vectors) -> Vectors:
        """Inner product of one query, contiguous float32 [d], with every row: float32 [n].

        The bits that `best` gives where d > 8; below, FAISS has kernels that round otherwise.
        """
        size, dimension = len(self), self.dimension
        if not size:
            return np.empty(0, np.float32)
        stored = _faiss.rev_swig_ptr(_faiss.downcast_index(self._index.index).get_xb(), size * dimension)
        return inner_products(stored.reshape(size, dimension), query)

    def best(self, query: Vectors, k: int, chosen: Numbers | None) -> tuple[Numbers, Vectors]:
        """Numbers and scores of the k best rows of one query [d], and of every row that ties with the kth, in any
        order.

        `chosen` are the numbers to search in, ascending; None is all. 1 ≤ k ≤ the size of what is searched.
        FAISS leaves open which of equal scores it keeps: more is asked until the worst of the answer is worse than
        the kth.
        """
        size = len(self) if chosen is None else len(chosen)
        parameters = None if chosen is None else _faiss.SearchParameters(sel=_selector(chosen))
        asked = min(k + _SPARE, size)
        # OpenMP's team for one query is all cost: 37 ms for 0.2 on two busy cores. The setting is a thread's own.
        _faiss.omp_set_num_threads(1)
        while True:
            # One query a call: FAISS multiplies twenty and more as a matrix, which rounds otherwise.
            scores, numbers = self._index.search(query[None], asked, params=parameters)
            if asked == size or scores[0, -1] < scores[0, k - 1]:
                return numbers[0], scores[0]
            asked = min(2 * asked, size)


def inner_products(stored: Vectors, query: Vectors) -> Vectors:
    """Inner product of one query [d] with every stored row, C-contiguous float32 [n, d]: float32 [n].

    Each row is added up by itself: the same bits wherever it stands and however many stand beside it.
    """
    size, dimension = stored.shape
    scores = np.empty(size, np.float32)
    query = np.ascontiguousarray(query, np.float32)

    def fill(start: int) -> None:
        rows, part = stored[start : start + _AT_ONCE], scores[start : start + _AT_ONCE]
        pointers = (_faiss.swig_ptr(part), _faiss.swig_ptr(query), _faiss.swig_ptr(rows))
        _faiss.fvec_inner_products_ny(*pointers, dimension, len(part))

    # One core alone does not read as fast as the memory can give.
    do_parts(fill, range(0, size, _AT_ONCE))
    return scores


def _selector(chosen: Numbers) -> Any:
    bits = np.zeros(int(chosen[-1]) + 1, np.bool_)
    bits[chosen] = True
    return _faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))
