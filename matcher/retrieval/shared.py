"""The listings' vectors on a Milvus server: this process holds words, conditions and texts, not vectors.

The database stays the truth. What the collections have and this process's catalogue lacks is passed over, so a listing
that was hidden is gone whatever the server says; what they lack, or have otherwise, is taken from the store of vectors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded
from embeddings.milvus_rows import LIMIT, is_one_of
from matcher.catalogue.encodings import Encodings, Progress
from matcher.catalogue.row_change import RowChange, row_of
from matcher.records import Listing
from matcher.retrieval.columns import Columns
from matcher.retrieval.listing_index import ListingIndex
from matcher.retrieval.pooled import Pooled
from matcher.retrieval.stored_tokens import RecentTokens, StoredTokens
from matcher.retrieval.top import top
from matcher.retrieval.views import full_text, short_text

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Rows that a search names one by one; beyond, a condition on fields and a few more hits than wanted are cheaper.
_NAMED: Final = 2_000
#: Where the condition would let so many hits through that rows wanted could be missed, up to so many are named: 1 MB.
_TOO_MANY: Final = LIMIT // 4
_MOST_NAMED: Final = 60_000
#: Hits asked beyond what should suffice, for rows that are passed over.
_SPARE: Final = 16
_SHARE: Final = 1.2
#: A change of so many listings asks for all digests at once rather than by id.
_MANY: Final = 10_000


class SharedVectors:
    """`ListingVectors` in a `ListingIndex`. They never change but for what is written: `changed` gives others.

    Args:
        listings: sorted by id. progress: called with texts done and to do while new listings are encoded.

    Raises:
        Unavailable: the server or the store of vectors can't be reached.
    """

    def __init__(
        self,
        index: ListingIndex,
        listings: Sequence[Listing],
        encodings: Encodings,
        dimension: int,
        progress: Progress | None = None,
    ) -> None:
        self._index, self._encodings, self._dimension = index, encodings, dimension
        self._listings = tuple(listings)
        self.columns = Columns(self._listings)
        self.late = StoredTokens(self._listings, RecentTokens(encodings), dimension)
        own = self._written(self._listings, progress)
        if index.writes:
            index.remove_if_possible(sorted(index.strangers(listing.id for listing in self._listings)))
        self._keep(own)

    def changed(self, change: RowChange, progress: Progress | None = None) -> SharedVectors:
        """As `ListingVectors.changed`; others that share the collections may have written the same before."""
        after = copy(self)
        after._listings = change.moved_items(self._listings, change.added)
        after.columns, after.late = self.columns.changed(change), self.late.changed(change)
        own = after._written(change.added, progress)
        if self._index.writes:
            stays = {listing.id for listing in change.added}
            gone = (self._listings[row].id for row in change.gone.tolist())
            self._index.remove_if_possible([id for id in gone if id not in stays])
        new_rows = change.new_rows[self._own]
        after._keep([*own, *(after._listings[row] for row in new_rows[new_rows >= 0].tolist())])
        return after

    def vectors(self, row: int) -> tuple[Floats, Floats]:
        """As `ListingVectors.vectors`."""
        full, short = self._stored([self._listings[row]])
        return full[0], short[0]

    def near(self, encoded: Encoded, text: str) -> NearShared:
        """As `ListingVectors.near`; asks the server when it is asked."""
        return NearShared(self, encoded.vector, text)

    def _written(self, listings: Sequence[Listing], progress: Progress | None) -> list[Listing]:
        """Writes those that the collections lack, or, where this process only reads, gives them back."""
        if not listings:
            return []
        lacking = self._index.differing(listings, all_rows=len(listings) > _MANY)
        if not self._index.writes:
            return lacking
        self._index.put(lacking, self._encodings, progress)
        return []

    def _keep(self, listings: Sequence[Listing]) -> None:
        """Holds the vectors of some listings here, because the collections don't have them as they are."""
        kept = sorted(listings, key=lambda listing: listing.id)
        self._own: Rows = np.array([self.row(one.id) for one in kept], np.int64)
        full, short = self._stored(kept)
        self._own_full, self._own_short = Pooled(full), Pooled(short)

    def _stored(self, listings: Sequence[Listing]) -> tuple[Floats, Floats]:
        """Vectors of listings from the store, float32 [n, d] of full and of short texts."""
        texts = [*map(full_text, listings), *map(short_text, listings)]
        vectors = np.empty((len(texts), self._dimension), np.float32)
        for place, stored in enumerate(self._encodings.each(texts)):
            vectors[place] = stored.vector
        return vectors[: len(listings)], vectors[len(listings) :]

    def row(self, listing_id: str) -> int:
        """Row of an id, −1 where it is unknown here."""
        row = row_of(self._listings, listing_id)
        return -1 if row is None else row

    def rows(self, ids: Sequence[str]) -> Rows:
        """Rows of ids, −1 for those that are unknown here."""
        return np.array([self.row(one) for one in ids], np.int64)

    def ids(self, rows: Rows) -> list[str]:
        """Ids of rows."""
        return [self._listings[row].id for row in rows.tolist()]

    def own_among(self, rows: Rows) -> Mask:
        """bool [len(rows)]: which of them are held here."""
        return np.isin(rows, self._own)

    def own_scores(self, vector: Floats, rows: Rows, *, of_short: bool = False) -> Floats:
        """Cosines of a need's vector with rows that are held here."""
        pooled = self._own_short if of_short else self._own_full
        return pooled.products(vector, np.searchsorted(self._own, rows))

    def search(self, vector: Floats, rows: Rows, count: int) -> tuple[Rows, Floats]:
        """The `count` nearest of some rows (ascending) that the server has, with their cosines."""
        where, passing = self.condition(rows, count)
        count, wanted = min(count, len(rows)), np.zeros(len(self._listings) + 1, np.bool_)
        wanted[rows] = True  # the place behind the last, where −1 points, stays out
        asked = min(LIMIT, math.ceil(count * passing / max(len(rows), 1) * _SHARE) + _SPARE)
        while True:
            ids, scores = self._index.nearest(vector, asked, where)
            found = self.rows(ids)
            kept = wanted[found]
            if int(kept.sum()) >= count or len(ids) < asked or asked == LIMIT:
                return found[kept], scores[kept]
            asked = min(2 * asked, LIMIT)

    def search_words(self, text: str, rows: Rows, count: int) -> Rows:
        """The best of some rows by the server's BM25, as many as it gives."""
        if not self._index.full.searches_words:
            return np.zeros(0, np.int64)
        where, passing = self.condition(rows, count)
        asked = min(LIMIT, math.ceil(count * passing / max(len(rows), 1) * _SHARE))
        found = self.rows(self._index.by_words(text, asked, where))
        return found[np.isin(found, rows)][:count]

    def condition(self, rows: Rows, count: int) -> tuple[str, int]:
        """A condition for the server that all these rows pass, and how many of this catalogue do."""
        if len(rows) == len(self._listings):
            return "", len(rows)
        mask = np.zeros(len(self._listings), np.bool_)
        mask[rows] = True
        if len(rows) > _NAMED:
            where, passing = self.columns.around(mask)
            if len(rows) > _MOST_NAMED or passing * count < _TOO_MANY * len(rows):
                return where, passing
        return is_one_of("id", self.ids(rows)), len(rows)

    def scores(self, vector: Floats, rows: Rows, *, of_short: bool = False) -> Floats:
        """Cosines of a need's vector with some rows, of the server, or else by the stored vectors."""
        ids = self.ids(rows)
        found = self._index.scores(vector, ids, of_short=of_short)
        lacking = [place for place, one in enumerate(ids) if one not in found]
        scores = np.array([found.get(one, 0.0) for one in ids], np.float32)
        if lacking:
            stored = self._stored([self._listings[row] for row in rows[lacking].tolist()])[1 if of_short else 0]
            scores[lacking] = np.einsum("nd,d->n", stored, vector)
        return scores


