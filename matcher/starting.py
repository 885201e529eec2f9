"""How a service starts over a database: filled where it is empty, mended where stored vectors are damaged, followed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from matcher.catalogue.catalogue import Catalogue
from matcher.catalogue.change_log import last_change
from matcher.catalogue.database import Database, open_database
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.identity import catalogue_identity
from matcher.catalogue.listings.published import published as published_listings
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.profiles.seeding import seed
from matcher.catalogue.profiles.stored import serving_document
from matcher.encoders import Encoders, Opened
from matcher.errors import BrokenArtefact, PilotMatchError
from matcher.following import AT_START, Follower, by_vectors
from matcher.installation import fill_if_empty, open_encodings, open_listing_index, open_reranker
from matcher.match import Matcher
from matcher.mending import mend
from matcher.ranking.facts import default_tables
from matcher.ranking.kept_facts import KeptFacts
from matcher.records import Listing
from matcher.reembedding import at_start
from matcher.retrieval.in_memory import InMemory
from matcher.retrieval.needs_reader import needs_reader
from matcher.retrieval.shared import SharedVectors
from matcher.retrieval.vector_file import FOLDER
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings

_Made = TypeVar("_Made")

_log = logging.getLogger("pilotmatch")


def follow(settings: Settings, database: Database, *, mapped: bool = False) -> Follower:
    """A follower of a database, which is filled with the shipped catalogue where it never held a listing.

    Args:
        mapped: whether vectors are taken from the file that all processes of this machine share, where there is one.

    Raises:
        BrokenArtefact: an artefact or stored vectors are damaged; the hint names the command that mends it.
        Unavailable: the encoder or the database can't be reached.
    """
    encoders, opened = _opened(settings, database, mapped)
    file, facts = opened.mapped, _kept_facts(settings, database)
    index = open_listing_index(settings, opened.encoder, database, writes=True)
    vocabulary = Vocabulary.load(settings)

    def followed(encodings: Encodings) -> Follower:
        def load(listings: list[Listing]) -> Matcher:
            return Matcher.load(
                settings,
                listings,
                encoder=opened.encoder,
                encodings=encodings,
                index=index,
                file=file.open() if file is not None else None,
                source=opened.source,
                read=facts.of_all,
            )

        return Follower(database, load, encodings, vocabulary, index, file, encoders)

    return _mended(settings, database, opened, followed)


def prepare(settings: Settings) -> None:
    """Do once what several processes that start together would each do: tables, catalogue, encoder, re-ranker, vectors
    of texts that have none, what listings state.

    The vectors are put into the file that the processes share; where there is no room, each will hold its own. Errors
    as for `follow`.
    """
    database = open_database(settings)
    try:
        _, opened = _opened(settings, database, mapped=True)
        with database.reading() as session:
            number, listings = last_change(session), list(published_listings(session))

        def prepared(encodings: Encodings) -> None:
            supply = Catalogue(by_vectors(encodings, listings, AT_START)[0]).supply
            _prepare_vectors(settings, database, opened, encodings, supply, number)
            _kept_facts(settings, database).of_all(supply, default_tables())

        _mended(settings, database, opened, prepared)
        _prepare_reranker(settings, database, opened)
    finally:
        database.dispose()


def _opened(settings: Settings, database: Database, mapped: bool) -> tuple[Encoders, Opened]:
    """The encoders of a database that has listings and a profile, and the one to start with."""
    fill_if_empty(settings, database)
    with database.session() as session:
        seed(session, settings.profile)
    encoders = Encoders(settings, database, mapped=mapped)
    return encoders, at_start(encoders, database)


def _kept_facts(settings: Settings, database: Database) -> KeptFacts:
    return KeptFacts(settings.data / FOLDER / f"{catalogue_identity(database, settings.data)}.facts")


def _mended(settings: Settings, database: Database, opened: Opened, make: Callable[[Encodings], _Made]) -> _Made:
    """What is made of stored vectors; where they are damaged, of those that were mended."""
    try:
        return make(opened.encodings)
    except BrokenArtefact as error:
        _log.warning("%s;正在修补", error.message)
        with database.reading() as session:
            listings = list(published_listings(session))
        mended = mend(settings, opened.encoder, database, listings)
        _log.warning("已修补:%d 处损坏,%d 段文字重新计算", len(mended.damaged), mended.missing)
        return make(open_encodings(settings, opened.encoder, database))


def _prepare_vectors(
    settings: Settings,
    database: Database,
    opened: Opened,
    encodings: Encodings,
    supply: tuple[Listing, ...],
    number: int,
) -> None:
    dimension = opened.encoder.dimension
    index = open_listing_index(settings, opened.encoder, database, writes=True)
    if index is not None:
        try:
            SharedVectors(index, supply, encodings, dimension)
        finally:
            index.close()
    elif opened.mapped is not None:
        vectors = InMemory(supply, encodings, dimension, file=opened.mapped.open())
        try:
            opened.mapped.write_if_behind(vectors, number)
        except (PilotMatchError, OSError) as error:
            _log.warning("各进程将各自保存一份向量:%s", error)


def _prepare_reranker(settings: Settings, database: Database, opened: Opened) -> None:
    """Builds it where the published profile reads pairs; why it can't be said is for those who serve to say."""
    with database.reading() as session:
        stored = published(session)
    try:
        profile = serving_document(stored).profile if stored is not None else None
        if profile is not None and profile.reads:
            open_reranker(settings, needs_reader(opened.encoder, profile.few_layers))
    except PilotMatchError as error:
        _log.warning("重排模型没有准备好:%s", error)
