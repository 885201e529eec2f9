"""The matcher in place: whole at every moment, no change lost, none half done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from matcher.catalogue.encodings import Encodings
from matcher.catalogue.vector_store import Stored
from matcher.errors import Unavailable
from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.records import Listing, Need
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE

NEED = Need(text="酶制剂发酵放大到500 L,广东")


def made(number: int, name: str = "新平台") -> Listing:
    return replace(LISTINGS[number % 5], id=f"N-{number:03}", name=f"{name}{number}")


@pytest.fixture
def live(tmp_path: Path) -> LiveMatcher:
    settings = Settings(_env_file=None, data=tmp_path)
    return LiveMatcher(Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=HashEncoder()))


def ids(matcher: Matcher) -> set[str]:
    return {match.listing.id for match in matcher.match(NEED, top=500, keep_removed=True).matches}


def test_a_change_is_in_the_next_answer(live: LiveMatcher) -> None:
    before = live.current
    after = live.apply([made(1)], ["PF-1"])
    assert live.current is after
    assert ids(after) == ids(before) - {"PF-1"} | {"N-001"}
    assert "PF-1" in ids(before)


def test_repeated_it_is_no_work(live: LiveMatcher) -> None:
    first = live.apply([made(1)], ["PF-1"])
    assert live.apply([made(1)], ["PF-1", "unknown"]) is first
    assert live.apply() is first


def test_changes_from_many_threads_are_all_there(live: LiveMatcher) -> None:
    before = ids(live.current)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: live.apply([made(number)]), range(40)))
        list(pool.map(lambda number: live.apply([], [f"N-{number:03}"]), range(0, 40, 2)))
    assert ids(live.current) == before | {f"N-{number:03}" for number in range(1, 40, 2)}


@pytest.mark.slow
def test_readers_see_one_state_from_beginning_to_end(live: LiveMatcher) -> None:
    """Pairs come and go together: an answer with half a pair would be of no state at all."""
    stop = Event()
    faults: list[object] = []

    def read() -> None:
        while not stop.is_set():
            try:
                matcher = live.current
                found = ids(matcher)
                if found != {one.id for one in matcher.catalogue.supply} or ("N-001" in found) != ("N-002" in found):
                    faults.append(found)
            except Exception as error:
                faults.append(error)

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(30):
        live.apply([made(1, f"第{turn}次"), made(2, f"第{turn}次")])
        live.apply([], ["N-001", "N-002"])
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []


class Failing:
    """A store in memory that takes nothing from some moment on."""

    def __init__(self) -> None:
        self.fails = False
        self._known: dict[bytes, Stored] = {}

    def known(self, keys: Collection[bytes]) -> set[bytes]:
        return set(keys) & self._known.keys()

    def get_many(self, keys: Collection[bytes]) -> dict[bytes, Stored]:
        return {key: self._known[key] for key in keys if key in self._known}

    def put_many(self, segment: Mapping[bytes, Stored]) -> None:
        if self.fails:
            raise Unavailable("磁盘已满")
        self._known.update(segment)

    def forget(self) -> None:
        self._known.clear()


def test_a_failure_leaves_the_matcher_in_place(tmp_path: Path) -> None:
    encoder, store = HashEncoder(), Failing()
    settings, encodings = Settings(_env_file=None, data=tmp_path), Encodings(store, encoder)
    live = LiveMatcher(Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=encoder, encodings=encodings))
    before, answer = live.current, ids(live.current)
    store.fails = True
    with pytest.raises(Unavailable, match="磁盘已满"):
        live.apply([made(1)], ["PF-1"])
    assert live.current is before
    assert ids(live.current) == answer
    live.apply([], ["PF-2"])  # needs no new vector
    assert ids(live.current) == answer - {"PF-2"}
    store.fails = False
    live.apply([made(1)], ["PF-1"])
    assert ids(live.current) == answer - {"PF-1", "PF-2"} | {"N-001"}


def test_replaced_by_what_is_made_of_it(live: LiveMatcher) -> None:
    seen: list[Matcher] = []

    def change(matcher: Matcher) -> Matcher:
        seen.append(matcher)
        return matcher.with_changes([made(3)])

    before = live.current
    assert live.replace(change) is live.current
    assert seen == [before]
    assert "N-003" in ids(live.current)
