"""Several processes that follow one database and share a Milvus collection, and what they do while it is away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from embeddings.milvus_rows import Row, Rows
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.identity import catalogue_identity
from matcher.catalogue.listings.bulk import put_many, retire_many
from matcher.encoders import Encoders
from matcher.errors import BrokenArtefact, Unavailable
from matcher.following import Follower
from matcher.installation import open_listing_index
from matcher.match import Matcher
from matcher.mending import forget_vectors, mend
from matcher.records import SUPPLY_KINDS, Listing, Need
from matcher.retrieval.listing_index import ListingIndex
from matcher.settings import Settings
from matcher.starting import follow
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.retrieval.lite import Lite, open_index
from tests.matcher.small import LISTINGS, PROFILE, SUPPLY

pytestmark = pytest.mark.slow

pytest.importorskip("pymilvus", reason="the extra `milvus` is not installed")
pytest.importorskip("milvus_lite", reason="the extra `milvus` is not installed")

NEED = Need("500 L发酵罐中试放大")


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lite]:
    lite = Lite(tmp_path_factory.mktemp("milvus"))
    with open_index(lite.url(), HashEncoder()):
        yield lite


class Site:
    """A database, and the followers of several processes that share collections."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self.encoder = HashEncoder()

    def index(self, *, writes: bool = True) -> ListingIndex:
        index = open_listing_index(self.settings, self.encoder, self.database, writes=writes)
        assert index is not None
        return index

    def follower(self) -> Follower:
        encodings = Encodings(DatabaseVectors(self.database, self.encoder.fingerprint), self.encoder)
        index = self.index()

        def load(listings: list[Listing]) -> Matcher:
            return Matcher.load(
                self.settings, listings, profile=PROFILE, encoder=self.encoder, encodings=encodings, index=index
            )

        return Follower(self.database, load, encodings, index=index)

    def put(self, *listings: Listing) -> None:
        with self.database.session() as session:
            put_many(session, listings, CONSOLE)

    def retire(self, *ids: str) -> None:
        with self.database.session() as session:
            retire_many(session, ids, CONSOLE)

    def stored(self) -> set[str]:
        """Ids that the collections hold."""
        index = self.index()
        both = index.full.digests().keys(), index.short.digests().keys()
        index.close()
        assert both[0] == both[1]
        return set(both[0])


