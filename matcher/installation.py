"""What this installation has of its own: the catalogue, stored vectors, the encoder."""

from __future__ import annotations

from collections.abc import Sequence

from embeddings import EmbeddingsError, Encoder, load_encoder
from embeddings.reranker import Reranker, load_reranker
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import FILE, Database, open_database
from matcher.catalogue.database_vectors import DatabaseVectors, LayeredVectors
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.file_vectors import FileVectors
from matcher.catalogue.identity import catalogue_identity
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.published import holds_listings, published
from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.profiles.publishing import published as published_profile
from matcher.catalogue.profiles.seeding import DEFAULT
from matcher.catalogue.profiles.stored import serving_document
from matcher.errors import BrokenArtefact, Unavailable
from matcher.ranking.documents import Document
from matcher.records import Listing
from matcher.retrieval.listing_index import ListingIndex
from matcher.settings import Settings

#: In the data folder: vectors of what is ranked without a database, and a catalogue that an earlier version loaded.
ENCODINGS = "encodings"
LOADED = "listings.jsonl"


def installed_database(settings: Settings) -> Database | None:
    """The database, where there is one: named in the settings, or made in the data folder by `load` or `serve`.

    Without one the shipped catalogue is ranked as it lies in the source tree.
    """
    if settings.database is None and not (settings.data / FILE).exists():
        return None
    return open_database(settings)


def installed_listings(settings: Settings, database: Database | None) -> Sequence[Listing]:
    """What is published in the database; the shipped catalogue where there is no database or nothing ever was in it."""
    if database is not None:
        with database.reading() as session:
            if holds_listings(session):
                return tuple(published(session))
    return shipped_or_loaded(settings)


def installed_document(settings: Settings, database: Database | None) -> Document | None:
    """The published profile, unless the settings name another; None where nothing is published.

    Raises:
        BrokenArtefact: it can't be used by this version of the program.
    """
    if database is None or settings.profile != DEFAULT:
        return None
    with database.reading() as session:
        stored = published_profile(session)
    return None if stored is None else serving_document(stored)


def fill_if_empty(settings: Settings, database: Database) -> bool:
    """Put the shipped catalogue into a database that never held a listing; whether it did."""
    with database.session() as session:
        if holds_listings(session):
            return False
        put_many(session, shipped_or_loaded(settings), CONSOLE)
        return True


def shipped_or_loaded(settings: Settings) -> Sequence[Listing]:
    """The listings that an earlier version's `load` stored as a file, or else the shipped ones."""
    loaded = settings.data / LOADED
    return read_listings(loaded if loaded.exists() else settings.dataset(LOADED))


def open_encoder(settings: Settings, source: str | None = None) -> Encoder:
    """The encoder that the settings name, or that a profile names; its errors in the words of this package.

    Raises:
        InvalidInput: the settings don't allow this source. Unavailable: it can't be loaded.
    """
    name = settings.encoder_named(source)
    try:
        return load_encoder(name, settings.data / "encoders", settings.threads)
    except EmbeddingsError as error:
        raise Unavailable(error.message, hint=error.hint) from error


def open_reranker(settings: Settings, encoder: Encoder | None = None) -> Reranker:
    """The shipped re-ranker, its errors in the words of this package.

    Args:
        encoder: that needs are read with anyway; the re-ranker goes on from there where it can.
    """
    try:
        return load_reranker(settings.data / "encoders", settings.threads, encoder=encoder)
    except EmbeddingsError as error:
        raise Unavailable(error.message, hint=error.hint) from error


def open_encodings(settings: Settings, encoder: Encoder, database: Database | None) -> Encodings:
    """Where vectors are kept: in the database, with the files of the data folder behind it; without one in the files.

    Raises:
        BrokenArtefact: without a database, a file is damaged.
    """
    folder = settings.data / ENCODINGS
    if database is None:
        return Encodings(folder, encoder)
    front = DatabaseVectors(database, encoder.listings_fingerprint)
    try:
        return Encodings(LayeredVectors(front, FileVectors(folder, encoder.listings_fingerprint)), encoder)
    except BrokenArtefact:
        return Encodings(front, encoder)


def open_listing_index(
    settings: Settings, encoder: Encoder, database: Database | None, *, writes: bool
) -> ListingIndex | None:
    """The collections that the settings name, where all processes of this catalogue find its vectors; None without.

    Args:
        writes: for whoever follows the database. Without a database nobody else writes, so everybody may.

    Raises:
        Unavailable: the server can't be reached, or the extra `milvus` is not installed.
        BrokenArtefact: the collections are of another encoder or catalogue; the hint says what to do.
    """
    if settings.index is None:
        return None
    identity = catalogue_identity(database, settings.data)
    return ListingIndex(settings.index, encoder, identity, writes=writes or database is None)
