"""The index follows the database: at once, in other processes soon, without losing or resurrecting anything."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from matcher import following
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.listings.bulk import put_many, retire_many
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish, rollback
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.tables.governance import ProfileRow
from matcher.errors import Unavailable
from matcher.following import Follower
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.ranking.ranker import Ranker
from matcher.ranking.reranking import Lazily, card
from matcher.records import Listing, Need
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE
from tests.matcher.test_reading_ahead import READING, Pairs

NEED = Need("500 L发酵罐中试放大")


def listing(number: int, words: str = "发酵") -> Listing:
    return Listing(f"PF-{number:04}", "platform", f"{words}中试平台{number}", summary=f"{words}放大 {number} 号线")


class Site:
    """A database and the followers of several processes over it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.encoder = HashEncoder()

    def follower(self, encoder: HashEncoder | None = None) -> Follower:
        encoder = encoder or self.encoder
        encodings = Encodings(DatabaseVectors(self.database, encoder.fingerprint), encoder)
        settings = Settings(_env_file=None, data=self.folder)
        return Follower(
            self.database,
            lambda listings: Matcher.load(settings, listings, profile=PROFILE, encoder=encoder, encodings=encodings),
            encodings,
            Vocabulary.load(settings),
        )

    def publish(self, late: float) -> StoredProfile:
        document = Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}))
        with self.database.session() as session:
            stored = create(session, CONSOLE, "city", document, "试一试")
            publish(session, CONSOLE, stored.id, "上线")
        return stored

    def put(self, *listings: Listing) -> None:
        with self.database.session() as session:
            put_many(session, listings, CONSOLE)

    def retire(self, *ids: str) -> None:
        with self.database.session() as session:
            retire_many(session, ids, CONSOLE)


def shown(follower: Follower) -> set[str]:
    """What a match can bring."""
    return {match.listing.id for match in follower.live.current.match(NEED, top=1000).matches}


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return Site(database, tmp_path)


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 2)
    monkeypatch.setattr(following, "BATCH", 3)


class TestOneProcess:
    def test_it_starts_with_what_is_published(self, site: Site) -> None:
        site.put(*LISTINGS)
        site.retire("PF-1")
        follower = site.follower()
        assert "PF-2" in shown(follower)
        assert "PF-1" not in shown(follower)

    def test_an_empty_database_answers_with_nothing_and_takes_its_first_listing(self, site: Site) -> None:
        follower = site.follower()
        assert shown(follower) == set()
        site.put(listing(1))
        follower.catch_up()
        assert shown(follower) == {"PF-0001"}

    def test_a_change_is_there_after_catching_up_and_a_listing_that_went_is_gone(self, site: Site) -> None:
        site.put(listing(1), listing(2))
        follower = site.follower()
        site.put(listing(3), listing(1, "冻干"))
        site.retire("PF-0002")
        follower.catch_up()
        assert shown(follower) == {"PF-0001", "PF-0003"}
        current = follower.live.current.catalogue.get("PF-0001")
        assert current is not None
        assert current.name == "冻干中试平台1"

    def test_it_answers_as_one_that_starts_anew(self, site: Site) -> None:
        site.put(*LISTINGS)
        follower = site.follower()
        site.put(listing(1), listing(2))
        site.retire("PF-2", "EQ-1")
        follower.catch_up()
        one, other = (each.live.current.match(NEED, top=100) for each in (follower, site.follower()))
        assert [(m.listing.id, m.score, m.grade) for m in one.matches] == [
            (m.listing.id, m.score, m.grade) for m in other.matches
        ]

    def test_catching_up_with_nothing_changes_nothing(self, site: Site) -> None:
        site.put(listing(1))
        follower = site.follower()
        before = follower.live.current
        follower.catch_up()
        assert follower.live.current is before

    def test_what_was_rolled_back_is_never_seen(self, site: Site) -> None:
        follower = site.follower()
        with site.database.session() as session:
            put_many(session, [listing(1)], CONSOLE)
            session.rollback()
        follower.catch_up()
        assert shown(follower) == set()

    def test_a_restart_encodes_nothing(self, site: Site) -> None:
        site.put(*LISTINGS)
        site.follower()
        again = HashEncoder()
        site.follower(again)
        assert again.texts == []


