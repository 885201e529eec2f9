"""The listings that a matcher serves: an unchanging list in the order of ids; a change gives another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.row_change import RowChange, row_of
from matcher.errors import Conflict
from matcher.records import KINDS, SUPPLY_KINDS, Kind, Listing


class Catalogue:
    """Listings by id and by row; `supply` are those that are ranked, in rows, the others are for reference.

    Sorted by id, so that rows in ascending order are ids in ascending order and equal scores always come alike.

    Raises:
        Conflict: two listings have one id.
    """

    def __init__(self, listings: Iterable[Listing]) -> None:
        self.listings = tuple(sorted(listings, key=lambda listing: listing.id))
        self._by_id = {listing.id: listing for listing in self.listings}
        if len(self._by_id) < len(self.listings):
            twice = next(a.id for a, b in zip(self.listings, self.listings[1:], strict=False) if a.id == b.id)
            raise Conflict(f"条目编号 {twice} 重复", hint="每个条目的 id 只能出现一次")
        self.supply = tuple(listing for listing in self.listings if listing.kind in SUPPLY_KINDS)
        self._of_kind = {kind: _is_of(kind, self.supply) for kind in KINDS}

    def __len__(self) -> int:
        return len(self.listings)

    def get(self, listing_id: str) -> Listing | None:
        """The listing of an id, of any kind; None where there is none."""
        return self._by_id.get(listing_id)

    def row(self, listing_id: str) -> int | None:
        """Row of a supply listing; None where the id is unknown or of a reference kind."""
        return row_of(self.supply, listing_id)

    def of_kinds(self, kinds: Iterable[Kind]) -> NDArray[np.bool_]:
        """bool [len(supply)]: which rows are of one of the kinds."""
        found = np.zeros(len(self.supply), np.bool_)
        for kind in kinds:
            found |= self._of_kind[kind]
        return found

    def changed(self, upserts: Iterable[Listing], removals: Iterable[str]) -> tuple[Catalogue, RowChange]:
        """The catalogue without `removals` and then with `upserts`, and how the rows of its supply become its own.

        An id among both stays, as upserted; of several upserts of an id the last one counts. What changes nothing
        (an unknown id removed, a listing as it is already) leaves no trace: where nothing is left, `self` comes back.
        """
        wanted: dict[str, Listing | None] = dict.fromkeys(removals)
        wanted |= {listing.id: listing for listing in upserts}
        real = {id: listing for id, listing in wanted.items() if self._by_id.get(id) != listing}
        new = [listing for listing in real.values() if listing is not None]
        change = RowChange.between(self.supply, real, (listing for listing in new if listing.kind in SUPPLY_KINDS))
        return (self._after(real, new, change) if real else self), change

    def _after(self, touched: dict[str, Listing | None], new: Sequence[Listing], change: RowChange) -> Catalogue:
        after, all_rows = copy(self), RowChange.between(self.listings, touched, new)
        after.listings = all_rows.moved_items(self.listings, all_rows.added)
        after._by_id = {**self._by_id, **{listing.id: listing for listing in new}}
        for id, listing in touched.items():
            if listing is None:
                del after._by_id[id]
        after.supply = change.moved_items(self.supply, change.added)
        after._of_kind = {kind: change.moved(old, _is_of(kind, change.added)) for kind, old in self._of_kind.items()}
        return after


def _is_of(kind: Kind, supply: Sequence[Listing]) -> NDArray[np.bool_]:
    return np.array([listing.kind == kind for listing in supply], np.bool_)
