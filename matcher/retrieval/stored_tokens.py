"""Token vectors that stay in the store of vectors: those of the rows looked at are read, and the latest remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings.products import Codes
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.row_change import RowChange
from matcher.catalogue.vector_store import text_key
from matcher.records import Listing
from matcher.retrieval.late import Similar, Tokens, TokenStore
from matcher.retrieval.token_pages import Offsets
from matcher.retrieval.views import full_text

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]

#: Some 6,000 listings of 40 kB: what many needs come upon.
REMEMBERED_BYTES: Final = 256 * 1024 * 1024
#: Rows that are compared together: 20 MB, whatever is asked.
_TOGETHER: Final = 512


class _Held(NamedTuple):
    codes: Codes
    offsets: Offsets

    @property
    def size(self) -> int:
        return self.codes.nbytes + self.offsets.nbytes


class RecentTokens:
    """Reads tokens of texts by their key, and keeps those read latest. Safe from several threads."""

    def __init__(self, encodings: Encodings, capacity: int = REMEMBERED_BYTES) -> None:
        self._encodings, self._capacity = encodings, capacity
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, _Held] = OrderedDict()
        self.nbytes = 0

    def of(self, listings: Sequence[Listing], keys: Sequence[bytes]) -> list[tuple[Codes, Offsets]]:
        """Tokens of the full texts of listings, whose keys are given; a text without vectors is encoded.

        Raises:
            Unavailable: the store can't be reached. BrokenArtefact: what is stored can't be read.
        """
        with self._lock:
            found = {key: self._held[key] for key in keys if key in self._held}
            for key in found:
                self._held.move_to_end(key)
        missing = {key: listing for key, listing in zip(keys, listings, strict=True) if key not in found}
        if missing:
            read = self._encodings.read([full_text(listing) for listing in missing.values()])
            new = {key: _Held(one.tokens, one.offsets) for key, one in zip(missing, read, strict=True)}
            found |= new
            self._remember(new)
        return [(found[key].codes, found[key].offsets) for key in keys]

    def _remember(self, new: dict[bytes, _Held]) -> None:
        with self._lock:
            for key, held in new.items():
                if key not in self._held:
                    self._held[key] = held
                    self.nbytes += held.size
            while self.nbytes > self._capacity:
                _, oldest = self._held.popitem(last=False)
                self.nbytes -= oldest.size


class StoredTokens:
    """`Late` over listings whose tokens are read when they are asked for. It never changes: `changed` does.

    Args:
        recent: shared by all states of a catalogue. dimension: d.
    """

    def __init__(self, listings: Sequence[Listing], recent: RecentTokens, dimension: int) -> None:
        self._listings, self._recent, self._dimension = tuple(listings), recent, dimension
        self._keys = _keys(self._listings)

    def __len__(self) -> int:
        return len(self._listings)

    def changed(self, change: RowChange) -> StoredTokens:
        """The tokens after a change of rows."""
        after = copy(self)
        after._listings = change.moved_items(self._listings, change.added)
        after._keys = change.moved_items(self._keys, _keys(change.added))
        return after

    def tokens(self, row: int) -> Tokens:
        """As `TokenStore.tokens`."""
        return self._read(np.array([row])).tokens(0)

    def scores(self, need: Floats, rows: Rows) -> Floats:
        """As `TokenStore.scores`."""
        if not len(rows):
            return np.zeros(0, np.float32)
        return np.concatenate([self._read(part).scores(need, np.arange(len(part))) for part in _parts(rows)])

    def similar(self, need: Floats, rows: Rows) -> list[Similar]:
        """As `TokenStore.similar`."""
        return [one for part in _parts(rows) for one in self._read(part).similar(need, np.arange(len(part)))]

    def best(self, need: Floats, rows: Rows) -> Floats:
        """As `TokenStore.best`."""
        if not len(rows):
            return np.zeros((0, len(need)), np.float32)
        return np.concatenate([self._read(part).best(need, np.arange(len(part))) for part in _parts(rows)])

    def _read(self, rows: Rows) -> TokenStore:
        places = rows.tolist()
        tokens = self._recent.of([self._listings[row] for row in places], [self._keys[row] for row in places])
        return TokenStore(tokens, self._dimension)


def _keys(listings: Sequence[Listing]) -> tuple[bytes, ...]:
    return tuple(text_key(full_text(listing)) for listing in listings)


def _parts(rows: Rows) -> list[Rows]:
    return [rows[start : start + _TOGETHER] for start in range(0, len(rows), _TOGETHER)]
