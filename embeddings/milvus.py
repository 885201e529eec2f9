"""`MilvusIndex`: the contract of `VectorIndex` on a Milvus server, shared by processes, or on a Milvus Lite file.

Exact with `index=flat`; `hnsw` and `ivf` miss a little (tests/embeddings/test_milvus_approximate.py says how much).
What differs from `VectorIndex`: rows are where they are written, so `open` is `load` and `flush` is `save`; ids are
1–256 bytes of UTF-8; one search gives no more than 16,384 rows; every answer is asked of the server, so several calls
may see several states.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.encoded import Vectors
from embeddings.errors import InvalidVectors
from embeddings.index import Hits, Subset, checked, no_duplicates
from embeddings.milvus_address import Address
from embeddings.milvus_client import Client
from embeddings.milvus_rows import LIMIT, Layout, Row, Rows, checked_id, is_one_of

#: Hits asked beyond k, so that a tie at the border is seen without asking twice.
_SPARE: Final = 8


class MilvusIndex:
    """Vectors of one encoder under string ids in a Milvus collection. Safe from many threads and processes.

    Args:
        address: parsed, or as `Address.parse` takes it. dimension: d.
        fingerprint: of the encoder; kept with the collection, and another one's is refused.

    Raises:
        InvalidAddress: the address can't be read. IndexMismatch: the collection is of another encoder or shape; the
        hint names the command that mends it. IndexUnavailable: no server, or the extra `milvus` is not installed.
    """

    def __init__(self, address: Address | str, dimension: int, fingerprint: str) -> None:
        self.address = Address.parse(address) if isinstance(address, str) else address
        self.dimension, self.fingerprint = dimension, fingerprint
        self._client = Client(self.address)
        self._rows = Rows(self._client, self.address.name, Layout(dimension, {"encoder": fingerprint}))

    @classmethod
    def open(cls, address: Address | str, dimension: int, fingerprint: str) -> MilvusIndex:
        """The collection as it is; what `VectorIndex.load` is to a file. Errors as for the class."""
        return cls(address, dimension, fingerprint)

    def __len__(self) -> int:
        return self._rows.count()

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(key) and key in self._rows.digests([key])

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids in ascending order: a collection keeps no other."""
        return tuple(sorted(self._rows.digests()))

    def scores(self, vector: Vectors) -> Vectors:
        """Inner product of one vector [d] with every row: float32 [n] in the order of `ids`. For small collections."""
        query = checked(np.asarray(vector)[None], self.dimension)[0]
        ids = self.ids
        found = self._rows.scores(query, ids)
        return np.array([found[key] for key in ids], np.float32)

    def search(self, vectors: Vectors, k: int, subset: Subset = None) -> Hits:
        """As `VectorIndex.search`, for k up to 16,384; exact with `index=flat`."""
        queries = checked(vectors, self.dimension)
        chosen = None if subset is None else self._chosen(subset)
        size = len(self) if chosen is None else len(chosen)
        k = max(0, min(k, size))
        if k > LIMIT:
            raise InvalidVectors(f"Milvus 一次至多给出 {LIMIT} 行")
        where = "" if chosen is None else is_one_of("id", chosen)
        found = [self._best(query, k, size, where) for query in queries]
        width = min((len(ids) for ids, _ in found), default=0)  # an approximate index may find fewer than there are
        scores = np.array([scores[:width] for _, scores in found], np.float32).reshape(len(found), width)
        return [ids[:width] for ids, _ in found], scores

    def _best(self, query: Vectors, k: int, size: int, where: str) -> tuple[list[str], list[float]]:
        """The k best of one query by score and then by id: more is asked until the last is worse than the kth."""
        if k == 0:
            return [], []
        asked = min(k + _SPARE, size, LIMIT)
        while True:
            ids, scores = self._rows.nearest(query, asked, where)
            if len(ids) < asked or asked in (size, LIMIT) or scores[-1] < scores[k - 1]:
                break
            asked = min(2 * asked, size, LIMIT)
        ranked = sorted(zip((-scores).tolist(), ids, strict=True))[:k]
        return [key for _, key in ranked], [-score for score, _ in ranked]

    def _chosen(self, subset: Sequence[str] | NDArray[np.bool_]) -> list[str]:
        if isinstance(subset, np.ndarray) and subset.dtype == np.bool_:
            ids = self.ids
            if subset.shape != (len(ids),):
                raise InvalidVectors(f"子集掩码的形状 {list(subset.shape)} 与索引的 {len(ids)} 行不符")
            return [key for key, wanted in zip(ids, subset.tolist(), strict=True) if wanted]
        names = list(dict.fromkeys(subset))
        self._known(names)
        return names

    def _known(self, ids: Sequence[str]) -> None:
        found = self._rows.digests([key for key in ids if isinstance(key, str)])
        if missing := [key for key in ids if key not in found]:
            raise InvalidVectors(f"索引里没有 {missing[0]}")

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """As `VectorIndex.add`."""
        rows = self._checked_rows(ids, vectors)
        if known := self._rows.digests(ids):
            raise InvalidVectors(f"索引里已经有 {next(iter(known))}")
        self._rows.put(rows)

    def replace(self, ids: Sequence[str], vectors: Vectors) -> None:
        """As `VectorIndex.replace`."""
        rows = self._checked_rows(ids, vectors)
        self._known(ids)
        self._rows.put(rows)

    def remove(self, ids: Sequence[str]) -> None:
        """As `VectorIndex.remove`."""
        no_duplicates(ids)
        self._known(ids)
        self._rows.remove(ids)

    def flush(self) -> None:
        """Have the server write what it holds in memory; without it nothing is lost, indexes only come later."""
        self._rows.flush()

    def drop(self) -> None:
        """Remove every row, and the collection with them; it is made anew, empty."""
        self._rows.drop()

    def close(self) -> None:
        """Close the connection; a later call opens it again."""
        self._client.close()

    def _checked_rows(self, ids: Sequence[str], vectors: Vectors) -> list[Row]:
        rows = checked(vectors, self.dimension, ids)
        return [
            Row(checked_id(key), hashlib.sha256(row.tobytes()).hexdigest(), row)
            for key, row in zip(ids, rows, strict=True)
        ]
