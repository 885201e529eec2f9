"""Vectors in the database, where every process and machine that serves it finds them; and stores one behind another."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from matcher.catalogue.database import Database
from matcher.catalogue.tables.vectors import VectorRow
from matcher.catalogue.vector_store import MEND, Stored, VectorStore
from matcher.errors import BrokenArtefact, Unavailable

#: Keys in one statement; SQLite takes some thousands of values.
_KEYS = 500
#: Texts read or written in one statement: with 40 kB each some 8 MB are on their way.
_TEXTS = 200


class DatabaseVectors:
    """A `VectorStore` in the table `vectors`, for one encoder. Each call is a transaction of its own."""

    def __init__(self, database: Database, fingerprint: str) -> None:
        self._database = database
        self._encoder = hashlib.sha256(fingerprint.encode()).hexdigest()

    def __len__(self) -> int:
        with self._database.reading() as session:
            query = select(func.count()).select_from(VectorRow).where(VectorRow.encoder == self._encoder)
            return session.execute(query).scalar_one()

    def known(self, keys: Collection[bytes]) -> set[bytes]:
        """As `VectorStore.known`."""
        found: set[bytes] = set()
        with self._database.reading() as session:
            for part in _parts(keys, _KEYS):
                query = select(VectorRow.text_key).where(
                    VectorRow.encoder == self._encoder, VectorRow.text_key.in_(part)
                )
                found.update(map(bytes, session.scalars(query)))
        return found

    def get_many(self, keys: Collection[bytes]) -> dict[bytes, Stored]:
        """As `VectorStore.get_many`."""
        found: dict[bytes, Stored] = {}
        columns = (VectorRow.text_key, VectorRow.pooled, VectorRow.tokens, VectorRow.offsets)
        with self._database.reading() as session:
            for part in _parts(keys, _TEXTS):
                query = select(*columns).where(VectorRow.encoder == self._encoder, VectorRow.text_key.in_(part))
                found |= {bytes(row.text_key): _stored(row) for row in session.execute(query)}
        return found

    def put_many(self, segment: Mapping[bytes, Stored]) -> None:
        """As `VectorStore.put_many`."""
        rows = [
            {
                "encoder": self._encoder,
                "text_key": key,
                "pooled": one.vector.astype("<f4").tobytes(),
                "tokens": one.tokens.tobytes(),
                "offsets": one.offsets.astype("<i2").tobytes(),
            }
            for key, one in segment.items()
        ]
        insert = (postgresql if self._database.dialect == "postgresql" else sqlite).insert(VectorRow)
        with self._database.session() as session:
            for part in _parts(rows, _TEXTS):
                session.execute(insert.on_conflict_do_nothing(), list(part))

    def forget(self) -> None:
        """As `VectorStore.forget`."""
        self._remove(VectorRow.encoder == self._encoder)

    def remove(self, keys: Collection[bytes]) -> None:
        """Take the vectors of some texts out, because they are damaged or nobody needs them."""
        for part in _parts(keys, _KEYS):
            self._remove(VectorRow.encoder == self._encoder, VectorRow.text_key.in_(part))

    def keys(self) -> set[bytes]:
        """The keys of all texts that have vectors."""
        with self._database.reading() as session:
            query = select(VectorRow.text_key).where(VectorRow.encoder == self._encoder)
            return set(map(bytes, session.scalars(query)))

    def damaged(self, keys: Collection[bytes]) -> list[bytes]:
        """Which of the keys have vectors that can't be read."""
        broken: list[bytes] = []
        for part in _parts(sorted(self.known(keys)), _TEXTS):
            broken += self._damaged(part)
        return broken

    def _damaged(self, keys: Sequence[bytes]) -> list[bytes]:
        """By halves: one look for each part that is whole."""
        try:
            self.get_many(keys)
        except BrokenArtefact:
            middle = len(keys) // 2
            return list(keys) if len(keys) == 1 else self._damaged(keys[:middle]) + self._damaged(keys[middle:])
        return []

    def _remove(self, *conditions: Any) -> None:
        with self._database.session() as session:
            session.execute(delete(VectorRow).where(*conditions))


class LayeredVectors:
    """A `VectorStore` with another behind it: what the first lacks is taken from there and kept in the first.

    So a database that is filled with the shipped catalogue takes the vectors that the command line has made.
    """

    def __init__(self, first: VectorStore, behind: VectorStore) -> None:
        self._first, self._behind = first, behind

    def known(self, keys: Collection[bytes]) -> set[bytes]:
        """As `VectorStore.known`."""
        found = self._first.known(keys)
        return found | self._behind.known(set(keys) - found)

    def get_many(self, keys: Collection[bytes]) -> dict[bytes, Stored]:
        """As `VectorStore.get_many`."""
        found = self._first.get_many(keys)
        missing = set(keys) - found.keys()
        if not missing:
            return found
        taken = self._taken(missing)
        if taken:
            self._first.put_many(taken)
        return found | taken

    def put_many(self, segment: Mapping[bytes, Stored]) -> None:
        """Stores in the first only."""
        self._first.put_many(segment)

    def forget(self) -> None:
        """Removes from both: what is forgotten must not come back from behind."""
        self._first.forget()
        self._behind.forget()

    def _taken(self, keys: Collection[bytes]) -> dict[bytes, Stored]:
        """From behind; a damaged or unreachable store there costs time only, the encoder gives the vectors again."""
        try:
            return self._behind.get_many(keys)
        except (BrokenArtefact, Unavailable):
            return {}


def _parts(items: Collection[Any], size: int) -> Iterator[Sequence[Any]]:
    remaining = iter(items)
    while part := list(islice(remaining, size)):
        yield part


def _stored(row: Any) -> Stored:
    try:
        vector = np.frombuffer(row.pooled, "<f4").astype(np.float32)
        offsets = np.frombuffer(row.offsets, "<i2").astype(np.int16).reshape(-1, 2)
        tokens = np.frombuffer(row.tokens, np.uint8).reshape(len(offsets), len(vector))
    except ValueError as error:  # lengths that don't go into rows
        raise BrokenArtefact("数据库中的一段向量已损坏", hint=MEND) from error
    if not len(vector):
        raise BrokenArtefact("数据库中的一段向量已损坏", hint=MEND)
    return Stored(vector, tokens, offsets)
