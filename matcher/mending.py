"""Compares the vectors that are stored with the listings that are published, and mends what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings import Encoder
from matcher.catalogue.database import Database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.encodings import Encodings, Progress
from matcher.catalogue.file_vectors import forget, remove_damaged
from matcher.catalogue.listings.published import published_by_ids
from matcher.catalogue.vector_store import text_key
from matcher.installation import ENCODINGS, open_encodings, open_listing_index
from matcher.records import SUPPLY_KINDS, Listing
from matcher.retrieval.listing_index import forget_collections
from matcher.retrieval.vector_file import forget_mapped
from matcher.retrieval.views import full_text, short_text
from matcher.settings import Settings


@dataclass(frozen=True, slots=True)
class Mended:
    """What was found and mended.

    Attributes:
        missing: texts without vectors, encoded now. damaged: what could not be read: names of files, or texts in the
            database; encoded anew. unused: vectors in the database of texts that nobody publishes any more, removed.
        sent: listings that the index on a server lacked or had otherwise, written. strangers: others there, removed.
    """

    missing: int
    damaged: tuple[str, ...] = ()
    unused: int = 0
    sent: int = 0
    strangers: int = 0

    def __bool__(self) -> bool:
        return bool(self.missing or self.damaged or self.unused or self.sent or self.strangers)


def mend(
    settings: Settings,
    encoder: Encoder,
    database: Database | None,
    listings: Sequence[Listing],
    progress: Progress | None = None,
) -> Mended:
    """Make the vectors of these listings whole, for one encoder; safe while a service is running.

    Args:
        database: where vectors are kept; None for the files of the data folder. listings: all that are published.

    Raises:
        Unavailable: the store can't be reached or written.
    """
    damaged = remove_damaged(settings.data / ENCODINGS, encoder.listings_fingerprint)
    texts = [view(one) for one in listings if one.kind in SUPPLY_KINDS for view in (full_text, short_text)]
    unused = 0
    if database is not None:
        wanted = {text_key(text): text for text in texts}
        vectors = DatabaseVectors(database, encoder.listings_fingerprint)
        broken = vectors.damaged(wanted)
        vectors.remove(broken)
        damaged += [wanted[key][:20] for key in broken]
        leftover = vectors.keys() - wanted.keys()
        vectors.remove(leftover)
        unused = len(leftover)
    encodings = open_encodings(settings, encoder, database)
    missing = encodings.missing(texts)
    for _ in encodings.each(texts, progress):
        pass
    sent, strangers = _mend_index(settings, encoder, database, listings, encodings)
    return Mended(missing, tuple(damaged), unused, sent, strangers)


def _mend_index(
    settings: Settings, encoder: Encoder, database: Database | None, listings: Sequence[Listing], encodings: Encodings
) -> tuple[int, int]:
    """How many listings were written to the index on a server, and how many others removed from it."""
    index = open_listing_index(settings, encoder, database, writes=True)
    if index is None:
        return 0, 0
    supply = [listing for listing in listings if listing.kind in SUPPLY_KINDS]
    try:
        lacking = index.differing(supply, all_rows=True)
        index.put(lacking, encodings)
        strangers = index.strangers(listing.id for listing in supply)
        if strangers and database is not None:
            with database.reading() as session:  # one may have been published since the listings were read
                found = published_by_ids(session, sorted(strangers))
            strangers -= {id for id, listing in found.items() if listing is not None}
        index.remove(sorted(strangers))
    finally:
        index.close()
    return len(lacking), len(strangers)


def forget_vectors(settings: Settings, encoder: Encoder, database: Database | None) -> None:
    """Remove the stored vectors of every encoder in the data folder, of this one in the database, and the index on a
    server.
    """
    forget(settings.data / ENCODINGS)
    forget_mapped(settings.data)
    if database is not None:
        DatabaseVectors(database, encoder.listings_fingerprint).forget()
    if settings.index is not None:
        forget_collections(settings.index)