@pytest.fixture
def site(database: Database, tmp_path: Path, lite: Lite) -> Site:
    site = Site(database, Settings(_env_file=None, data=tmp_path, index=lite.url()))
    site.put(*LISTINGS)
    return site


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the rows that anybody has written, in order."""
    written: list[str] = []
    put = Rows.put

    def counted(self: Rows, rows: Sequence[Row]) -> None:
        kept = list(rows)
        written.extend(row.id for row in kept)
        put(self, kept)

    monkeypatch.setattr(Rows, "put", counted)
    return written


def shown(follower: Follower) -> set[str]:
    return {match.listing.id for match in follower.live.current.match(NEED, top=1000).matches}


IDS = {listing.id for listing in SUPPLY}


def test_what_is_published_is_found_and_stored(site: Site) -> None:
    follower = site.follower()
    assert shown(follower) == site.stored() == IDS
    follower.stop()


def test_what_one_has_written_the_others_need_not_write(site: Site, writes: list[str]) -> None:
    first = site.follower()
    assert sorted(writes) == sorted([*IDS, *IDS])  # full and short texts
    writes.clear()
    second = site.follower()
    assert writes == []
    site.put(replace(LISTINGS[0], name="改了名的平台"))
    first.catch_up()
    assert writes == ["PF-1", "PF-1"]
    second.catch_up()
    assert writes == ["PF-1", "PF-1"]
    assert "改了名的平台" in {one.listing.name for one in second.live.current.match(NEED).matches}
    site.put(replace(LISTINGS[0], name="改了名的平台", source_url="https://example.org"))
    first.catch_up()
    assert writes == ["PF-1", "PF-1"]  # nothing that is searched has changed
    first.stop()
    second.stop()


def test_what_is_hidden_is_gone_from_the_next_answer(site: Site) -> None:
    first, second = site.follower(), site.follower()
    site.retire("PF-1")
    first.catch_up()
    assert shown(first) == site.stored() == IDS - {"PF-1"}
    assert "PF-1" in shown(second)  # until it looks
    second.catch_up()
    assert shown(second) == IDS - {"PF-1"}
    site.put(LISTINGS[0])
    second.catch_up()
    assert shown(second) == site.stored() == IDS
    first.stop()
    second.stop()


def test_while_milvus_is_away_the_old_state_stays_but_for_what_is_hidden(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = site.follower()
    number = follower.progress().number
    new = replace(LISTINGS[0], id="PF-9", name="新的发酵平台")
    site.put(new)
    site.retire("PF-2")
    with monkeypatch.context() as away:
        for name in ("put", "remove", "differing"):
            away.setattr(ListingIndex, name, _away)
        follower.catch_up()
        assert follower.progress().number == number
        follower.catch_up()
    assert shown(follower) == IDS - {"PF-2"}
    follower.catch_up()
    assert shown(follower) == (IDS - {"PF-2"}) | {"PF-9"}
    follower.stop()
    # What could not be removed then is passed over, and goes with the next start.
    assert "PF-2" in site.stored()
    site.follower().stop()
    assert site.stored() == (IDS - {"PF-2"}) | {"PF-9"}


def test_a_search_while_milvus_is_away_says_so_and_the_next_one_finds(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = site.follower()
    with monkeypatch.context() as away:
        away.setattr(ListingIndex, "scores", _away)
        with pytest.raises(Unavailable, match="Milvus"):
            shown(follower)
    assert shown(follower) == IDS
    follower.stop()


def test_what_somebody_else_put_there_is_never_shown(site: Site) -> None:
    follower, index = site.follower(), site.index()
    index.full.put([Row("PF-66", "", site.encoder.read_need(NEED.text).vector)])
    assert shown(follower) == IDS
    index.close()
    follower.stop()


def test_a_program_that_only_matches_writes_nothing(site: Site, writes: list[str]) -> None:
    index = site.index(writes=False)
    encodings = Encodings(DatabaseVectors(site.database, site.encoder.fingerprint), site.encoder)
    matcher = Matcher.load(
        site.settings, LISTINGS, profile=PROFILE, encoder=site.encoder, encodings=encodings, index=index
    )
    assert {match.listing.id for match in matcher.match(NEED, top=1000).matches} == IDS
    assert writes == []
    index.close()


def test_mending_makes_the_collections_like_the_database(site: Site) -> None:
    index = site.index()
    index.full.put([Row("PF-66", "", site.encoder.read_need("x").vector)])
    index.close()
    mended = mend(site.settings, site.encoder, site.database, LISTINGS)
    assert (mended.sent, mended.strangers) == (len(IDS), 1)
    assert site.stored() == IDS
    assert not mend(site.settings, site.encoder, site.database, LISTINGS)


def test_the_collections_of_another_catalogue_are_refused_until_they_are_rebuilt(
    site: Site, tmp_path: Path, lite: Lite
) -> None:
    site.index().close()
    assert site.settings.index is not None
    other = Settings(_env_file=None, data=tmp_path / "other", index=site.settings.index)
    with pytest.raises(BrokenArtefact, match="catalogue"):
        open_listing_index(other, site.encoder, None, writes=True)
    forget_vectors(other, site.encoder, None)
    index = open_listing_index(other, site.encoder, None, writes=False)
    assert index is not None
    assert index.writes  # nobody else follows a folder
    index.close()


def test_an_identity_stays_with_the_database(site: Site, tmp_path: Path) -> None:
    known = catalogue_identity(site.database, tmp_path)
    site.put(replace(LISTINGS[1], id="PF-77"))
    site.retire("PF-1")
    assert catalogue_identity(site.database, tmp_path / "elsewhere") == known
    assert catalogue_identity(None, tmp_path) == catalogue_identity(None, tmp_path / "x" / "..") != known


def test_serving_fills_and_shares(
    database: Database, tmp_path: Path, lite: Lite, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = HashEncoder()
    monkeypatch.setattr("matcher.starting.Encoders", partial(Encoders, load=lambda settings, source=None: encoder))
    settings = Settings(_env_file=None, data=tmp_path, index=lite.url(), profile="fast")
    with database.session() as session:
        put_many(session, LISTINGS, CONSOLE)
    follower = follow(settings, database)
    assert shown(follower) == {one.id for one in LISTINGS if one.kind in SUPPLY_KINDS}
    follower.stop()


def _away(*_: object, **__: object) -> None:
    raise Unavailable("连不上向量库 Milvus")
