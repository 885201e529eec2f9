"""Listings like a listing: for who has found something near to what they look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matcher.errors import NotFound
from matcher.records import Listing

if TYPE_CHECKING:  # match.py imports this module
    from matcher.match import Matcher

#: What a reference listing shares with another: a tag of its industry tells more than where it is.
_TAG, _PLACE = 2, 1


def similar(matcher: Matcher, listing_id: str, count: int) -> tuple[Listing, ...]:
    """The `count` listings that are nearest to one, those of its own kind first, itself left out.

    Supply by its vectors; cases and policies, which have none, by industries and place in common, their own kind only.

    Raises:
        NotFound: no listing of this id.
    """
    listing = matcher.catalogue.get(listing_id)
    if listing is None:
        raise NotFound(f"没有编号为 {listing_id[:64]} 的条目", field="listing_id")
    row = matcher.catalogue.row(listing_id)
    return _in_common(matcher, listing, count) if row is None else _by_vectors(matcher, listing, row, count)


def _by_vectors(matcher: Matcher, listing: Listing, row: int, count: int) -> tuple[Listing, ...]:
    others = np.ones(len(matcher.catalogue.supply), np.bool_)
    others[row] = False
    own = matcher.catalogue.of_kinds((listing.kind,))
    found = list(matcher.retriever.nearest_to(row, others & own, count))
    if len(found) < count:
        found += list(matcher.retriever.nearest_to(row, others & ~own, count - len(found)))
    return tuple(matcher.catalogue.supply[one] for one in found)


def _in_common(matcher: Matcher, listing: Listing, count: int) -> tuple[Listing, ...]:
    tags = set(listing.industry)

    def shared(one: Listing) -> int:
        near = (one.province == listing.province is not None) + (one.city == listing.city is not None)
        return _TAG * len(tags.intersection(one.industry)) + _PLACE * near

    others = [one for one in matcher.catalogue.listings if one.kind == listing.kind and one.id != listing.id]
    ranked = sorted((-shared(one), one.id, one) for one in others if shared(one))
    return tuple(one for _, _, one in ranked[:count])
