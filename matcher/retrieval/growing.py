"""Rows of numbers that are only ever added: one array with room to spare, shared by all states of a catalogue."""

from __future__ import annotations

from copy import copy
from threading import Lock
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.row_change import DEAD_SHARE, RowChange

Rows = NDArray[np.int64]
_Number = TypeVar("_Number", bound=np.generic)

#: Room to spare, as a share of what is there and in rows at least: memory that nobody has written to is not taken.
SPARE: Final = 0.25
LEAST_SPARE: Final = 256


class Growing(Generic[_Number]):
    """Rows [n, d] to which any thread may add. What was handed out never changes: rows are written behind it only.

    Args:
        rows: the first ones, copied.
    """

    def __init__(self, rows: NDArray[_Number]) -> None:
        self._adding = Lock()
        self._room = _with_room(rows, len(rows))
        self._used = len(rows)

    @property
    def rows(self) -> NDArray[_Number]:
        """All that have been added so far, without a copy."""
        return self._room[: self._used]

    def add(self, rows: NDArray[_Number]) -> tuple[int, NDArray[_Number]]:
        """Adds rows: the place of the first of them, and all up to the last of them."""
        with self._adding:
            first, end = self._used, self._used + len(rows)
            if end > len(self._room):
                self._room = _with_room(self._room[:first], end)
            self._room[first:end] = rows
            self._used = end
            return first, self._room[:end]


class Stacked(Generic[_Number]):
    """An array [n, …] by row, whose rows are not moved when others come or go. It never changes: `changed` does.

    Args:
        rows: what is copied into memory. base: what lies elsewhere already (mapped from a file), and stays there.
        places: int64 [n], where in `base`, and behind it in `rows`, each row lies; None is one after the other.

    Attributes:
        stored: what all states of a catalogue share, in the order in which it came, with rows that are no longer used.
        places: int64 [n], where in `base` and `stored` each row lies.
    """

    def __init__(
        self, rows: NDArray[_Number], base: NDArray[_Number] | None = None, places: Rows | None = None
    ) -> None:
        self._growing = Growing(rows)
        self.stored = self._growing.rows
        self.base: NDArray[_Number] = rows[:0] if base is None else base
        self.places = np.arange(len(self.base) + len(rows)) if places is None else places

    def __len__(self) -> int:
        return len(self.places)

    @property
    def parts(self) -> tuple[NDArray[_Number], ...]:
        """`base` and `stored`, but for what is empty: what `places` point into, end to end."""
        return tuple(part for part in (self.base, self.stored) if len(part)) or (self.stored,)

    def of(self, rows: Rows) -> NDArray[_Number]:
        """Some rows, [len(rows), …]."""
        places, before = self.places[rows], len(self.base)
        if not before:
            found: NDArray[_Number] = self.stored[places]
            return found
        in_base = places < before
        found = np.empty((len(places), *self.stored.shape[1:]), self.stored.dtype)
        found[in_base] = self.base[places[in_base]]
        found[~in_base] = self.stored[places[~in_base] - before]
        return found

    def changed(self, change: RowChange, added: NDArray[_Number]) -> Stacked[_Number]:
        """The array after a change of rows; `added` are those of the added listings, in their order."""
        after, before = copy(self), len(self.base)
        first, after.stored = self._growing.add(added)
        after.places = change.moved(self.places, before + first + np.arange(len(added)))
        own = after.places >= before
        used = int(own.sum())
        if used >= (1 - DEAD_SHARE) * len(after.stored):
            return after
        kept = after.stored[after.places[own] - before]
        after.places[own] = before + np.arange(used)
        return Stacked(kept, self.base, after.places)


def _with_room(rows: NDArray[_Number], size: int) -> NDArray[_Number]:
    room = np.empty((size + max(int(size * SPARE), LEAST_SPARE), *rows.shape[1:]), rows.dtype)
    room[: len(rows)] = rows
    return room