class NearShared:
    """`Nearness` of one need by asking the server; what it has said is remembered for the need."""

    def __init__(self, vectors: SharedVectors, vector: Floats, text: str) -> None:
        self._vectors, self._vector, self._text = vectors, vector, text
        self._known: dict[int, float] = {}

    def propose(self, allowed: Rows, depth: int) -> Rows:
        """As `Nearness.propose`: the nearest, and the server's best by its words."""
        words = self._vectors.search_words(self._text, allowed, depth)
        return np.concatenate([self.nearest(allowed, depth), words])

    def nearest(self, allowed: Rows, count: int) -> Rows:
        """As `Nearness.nearest`; no more than Milvus gives at once."""
        own = self._vectors.own_among(allowed)
        found, scores = self._vectors.search(self._vector, allowed[~own], count)
        self._known |= dict(zip(found.tolist(), scores.tolist(), strict=True))
        rows = np.concatenate([found, allowed[own]])
        order = np.argsort(rows)
        rows, scores = rows[order], np.concatenate([scores, self._own(allowed[own])])[order]
        return rows[top(scores, count)]

    def full(self, rows: Rows) -> Floats:
        """As `Nearness.full`."""
        own = self._vectors.own_among(rows)
        new = np.array([row for row in rows[~own].tolist() if row not in self._known], np.int64)
        if len(new):
            self._known |= dict(zip(new.tolist(), self._vectors.scores(self._vector, new).tolist(), strict=True))
        scores = np.empty(len(rows), np.float32)
        scores[own] = self._own(rows[own])
        scores[~own] = [self._known[row] for row in rows[~own].tolist()]
        return scores

    def short(self, rows: Rows) -> Floats:
        """As `Nearness.short`."""
        own = self._vectors.own_among(rows)
        scores = np.empty(len(rows), np.float32)
        scores[own] = self._vectors.own_scores(self._vector, rows[own], of_short=True)
        if not own.all():
            scores[~own] = self._vectors.scores(self._vector, rows[~own], of_short=True)
        return scores

    def _own(self, rows: Rows) -> Floats:
        return self._vectors.own_scores(self._vector, rows)
