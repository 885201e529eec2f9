"""What an installation ranks by: its database where there is one, else what is shipped; and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database, open_database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish, published
from matcher.catalogue.profiles.seeding import seed
from matcher.catalogue.tables.vectors import VectorRow
from matcher.errors import BrokenArtefact
from matcher.installation import (
    fill_if_empty,
    installed_database,
    installed_document,
    installed_listings,
    open_encodings,
)
from matcher.match import Matcher
from matcher.mending import forget_vectors, mend
from matcher.ranking.documents import Document
from matcher.ranking.reranking import Lazily
from matcher.records import Listing, Need
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE, SUPPLY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path)


def opened(settings: Settings, listings: Sequence[Listing] = ()) -> Database:
    database = open_database(settings)
    if listings:
        with database.session() as session:
            put_many(session, listings, CONSOLE)
    return database


class TestCatalogue:
    def test_without_a_database_the_shipped_catalogue(
        self, settings: Settings, shipped_listings: tuple[Listing, ...]
    ) -> None:
        assert installed_database(settings) is None
        assert installed_listings(settings, None) == shipped_listings
        assert not (settings.data / "pilotmatch.db").exists()

    def test_a_database_that_never_held_a_listing_is_filled_once(
        self, settings: Settings, shipped_listings: tuple[Listing, ...]
    ) -> None:
        database = opened(settings)
        assert fill_if_empty(settings, database)
        assert not fill_if_empty(settings, database)
        stored = installed_listings(settings, installed_database(settings))
        assert [one.id for one in stored] == sorted(one.id for one in shipped_listings)
        database.dispose()

    def test_what_is_published_there_is_what_counts(self, settings: Settings) -> None:
        database = opened(settings, LISTINGS[:3])
        assert [one.id for one in installed_listings(settings, database)] == [one.id for one in LISTINGS[:3]]
        assert not fill_if_empty(settings, database)
        database.dispose()


class TestProfile:
    @pytest.mark.slow
    def test_the_published_one_ranks_on_the_command_line_too(self, settings: Settings) -> None:
        database = opened(settings, LISTINGS)
        assert installed_document(settings, database) is None
        with database.session() as session:
            stored = create(session, CONSOLE, "city", Document(PROFILE), "本市")
            publish(session, CONSOLE, stored.id, "上线")
        matcher = Matcher.load(settings, encoder=HashEncoder())
        answer = matcher.match(Need("发酵"))
        assert (answer.profile, answer.profile_version) == ("city", "1")
        named = Matcher.load(settings.model_copy(update={"profile": "fast"}), encoder=HashEncoder())
        assert named.match(Need("发酵")).profile == "fast"
        given = Matcher.load(settings, encoder=HashEncoder(), profile=replace(PROFILE, name="given"))
        assert given.match(Need("发酵")).profile == "given"
        database.dispose()

    def test_the_first_start_publishes_the_one_that_is_set(self, settings: Settings) -> None:
        database = opened(settings)
        with database.session() as session:
            seed(session, "fast")
            now = published(session)
        assert now is not None
        assert now.name == "fast"
        database.dispose()

    def test_a_reranker_is_opened_once_and_not_before_it_is_wanted(self) -> None:
        times: list[bool] = []
        begun: list[str] = []

        class Lengths:
            begin = staticmethod(begun.append)

            def scores(self, text: str, cards: Sequence[str]) -> NDArray[np.float32]:
                return np.full(len(cards), len(text), np.float32)

        def opening(few: bool) -> Lengths:
            times.append(few)
            return Lengths()

        lazily = Lazily(opening)
        assert times == []
        lazily.prepare()
        lazily.begin("abc")
        assert lazily("abc", ["x", "y"]).tolist() == [3.0, 3.0]
        assert times == [False]
        assert begun == ["abc"]
        few = lazily.after(few=True)
        for one in (few, lazily, few.after(few=False), lazily.after(few=True)):
            one.prepare()
        assert times == [False, True]


class TestMending:
    def test_nothing_to_mend_after_mending(self, settings: Settings) -> None:
        database, encoder = opened(settings, LISTINGS), HashEncoder()
        first = mend(settings, encoder, database, LISTINGS)
        assert first.missing == 2 * len(SUPPLY)
        assert not mend(settings, encoder, database, LISTINGS)
        database.dispose()

    @pytest.mark.parametrize("with_database", [True, False])
    def test_forgotten_vectors_are_encoded_again(self, settings: Settings, with_database: bool) -> None:
        database = opened(settings, LISTINGS) if with_database else None
        mend(settings, HashEncoder(), database, LISTINGS)
        forget_vectors(settings, HashEncoder(), database)
        assert mend(settings, HashEncoder(), database, LISTINGS).missing == 2 * len(SUPPLY)
        if database is not None:
            database.dispose()

    def test_damage_in_the_database_is_found_among_whole_ones(self, settings: Settings) -> None:
        database, encoder = opened(settings, LISTINGS), HashEncoder()
        mend(settings, encoder, database, LISTINGS)
        vectors = DatabaseVectors(database, encoder.fingerprint)
        broken = sorted(vectors.keys())[::7]
        with database.session() as session:
            session.execute(update(VectorRow).where(VectorRow.text_key.in_(broken)).values(offsets=b"\x00"))
        with pytest.raises(BrokenArtefact):
            Matcher.load(settings, encoder=encoder, profile=PROFILE)
        mended = mend(settings, encoder, database, LISTINGS)
        assert len(mended.damaged) == mended.missing == len(broken)
        assert Matcher.load(settings, encoder=encoder, profile=PROFILE).match(Need("发酵")).matches
        database.dispose()

    def test_what_nobody_publishes_any_more_goes(self, settings: Settings) -> None:
        database, encoder = opened(settings, LISTINGS), HashEncoder()
        mend(settings, encoder, database, LISTINGS)
        assert mend(settings, encoder, database, SUPPLY[:2]).unused == 2 * (len(SUPPLY) - 2)
        assert open_encodings(settings, encoder, database).missing(["x"]) == 1
        database.dispose()
