"""Vectors in a file that all processes map: the same answers, bit for bit, whatever lies in it or beside it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher import mapping
from matcher.catalogue.database import Database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.vector_store import VectorStore
from matcher.errors import Unavailable
from matcher.following import Follower
from matcher.live import LiveMatcher
from matcher.mapping import MappedVectors, is_behind
from matcher.match import Matcher
from matcher.records import Listing
from matcher.retrieval.in_memory import InMemory
from matcher.retrieval.vector_file import VectorFile
from matcher.settings import Settings
from tests.databases import database as database
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE, SUPPLY
from tests.matcher.test_changes import EDITS, answers, told


def loaded(
    folder: Path, listings: Sequence[Listing], file: VectorFile | None = None, encoder: HashEncoder | None = None
) -> Matcher:
    encoder = encoder or HashEncoder()
    settings = Settings(_env_file=None, data=folder)
    return Matcher.load(settings, listings, profile=PROFILE, encoder=encoder, file=file)


def held(matcher: Matcher) -> InMemory:
    vectors = matcher.retriever.held
    assert isinstance(vectors, InMemory)
    return vectors


def files(folder: Path, catalogue: str = "one") -> MappedVectors:
    return MappedVectors(folder, catalogue, HashEncoder().fingerprint)


def mapped(folder: Path, listings: Sequence[Listing], number: int = 1) -> VectorFile:
    """A file of these listings' vectors."""
    mine = files(folder)
    mine.path.unlink(missing_ok=True)
    assert mine.write(held(loaded(folder, listings)), number)
    found = mine.open()
    assert found is not None
    return found


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two listings beside the file are many."""
    monkeypatch.setattr(mapping, "LEAST", 1)
    monkeypatch.setattr(mapping, "PAUSE_SECONDS", 0.0)


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), share=st.floats(0, 1))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_are_those_without_a_file_bit_for_bit_whatever_changes(tmp_path: Path, seed: int, share: float) -> None:
    random = Random(seed)
    file = mapped(tmp_path, [one for one in LISTINGS if one.id == "PF-1" or random.random() < share])
    own, shared = loaded(tmp_path, LISTINGS), loaded(tmp_path, LISTINGS, file)
    for _ in range(4):
        upserts = [replace(one, **random.choice(EDITS)) for one in random.sample(LISTINGS, 2)]
        removals = [one.id for one in random.sample(LISTINGS, 2)]
        own, shared = own.with_changes(upserts, removals), shared.with_changes(upserts, removals)
        if random.random() < 0.5:
            shared = shared.holding(held(shared).over(file))
        assert list(answers(shared)) == list(answers(own))
        assert told(shared) == told(own)


def test_nothing_of_what_the_file_has_is_held_read_or_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = mapped(tmp_path, SUPPLY)
    encoder = HashEncoder()

    class Empty:
        def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Any]:
            raise AssertionError("nothing is to be read")

    store: VectorStore = Empty()  # type: ignore[assignment]  # what is asked of it is an error
    vectors = InMemory(SUPPLY, Encodings(store, encoder), encoder.dimension, file=file)
    assert vectors.beside == 0
    assert encoder.texts == []
    assert is_behind(vectors) is False


def test_what_lies_beside_the_file_and_what_is_in_it_for_nothing(tmp_path: Path) -> None:
    file = mapped(tmp_path, SUPPLY[:8])
    vectors = held(loaded(tmp_path, SUPPLY, file))
    assert (vectors.beside, vectors.unused, len(vectors)) == (3, 0, 11)
    few = held(loaded(tmp_path, SUPPLY[2:9], file))
    assert (few.beside, few.unused, len(few)) == (1, 2, 7)


def test_what_comes_back_lies_beside_until_it_is_folded(tmp_path: Path) -> None:
    file = mapped(tmp_path, SUPPLY)
    matcher = loaded(tmp_path, SUPPLY, file).with_changes((), ["PF-1"]).with_changes([LISTINGS[0]])
    assert held(matcher).beside == 1
    assert held(matcher).over(file).beside == 0


class TestTending:
    def test_too_much_beside_is_written_and_then_mapped(self, tmp_path: Path, eager: None) -> None:
        file = mapped(tmp_path, SUPPLY[:6])
        live, mine = LiveMatcher(loaded(tmp_path, SUPPLY, file)), files(tmp_path)
        before = list(answers(live.current))
        mine.tend(live, 5)
        assert mine._thread is not None
        mine._thread.join(20)
        assert held(live.current).beside == 5
        mine.tend(live, 5)
        assert held(live.current).beside == 0
        current = held(live.current).file
        assert current is not None
        assert current.number == 5
        assert list(answers(live.current)) == before

    def test_the_other_process_maps_what_this_one_wrote(self, tmp_path: Path) -> None:
        file = mapped(tmp_path, SUPPLY[:6])
        live, other = LiveMatcher(loaded(tmp_path, SUPPLY, file)), files(tmp_path)
        assert files(tmp_path).write(held(live.current), 9)
        other.tend(live, 9)
        assert held(live.current).beside == 0
        before = live.current
        other.tend(live, 9)
        assert live.current is before

    def test_a_change_while_it_is_written_stays(self, tmp_path: Path) -> None:
        file = mapped(tmp_path, SUPPLY[:6])
        live, mine = LiveMatcher(loaded(tmp_path, SUPPLY, file)), files(tmp_path)
        old = held(live.current)
        live.apply([replace(LISTINGS[0], name="改名的发酵平台")], ["EQ-1"])
        assert mine.write(old, 9)
        mine.tend(live, 10)
        assert held(live.current).beside == 1
        assert live.current.catalogue.get("EQ-1") is None
        current = live.current.catalogue.get("PF-1")
        assert current is not None
        assert current.name == "改名的发酵平台"
        assert list(answers(live.current)) == list(answers(loaded(tmp_path, live.current.catalogue.listings)))

    def test_little_beside_is_left(self, tmp_path: Path) -> None:
        file = mapped(tmp_path, SUPPLY[:6])
        live, mine = LiveMatcher(loaded(tmp_path, SUPPLY, file)), files(tmp_path)
        mine.tend(live, 5)
        assert mine._thread is None

    def test_much_in_it_for_nothing_is_a_reason_too(self, tmp_path: Path, eager: None) -> None:
        vectors = held(loaded(tmp_path, SUPPLY[:6], mapped(tmp_path, SUPPLY)))
        assert vectors.beside == 0
        assert is_behind(vectors)

    def test_what_only_came_back_is_folded_and_nothing_written(self, tmp_path: Path, eager: None) -> None:
        file = mapped(tmp_path, SUPPLY)
        matcher = loaded(tmp_path, SUPPLY, file)
        live, mine = LiveMatcher(matcher.with_changes((), ["PF-1", "PF-2"]).with_changes(LISTINGS[:2])), files(tmp_path)
        mine.tend(live, 5)
        assert held(live.current).beside == 0
        assert mine._thread is None

    def test_a_disk_that_is_full_is_logged_and_the_service_goes_on(
        self, tmp_path: Path, eager: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        file = mapped(tmp_path, SUPPLY[:6])
        live, mine = LiveMatcher(loaded(tmp_path, SUPPLY, file)), files(tmp_path)

        def full(*arguments: object) -> None:
            raise Unavailable("向量共享文件写不进去(磁盘已满)")

        monkeypatch.setattr(InMemory, "write", full)
        mine.tend(live, 5)
        assert mine._thread is not None
        mine._thread.join(20)
        assert "磁盘已满" in caplog.text
        assert held(live.current).file is file

    def test_a_file_that_was_removed_is_written_anew_when_it_is_worth_it(self, tmp_path: Path, eager: None) -> None:
        live, mine = LiveMatcher(loaded(tmp_path, SUPPLY, mapped(tmp_path, SUPPLY[:6]))), files(tmp_path)
        mine.path.unlink()
        mine.tend(live, 5)
        assert mine._thread is not None
        mine._thread.join(20)
        assert mine.path.exists()


class TestStarting:
    def test_a_damaged_file_is_not_used_and_written_anew(self, tmp_path: Path) -> None:
        mapped(tmp_path, SUPPLY)
        mine = files(tmp_path)
        content = bytearray(mine.path.read_bytes())
        content[-1] ^= 1
        mine.path.write_bytes(content)
        assert mine.open() is None
        live = LiveMatcher(loaded(tmp_path, SUPPLY))
        mine.tend(live, 2)
        assert held(live.current).file is None
        assert mine._thread is not None
        mine._thread.join(20)
        mine.tend(live, 2)
        assert held(live.current).beside == 0
        assert files(tmp_path).open() is not None

    def test_forgotten_files_of_other_encoders_of_the_catalogue_go(self, tmp_path: Path) -> None:
        forgotten = MappedVectors(tmp_path, "one", "an encoder of last year").path
        recent = MappedVectors(tmp_path, "one", "another encoder").path
        stranger = MappedVectors(tmp_path, "two", "another encoder").path
        for path in (forgotten, recent, stranger):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"")
        for path in (forgotten, stranger):
            os.utime(path, (1e9, 1e9))
        mapped(tmp_path, SUPPLY)
        assert not forgotten.exists()
        assert recent.exists()
        assert stranger.exists()

    def test_an_empty_catalogue_has_none(self, tmp_path: Path) -> None:
        assert files(tmp_path).write(held(loaded(tmp_path, [])), 1) is False


def _writes(folder: Path, names: Sequence[str], number: int) -> None:
    listings = [replace(SUPPLY[0], id=name, name=name) for name in names]
    vectors = held(loaded(folder / str(number), listings))
    mine = MappedVectors(folder, "one", HashEncoder().fingerprint)
    for _ in range(20):
        vectors.write(mine.path, HashEncoder().fingerprint, number)


@pytest.mark.slow
def test_two_processes_that_write_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_writes, args=(tmp_path, [f"甲{n}", "乙"], n)) for n in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    found = files(tmp_path).open()
    assert found is not None
    assert found.number in (1, 2)


def test_a_follower_tends_its_file(database: Database, tmp_path: Path, eager: None) -> None:
    from tests.matcher.test_following import Site

    site = Site(database, tmp_path)
    site.put(*SUPPLY[:6])
    encodings = Encodings(DatabaseVectors(database, site.encoder.fingerprint), site.encoder)
    mine = files(tmp_path)
    settings = Settings(_env_file=None, data=tmp_path)

    def load(listings: Sequence[Listing]) -> Matcher:
        return Matcher.load(
            settings, listings, profile=PROFILE, encoder=site.encoder, encodings=encodings, file=mine.open()
        )

    first = Follower(database, load, encodings, mapped=mine)
    mine.write_if_behind(held(first.live.current), 1)
    follower = Follower(database, load, encodings, mapped=mine)
    assert held(follower.live.current).beside == 0
    site.put(*SUPPLY[6:9])
    follower.catch_up()
    assert held(follower.live.current).beside == 3
    follower.tend_file()
    assert mine._thread is not None
    mine._thread.join(20)
    for one in (follower, first):
        one.catch_up()
        one.tend_file()
        assert held(one.live.current).beside == 0
    assert list(answers(follower.live.current)) == list(answers(first.live.current))
