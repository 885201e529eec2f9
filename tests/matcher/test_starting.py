"""A start over a database: what is done once for several processes, and that they answer as one would alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from matcher import starting
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database, open_database
from matcher.catalogue.listings.bulk import put_many, retire_many
from matcher.catalogue.tables.vectors import VectorRow
from matcher.encoders import Encoders
from matcher.errors import Unavailable
from matcher.mapping import MappedVectors
from matcher.match import Matcher
from matcher.ranking import kept_facts
from matcher.ranking.facts import ListingFacts, Tables, facts_of_all
from matcher.records import Listing, Need
from matcher.retrieval.in_memory import InMemory
from matcher.settings import Settings
from matcher.starting import follow, prepare
from tests.matcher.hash_encoder import BothHashEncoder
from tests.matcher.small import LISTINGS, SUPPLY

NEEDS = [Need("500 L发酵罐中试放大,要求GMP"), Need("8英寸MEMS晶圆流片,上海"), Need("喷雾干燥50 kg/h,福建优先")]


class Site:
    """An installation, the encoder of each of its processes, and what their reading of listings comes to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings = Settings(_env_file=None, data=folder, profile="fast")
        self.encoder, self.read = BothHashEncoder(), list[str]()
        monkeypatch.setattr(starting, "Encoders", partial(Encoders, load=lambda settings, source=None: self.encoder))
        monkeypatch.setattr(kept_facts, "facts_of_all", self._facts_of_all)
        with self.database.session() as session:
            put_many(session, LISTINGS, CONSOLE)

    def _facts_of_all(self, listings: Sequence[Listing], tables: Tables) -> tuple[ListingFacts, ...]:
        self.read += [listing.id for listing in listings]
        return facts_of_all(listings, tables)

    @property
    def database(self) -> Database:
        return open_database(self.settings)

    def matcher(self, *, mapped: bool = True) -> Matcher:
        """What a process answers with that starts now."""
        follower = follow(self.settings, self.database, mapped=mapped)
        follower.stop()
        return follower.live.current

    def forget(self) -> None:
        self.encoder.texts.clear()
        self.read.clear()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def told(matcher: Matcher) -> list[object]:
    return [replace(matcher.match(need, top=20), took_ms=0.0) for need in NEEDS]


def test_processes_that_start_then_encode_nothing_and_read_nothing(site: Site) -> None:
    alone = told(site.matcher(mapped=False))
    site.forget()
    prepare(site.settings)
    site.forget()
    found = site.matcher()
    assert (site.encoder.texts, site.read) == ([], [])
    held = found.retriever.held
    assert isinstance(held, InMemory)
    assert held.beside == 0
    assert told(found) == alone


def test_what_is_kept_is_as_good_as_what_is_read(site: Site) -> None:
    prepare(site.settings)
    matcher = site.matcher()
    assert matcher.conditions.facts == facts_of_all(matcher.catalogue.supply)


def test_the_first_start_fills_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.installation.shipped_or_loaded", lambda settings: LISTINGS[:5])
    monkeypatch.setattr(starting, "Encoders", partial(Encoders, load=lambda settings, source=None: BothHashEncoder()))
    settings = Settings(_env_file=None, data=tmp_path, profile="fast")
    prepare(settings)
    follower = follow(settings, open_database(settings), mapped=True)
    follower.stop()
    assert {one.id for one in follower.live.current.catalogue.listings} == {one.id for one in LISTINGS[:5]}
    assert follower.progress().profile is not None


def test_preparing_loads_no_matcher(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Matcher, "load", lambda *_, **__: pytest.fail("seconds for nothing"))
    prepare(site.settings)


def test_a_start_after_a_change_reads_what_changed(site: Site) -> None:
    prepare(site.settings)
    with site.database.session() as session:
        put_many(session, [Listing("PF-77", "platform", "新来的50 L发酵平台", summary="发酵")], CONSOLE)
        retire_many(session, [SUPPLY[0].id], CONSOLE)
    site.forget()
    matcher = site.matcher()
    assert site.read == ["PF-77"]
    assert {"PF-77"} <= {one.id for one in matcher.catalogue.supply} <= {"PF-77", *(one.id for one in SUPPLY[1:])}
    site.forget()
    site.matcher()
    assert site.read == []


def test_damaged_vectors_are_mended(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    prepare(site.settings)
    whole = told(site.matcher())
    for path in (site.settings.data / "mapped").glob("*.vectors"):
        path.unlink()
    with site.database.session() as session:
        session.execute(update(VectorRow).values(pooled=b"\x00\x00\x00\x00"))
    with caplog.at_level(logging.WARNING, "pilotmatch"):
        prepare(site.settings)
    assert "已修补" in caplog.text
    assert told(site.matcher()) == whole


def test_without_room_each_process_has_its_own(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> bool:
        raise Unavailable("向量共享文件写不进去")

    monkeypatch.setattr(MappedVectors, "write_if_behind", full)
    with caplog.at_level(logging.WARNING, "pilotmatch"):
        prepare(site.settings)
    assert "各自保存一份" in caplog.text
    held = site.matcher().retriever.held
    assert isinstance(held, InMemory)
    assert held.beside == len(SUPPLY)


@pytest.mark.parametrize(("profile", "wanted"), [("fast", False), ("default", True)])
def test_the_re_ranker_is_built_where_the_profile_reads_pairs(
    site: Site, monkeypatch: pytest.MonkeyPatch, profile: str, wanted: bool
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(starting, "open_reranker", lambda settings, encoder: opened.append(encoder))
    prepare(site.settings.model_copy(update={"profile": profile}))
    assert bool(opened) is wanted


def test_a_re_ranker_that_cannot_be_built_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise Unavailable("重排模型损坏")

    monkeypatch.setattr(starting, "open_reranker", broken)
    with caplog.at_level(logging.WARNING, "pilotmatch"):
        prepare(site.settings.model_copy(update={"profile": "default"}))
    assert "重排模型损坏" in caplog.text
