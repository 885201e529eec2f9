"""How the rows of one list of listings become those of the next: what per-row structures need to follow a change."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.records import Listing

Rows = NDArray[np.int64]
_Item = TypeVar("_Item")
_Number = TypeVar("_Number", bound=np.generic)

#: Structures that append keep what was removed until it is more than this share: searches read a fifth more at worst,
#: and tidying up, which costs what reading the whole does, is paid for by as many changes as a quarter of the rows.
DEAD_SHARE: Final = 0.2


@dataclass(frozen=True)
class RowChange:
    """From `size` old rows to new ones, both in the order of ids.

    Attributes:
        gone: old rows that are left out, ascending. added: listings that come in, in the order of ids.
        order: int64 [new size]: for each new row the old row that it was, or `size` + its place in `added`.
    """

    size: int
    gone: Rows
    added: tuple[Listing, ...]
    order: Rows

    @classmethod
    def between(cls, old: Sequence[Listing], gone_ids: Collection[str], added: Iterable[Listing]) -> RowChange:
        """The change that leaves ids out of a sorted list, and then puts listings of other ids in."""
        new = sorted(added, key=_id)
        size = len(old)
        gone = np.array(sorted(row for row in (row_of(old, id) for id in gone_ids) if row is not None), np.int64)
        places = [bisect_left(old, listing.id, key=_id) for listing in new]
        both = np.insert(np.arange(size, dtype=np.int64), places, size + np.arange(len(new), dtype=np.int64))
        stays = np.ones(size + len(new), np.bool_)
        stays[gone] = False
        return cls(size, gone, tuple(new), both[stays[both]])

    def __len__(self) -> int:
        """Listings that leave, come, or do both."""
        return len({*self.gone.tolist()}) + len(self.added)

    @cached_property
    def new_rows(self) -> Rows:
        """int64 [size]: where each old row is now, −1 where it is gone."""
        rows = np.full(self.size + len(self.added), -1, np.int64)
        rows[self.order] = np.arange(len(self.order))
        return rows[: self.size]

    @cached_property
    def added_rows(self) -> Rows:
        """int64 [len(added)]: where each added listing is now."""
        rows = np.empty(self.size + len(self.added), np.int64)
        rows[self.order] = np.arange(len(self.order))
        return rows[self.size :]

    def moved(self, old: NDArray[_Number], added: NDArray[_Number]) -> NDArray[_Number]:
        """A per-row array [size, …], with the rows of the added listings, in the new order."""
        return np.concatenate([old, added])[self.order]

    def moved_items(self, old: Sequence[_Item], added: Sequence[_Item]) -> tuple[_Item, ...]:
        """As `moved`, for any objects."""
        items: NDArray[Any] = np.fromiter(chain(old, added), object, self.size + len(self.added))
        return tuple(items[self.order].tolist())


def row_of(listings: Sequence[Listing], listing_id: str) -> int | None:
    """Row of an id in a list that is sorted by id; None where it is not there."""
    row = bisect_left(listings, listing_id, key=_id)
    return row if row < len(listings) and listings[row].id == listing_id else None


def _id(listing: Listing) -> str:
    return listing.id
