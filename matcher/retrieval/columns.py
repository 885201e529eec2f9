"""What a server can filter by: the values of a few fields, row by row, and the narrowest condition around some rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from embeddings.milvus_rows import Value, is_one_of
from matcher.catalogue.row_change import RowChange
from matcher.records import Listing

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Fields of one value, and of several. Those of several can be filtered by, but no condition is made of them: a
#: listing that does not name a certificate may well have it, so it passes a need that wants one.
SINGLE = ("kind", "province", "city")
SEVERAL = ("industry", "qualifications")
#: Values of one field that a condition names; where more occur, it would hardly narrow.
_MOST_VALUES = 200


def values(listing: Listing) -> dict[str, Value]:
    """What is stored with a listing's vector, "" and () for what it does not say."""
    return {name: getattr(listing, name) or "" for name in SINGLE} | {name: getattr(listing, name) for name in SEVERAL}


class Columns:
    """The single fields of n listings as numbers, int32 [n] each. They never change: `changed` gives others."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        self._names: dict[str, dict[str, int]] = {name: {} for name in SINGLE}
        self._codes = self._coded(listings)

    def changed(self, change: RowChange) -> Columns:
        """The columns after a change of rows."""
        after = copy(self)
        after._names = {name: dict(known) for name, known in self._names.items()}
        added = after._coded(change.added)
        after._codes = {name: change.moved(codes, added[name]) for name, codes in self._codes.items()}
        return after

    def around(self, mask: Mask) -> tuple[str, int]:
        """A condition that all rows of a mask pass, by what values occur among them, and how many rows pass it.

        It follows from the rows, so it can't contradict what chose them. "" passes all.
        """
        passing, conditions = np.ones(len(mask), np.bool_), []
        for name, codes in self._codes.items():
            occurs = np.zeros(len(self._names[name]), np.bool_)
            occurs[codes[mask]] = True
            if 0 < int(occurs.sum()) <= _MOST_VALUES and not (among := occurs[codes]).all():
                wanted = (value for value, code in self._names[name].items() if occurs[code])
                conditions.append(is_one_of(name, wanted))
                passing &= among
        return " and ".join(conditions), int(passing.sum())

    def _coded(self, listings: Iterable[Listing]) -> Mapping[str, NDArray[np.int32]]:
        found: dict[str, list[int]] = {name: [] for name in SINGLE}
        for listing in listings:
            for name, known in self._names.items():
                found[name].append(known.setdefault(getattr(listing, name) or "", len(known)))
        return {name: np.array(codes, np.int32) for name, codes in found.items()}
