"""What is kept of listings is what reading them anew says, whatever happened to the file."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.catalogue.listings_file import read_listings
from matcher.ranking import kept_facts
from matcher.ranking.facts import ListingFacts, Tables, default_tables, facts_of_all
from matcher.ranking.kept_facts import KeptFacts, program
from matcher.records import Listing
from tests.matcher.small import LISTINGS

SHIPPED = Path(__file__).parents[3] / "datasets" / "listings.jsonl"


class Reading:
    """Tells which listings are read, in the place of `facts_of_all`."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def __call__(self, listings: Sequence[Listing], tables: Tables) -> tuple[ListingFacts, ...]:
        self.ids += [listing.id for listing in listings]
        return facts_of_all(listings, tables)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    found = Reading()
    monkeypatch.setattr(kept_facts, "facts_of_all", found)
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mapped" / "one.facts"


def kept(path: Path, listings: Sequence[Listing] = LISTINGS) -> tuple[ListingFacts, ...]:
    return KeptFacts(path).of_all(listings, default_tables())


def ids(listings: Iterable[Listing]) -> list[str]:
    return [listing.id for listing in listings]


def test_the_shipped_catalogue_comes_back_as_it_was_read(path: Path, reading: Reading) -> None:
    listings = read_listings(SHIPPED)
    read = facts_of_all(listings, default_tables())
    assert kept(path, listings) == read
    reading.ids.clear()
    assert kept(path, listings) == read
    assert reading.ids == []


@given(
    st.lists(st.sampled_from(LISTINGS), unique_by=lambda one: one.id, max_size=6),
    st.lists(st.sampled_from(LISTINGS), unique_by=lambda one: one.id, max_size=6),
    st.sets(st.sampled_from(ids(LISTINGS))),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_catalogue_after_any_other(
    tmp_path: Path, first: list[Listing], then: list[Listing], edited: set[str]
) -> None:
    path = tmp_path / "any.facts"
    kept(path, first)
    now = [replace(one, summary=f"{one.summary}另有50 L反应釜。") if one.id in edited else one for one in then]
    assert kept(path, now) == facts_of_all(now, default_tables())


def test_only_what_is_new_or_changed_is_read(path: Path, reading: Reading) -> None:
    kept(path, LISTINGS[:6])
    reading.ids.clear()
    changed = replace(LISTINGS[0], city="深圳")
    found = kept(path, [changed, *LISTINGS[1:8]])
    assert reading.ids == ids([changed, *LISTINGS[6:8]])
    assert found == facts_of_all([changed, *LISTINGS[1:8]], default_tables())


@pytest.mark.parametrize("field", ["summary", "name", "operator"])
def test_what_is_not_published_any_more_does_not_stay_in_the_file(path: Path, field: str) -> None:
    secret = replace(LISTINGS[0], **{field: "绝密77 L发酵罐"})
    kept(path, [secret, *LISTINGS[1:3]])
    kept(path, LISTINGS[1:3])
    assert "绝密77".encode() not in path.read_bytes()
    assert secret.id.encode() not in path.read_bytes()


def test_a_file_that_says_the_same_is_left_alone(path: Path) -> None:
    kept(path)
    mark = path.stat().st_ino, path.stat().st_mtime_ns
    kept(path, LISTINGS[::-1])
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == mark


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "damaged.facts"
    kept(path)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans(), label="cut"):
        path.write_bytes(whole[:place])
    else:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :])
    assert kept(path) == facts_of_all(LISTINGS, default_tables())
    assert path.read_bytes()[:-1].startswith(whole[:80])


def test_another_program_reads_anew(path: Path, reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(path)
    reading.ids.clear()
    monkeypatch.setattr(kept_facts, "program", lambda: "0" * 64)
    kept(path)
    assert reading.ids == ids(LISTINGS)


@pytest.mark.parametrize("changed", ["matcher/understanding/text.py", "datasets/units.toml"])
def test_the_program_is_its_source_and_its_tables(
    tmp_path: Path, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("matcher/understanding/text.py", "matcher/records.py", "datasets/units.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(kept_facts, "_ROOT", tmp_path)
    plain = program.__wrapped__
    before = plain()
    assert plain() == before
    (tmp_path / changed).write_text("else")
    assert plain() != before


class _Dangerous:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


@pytest.mark.parametrize("put", [_Dangerous(), {b"key": threading.Event}, [1, 2]])
def test_nothing_but_facts_is_made_of_a_file(path: Path, put: object, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[object] = []
    monkeypatch.setattr(os, "system", run.append)
    kept(path)
    head = path.read_bytes().split(b"\n", 2)
    body = pickle.dumps(put)
    path.write_bytes(b"\n".join(head[:2]) + b"\n" + hashlib.sha256(body).digest() + body)
    assert kept(path) == facts_of_all(LISTINGS, default_tables())
    assert run == []


def test_a_folder_that_cannot_be_written_costs_only_time(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with caplog.at_level(logging.WARNING, "pilotmatch"):
        assert kept(path) == facts_of_all(LISTINGS, default_tables())
    assert "存不下来" in caplog.text
    assert list(path.parent.iterdir()) == []


def test_others_may_not_read_it(path: Path) -> None:
    kept(path)
    assert path.stat().st_mode & 0o077 == 0


def test_several_at_once_leave_a_whole_file(path: Path, reading: Reading) -> None:
    parts = [LISTINGS[:4], LISTINGS[2:8], LISTINGS]
    threads = [threading.Thread(target=kept, args=(path, part)) for part in parts * 3]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    reading.ids.clear()
    assert kept(path) == facts_of_all(LISTINGS, default_tables())
    kept(path)
    assert len(reading.ids) <= len(LISTINGS)