@pytest.mark.usefixtures("few_at_once")
class TestBackground:
    def test_many_new_texts_are_left_to_the_background_and_come_in_batches(self, site: Site) -> None:
        follower = site.follower()
        site.put(*(listing(number) for number in range(8)))
        follower.catch_up()
        assert shown(follower) == set()
        assert follower.progress().waiting == 8
        seen = [0]
        while follower.encode_waiting():
            seen.append(len(shown(follower)))
        assert seen == [0, 3, 6, 8]
        assert follower.progress().waiting == 0

    def test_what_goes_while_it_waits_never_comes(self, site: Site) -> None:
        follower = site.follower()
        site.put(*(listing(number) for number in range(8)))
        follower.catch_up()
        site.retire("PF-0003")
        follower.catch_up()
        while follower.encode_waiting():
            pass
        assert shown(follower) == {listing(number).id for number in range(8)} - {"PF-0003"}

    def test_hiding_does_not_wait_for_an_import(self, site: Site) -> None:
        site.put(listing(100))
        follower = site.follower()
        site.put(*(listing(number) for number in range(8)))
        site.retire("PF-0100")
        follower.catch_up()
        assert "PF-0100" not in shown(follower)
        assert follower.progress().waiting == 8

    def test_what_changes_while_it_is_encoded_comes_as_it_is_now(self, site: Site) -> None:
        follower = site.follower()
        site.put(*(listing(number) for number in range(3)))
        follower.catch_up()
        read = follower._encodings.read

        def change_meanwhile(texts: list[str]) -> object:
            done = read(texts)
            site.put(listing(1, "冻干"))
            site.retire("PF-0002")
            return done

        follower._encodings.read = change_meanwhile  # type: ignore[method-assign, assignment]  # a writer in between
        follower.encode_waiting()
        follower._encodings.read = read  # type: ignore[method-assign]
        assert shown(follower) == {"PF-0000"}
        follower.catch_up()
        while follower.encode_waiting():
            pass
        assert shown(follower) == {"PF-0000", "PF-0001"}
        changed = follower.live.current.catalogue.get("PF-0001")
        assert changed is not None
        assert changed.name.startswith("冻干")

    def test_a_start_with_many_new_texts_answers_first(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(following, "AT_START", 4)
        site.put(listing(100))
        site.follower()
        site.put(*(listing(number) for number in range(8)))
        follower = site.follower()
        assert shown(follower) == {"PF-0100"}
        assert follower.progress().waiting == 8


class TestProfiles:
    def test_a_published_profile_ranks_the_next_answer_and_is_named_in_it(self, site: Site) -> None:
        site.put(*LISTINGS)
        follower = site.follower()
        before = follower.live.current.match(NEED)
        stored = site.publish(1.0)
        follower.catch_up()
        after = follower.live.current.match(NEED)
        assert (after.profile, after.profile_version) == ("city", "1")
        assert [match.score for match in after.matches] != [match.score for match in before.matches]
        assert follower.progress().profile == stored.id

    def test_a_restart_ranks_by_what_is_published(self, site: Site) -> None:
        site.put(*LISTINGS)
        site.publish(1.0)
        site.publish(2.0)
        assert site.follower().live.current.match(NEED).profile_version == "2"

    def test_rolling_back_is_followed_too(self, site: Site) -> None:
        follower = site.follower()
        site.publish(1.0)
        site.publish(2.0)
        follower.catch_up()
        with site.database.session() as session:
            rollback(session, CONSOLE, "差了")
        follower.catch_up()
        assert follower.live.current.ranker.profile.version == "1"

    def test_one_that_can_not_be_loaded_leaves_the_old_one_serving_and_says_so(
        self, site: Site, caplog: pytest.LogCaptureFixture
    ) -> None:
        site.put(*LISTINGS)
        follower = site.follower()
        site.publish(1.0)
        follower.catch_up()
        broken = site.publish(2.0)
        with site.database.session() as session:
            session.execute(update(ProfileRow).where(ProfileRow.id == broken.id).values(document="{}"))
        follower.catch_up()
        assert follower.live.current.match(NEED).profile_version == "1"
        assert "city 第 2 版" in (follower.progress().complaint or "")
        assert "继续使用原方案" in caplog.text
        site.publish(3.0)
        follower.catch_up()
        assert follower.live.current.match(NEED).profile_version == "3"
        assert follower.progress().complaint is None

    @pytest.mark.slow
    def test_answers_during_a_hundred_switches_are_each_of_one_profile(self, site: Site) -> None:
        """Whoever takes the matcher of the moment keeps it: name, scores and order belong together."""
        site.put(*LISTINGS)
        follower = site.follower()
        seen: list[tuple[str, tuple[float, ...]]] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                answer = follower.live.current.match(NEED, explained=False)
                scores = tuple(match.score for match in answer.matches)
                seen.append((f"{answer.profile}@{answer.profile_version}", scores))

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for late in range(1, 101):
            site.publish(float(late))
            follower.catch_up()
        done.set()
        for thread in threads:
            thread.join()
        by_version: dict[str, set[tuple[float, ...]]] = {}
        for version, scores in seen:
            by_version.setdefault(version, set()).add(scores)
        assert all(len(scores) == 1 for scores in by_version.values())
        assert len(by_version) > 3


class TestFailures:
    def test_a_database_that_is_away_leaves_the_index_as_it_was(
        self, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        site.put(listing(1))
        follower = site.follower()
        site.put(listing(2))

        def away(*_: object) -> None:
            raise Unavailable("数据库不可用")

        with monkeypatch.context() as patch:
            patch.setattr(following, "changed_after", away)
            follower.catch_up()
        assert shown(follower) == {"PF-0001"}
        assert "数据库不可用" in caplog.text
        follower.catch_up()
        assert shown(follower) == {"PF-0001", "PF-0002"}

    def test_an_encoder_that_fails_is_tried_again(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        follower = site.follower()
        site.put(listing(1))

        def broken(text: str) -> None:
            raise Unavailable("编码器不可用")

        with monkeypatch.context() as patch:
            patch.setattr(site.encoder, "read_listing", broken)
            follower.catch_up()
            assert shown(follower) == set()
        follower.catch_up()
        assert shown(follower) == {"PF-0001"}


class TestSeveralProcesses:
    def test_another_process_sees_a_change_within_a_second(self, site: Site) -> None:
        site.put(listing(1))
        writer, other = site.follower(), site.follower()
        other.start()
        try:
            site.put(listing(2))
            writer.catch_up()
            began = time.monotonic()
            while "PF-0002" not in shown(other):
                assert time.monotonic() - began < 10
                time.sleep(0.01)
            site.retire("PF-0001")
            while "PF-0001" in shown(other):
                assert time.monotonic() - began < 10
                time.sleep(0.01)
        finally:
            other.stop()

    @pytest.mark.slow
    def test_any_order_of_work_ends_with_what_the_database_says(self, site: Site) -> None:
        followers = [site.follower(), site.follower()]
        for follower in followers:
            follower.start()
        expected: set[str] = set()
        lock = threading.Lock()

        def write(seed: int) -> None:
            chance = random.Random(seed)
            for _ in range(15):
                number = chance.randrange(12)
                with lock:  # so that `expected` is what the database ends with
                    if chance.random() < 0.6:
                        site.put(listing(number, chance.choice(["发酵", "冻干", "涂布"])))
                        expected.add(listing(number).id)
                    else:
                        site.retire(listing(number).id)
                        expected.discard(listing(number).id)
                followers[seed % 2].catch_up()

        threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for follower in followers:
            follower.stop()
            follower.catch_up()
            assert shown(follower) == expected


@pytest.mark.slow
def test_listings_are_read_ahead_for_the_re_ranker_while_it_follows(site: Site) -> None:
    site.put(listing(1), listing(2))
    follower, pairs = site.follower(), Pairs()
    follower.live.current._together = Lazily(lambda few: pairs)
    follower.live.current.ranker = Ranker(READING)
    follower.start()
    try:
        wait_for(lambda: len(pairs.read) == 2)
        site.put(listing(3))
        wait_for(lambda: card(listing(3)) in pairs.read)
    finally:
        follower.stop()
    assert sorted(pairs.read) == sorted(map(card, map(listing, (1, 2, 3))))


def wait_for(done: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert done()
