"""The listings that a matcher serves: an unchanging list in the order of ids."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

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
        self._rows = {listing.id: row for row, listing in enumerate(self.supply)}
        self._of_kind = {kind: np.array([listing.kind == kind for listing in self.supply], np.bool_) for kind in KINDS}

    def __len__(self) -> int:
        return len(self.listings)

    def get(self, listing_id: str) -> Listing | None:
        """The listing of an id, of any kind; None where there is none."""
        return self._by_id.get(listing_id)

    def row(self, listing_id: str) -> int | None:
        """Row of a supply listing; None where the id is unknown or of a reference kind."""
        return self._rows.get(listing_id)

    def of_kinds(self, kinds: Iterable[Kind]) -> NDArray[np.bool_]:
        """bool [len(supply)]: which rows are of one of the kinds."""
        found = np.zeros(len(self.supply), np.bool_)
        for kind in kinds:
            found |= self._of_kind[kind]
        return found
