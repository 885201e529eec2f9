"""Listings are read for the re-ranker while there is time: each once, changed ones again, in nobody's way."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.ranking.profile import Profile
from matcher.ranking.reranking import Floats, Lazily, card
from matcher.reading_ahead import SHARE, ReadingAhead
from matcher.records import SUPPLY_KINDS, Need
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE

SUPPLY = [listing for listing in LISTINGS if listing.kind in SUPPLY_KINDS]
CARDS = sorted(card(listing) for listing in SUPPLY)
READING = replace(PROFILE, reads=4)


class Pairs:
    """A re-ranker that notes what it reads ahead, and takes its time."""

    def __init__(self, seconds: float = 0.0, kept: Sequence[str] = (), broken: Sequence[str] = ()) -> None:
        self.seconds, self.kept, self.broken = seconds, set(kept), set(broken)
        self.read: list[str] = []

    def scores(self, need: str, cards: Sequence[str]) -> Floats:
        return np.zeros(len(cards), np.float32)

    def begin(self, need: str) -> None:
        pass

    def keep(self, cards: Sequence[str]) -> int:
        new = [one for one in cards if one not in self.kept]
        self.read += new
        if self.broken & set(new):
            raise OSError("disk")
        time.sleep(self.seconds)
        self.kept |= set(new)
        return len(new)


class Waits(list[float]):
    def __call__(self, seconds: float) -> bool:
        self.append(seconds)
        return False


def live(folder: Path, pairs: Pairs, profile: Profile = READING) -> LiveMatcher:
    matcher = Matcher.load(Settings(_env_file=None, data=folder), SUPPLY, profile=PROFILE, encoder=HashEncoder())
    matcher._together = Lazily(lambda few: pairs)
    matcher.ranker = type(matcher.ranker)(profile)
    return LiveMatcher(matcher)


def all_steps(reading: ReadingAhead) -> int:
    count = 0
    while reading.step():
        count += 1
    return count


def test_each_listing_is_read_once(tmp_path: Path) -> None:
    pairs = Pairs()
    reading = ReadingAhead(live(tmp_path, pairs), threading.Event(), Waits())
    assert all_steps(reading) == len(SUPPLY)
    assert sorted(pairs.read) == CARDS
    assert not reading.step()


def test_what_changes_is_read_again_and_nothing_else(tmp_path: Path) -> None:
    pairs = Pairs()
    place = live(tmp_path, pairs)
    reading = ReadingAhead(place, threading.Event(), Waits())
    all_steps(reading)
    pairs.read.clear()
    changed, new = replace(SUPPLY[0], summary="改过"), replace(SUPPLY[1], id="PF-99", name="新平台")
    place.apply([changed, new], [SUPPLY[2].id])
    all_steps(reading)
    assert sorted(pairs.read) == sorted([card(changed), card(new)])
    place.apply([], [new.id])
    assert all_steps(reading) == 0


def test_it_rests_in_proportion_to_what_it_took(tmp_path: Path) -> None:
    waits = Waits()
    assert all_steps(ReadingAhead(live(tmp_path, Pairs(seconds=0.003)), threading.Event(), waits)) == len(waits)
    assert min(waits) >= 0.003 * (1 / SHARE - 1)


def test_what_another_process_has_read_costs_no_rest(tmp_path: Path) -> None:
    pairs, waits = Pairs(kept=CARDS), Waits()
    assert all_steps(ReadingAhead(live(tmp_path, pairs), threading.Event(), waits)) == len(SUPPLY)
    assert (pairs.read, waits) == ([], [])


def test_what_cannot_be_read_is_told_and_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pairs = Pairs(broken=CARDS[:2])
    with caplog.at_level(logging.WARNING):
        assert all_steps(ReadingAhead(live(tmp_path, pairs), threading.Event(), Waits())) == len(SUPPLY)
    assert sorted(pairs.read) == CARDS
    assert len([one for one in caplog.records if "预读" in one.message]) == 2


def test_profiles_without_a_re_ranker_read_nothing_until_one_comes(tmp_path: Path) -> None:
    pairs = Pairs()
    place = live(tmp_path, pairs, PROFILE)
    reading = ReadingAhead(place, threading.Event(), Waits())
    assert all_steps(reading) == 0

    def with_reading(matcher: Matcher) -> Matcher:
        after = matcher.with_changes([replace(SUPPLY[0], summary="改过")])
        after.ranker = type(after.ranker)(READING)
        return after

    place.replace(with_reading)
    assert all_steps(reading) == len(SUPPLY)


def test_a_catalogue_beyond_what_is_kept_is_not_read_ahead(tmp_path: Path) -> None:
    pairs = Pairs()
    assert all_steps(ReadingAhead(live(tmp_path, pairs), threading.Event(), Waits(), most=len(SUPPLY) - 1)) == 0
    assert all_steps(ReadingAhead(live(tmp_path, pairs), threading.Event(), Waits(), most=len(SUPPLY))) == len(SUPPLY)


@pytest.mark.slow
def test_matches_go_on_meanwhile_and_it_ends_when_told(tmp_path: Path) -> None:
    pairs, stopping = Pairs(seconds=0.01), threading.Event()
    place = live(tmp_path, pairs)
    thread = threading.Thread(target=ReadingAhead(place, stopping).run)
    thread.start()
    assert place.current.match(Need("500 L发酵罐")).matches
    deadline = time.monotonic() + 20
    while len(pairs.read) < len(SUPPLY) and time.monotonic() < deadline:
        time.sleep(0.01)
    stopping.set()
    thread.join(5)
    assert not thread.is_alive()
    assert sorted(pairs.read) == CARDS
