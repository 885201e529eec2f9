"""Another encoder: the old one serves until every listing is encoded, then all changes at once."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from matcher import reembedding
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.database_vectors import DatabaseVectors
from matcher.catalogue.listings.bulk import put_many, retire_many
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish, rollback
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.encoders import Encoders
from matcher.errors import Conflict, Unavailable
from matcher.following import Follower
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.records import SUPPLY_KINDS, Listing, Matches, Need
from matcher.reembedding import Reencoded, at_start
from matcher.retrieval.views import full_text, short_text
from matcher.retrieval.vocabulary import Vocabulary
from matcher.settings import Settings
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE

NEED = Need("500 L发酵罐中试放大")
SUPPLY = [one for one in LISTINGS if one.kind in SUPPLY_KINDS]
TEXTS = len({text for one in SUPPLY for text in (full_text(one), short_text(one))})


class Machine:
    """One process: the encoders that it has loaded by name, and how often each was."""

    def __init__(self, database: Database, folder: Path, encoders: str = "other,third") -> None:
        self.database = database
        self.settings = Settings(_env_file=None, data=folder, encoders=encoders)
        self.loaded: dict[str | None, HashEncoder] = {}
        self.fails: set[str | None] = set()
        self.encoders = Encoders(self.settings, database, load=self.load)

    def load(self, settings: Settings, source: str | None) -> HashEncoder:
        if settings.encoder_named(source) is not None and source in self.fails:
            raise Unavailable(f"编码器 {source} 不可用")
        self.loaded[source] = HashEncoder(source or "own")
        return self.loaded[source]

    def follower(self) -> Follower:
        opened = at_start(self.encoders, self.database)
        return Follower(
            self.database,
            lambda listings: Matcher.load(
                self.settings, listings, profile=PROFILE, encoder=opened.encoder, encodings=opened.encodings,
                source=opened.source,
            ),
            opened.encodings,
            Vocabulary.load(self.settings),
            encoders=self.encoders,
        )  # fmt: skip


class Site:
    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.put(*LISTINGS)
        self.first = self.publish(None, late=1.0)

    def machine(self, encoders: str = "other,third") -> Machine:
        return Machine(self.database, self.folder, encoders)

    def publish(self, source: str | None, *, late: float = 2.0, encoder: str = "") -> StoredProfile:
        profile = replace(PROFILE, weights=PROFILE.weights | {"late": late}, encoder=encoder)
        with self.database.session() as session:
            stored = create(session, CONSOLE, "city", Document(profile, encoder_source=source), "试一试")
            publish(session, CONSOLE, stored.id, "上线")
        return stored

    def roll_back(self) -> None:
        with self.database.session() as session:
            rollback(session, CONSOLE, "差了")

    def put(self, *listings: Listing) -> None:
        with self.database.session() as session:
            put_many(session, listings, CONSOLE)

    def retire(self, *ids: str) -> None:
        with self.database.session() as session:
            retire_many(session, ids, CONSOLE)


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return Site(database, tmp_path)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reembedding, "BATCH", 4)
    monkeypatch.setattr(reembedding, "LOOKED_UP", 8)


def told(answer: Matches) -> tuple[str, tuple[tuple[str, float], ...]]:
    """The version, and all by which one encoder or profile can be told from another."""
    return answer.profile_version, tuple((match.listing.id, match.score) for match in answer.matches)


def answer(follower: Follower) -> tuple[str, tuple[tuple[str, float], ...]]:
    return told(follower.live.current.match(NEED, top=100))


def finish(follower: Follower) -> int:
    """Steps until nothing waits."""
    steps = 0
    while follower.reencode():
        steps += 1
    return steps


def listing(number: int) -> Listing:
    return Listing(f"PF-{number:04}", "platform", f"冻干中试平台{number}", summary=f"冻干放大 {number} 号线")


class TestSwitching:
    def test_the_old_one_serves_until_all_is_encoded_and_then_it_answers_as_one_that_starts_with_it(
        self, site: Site
    ) -> None:
        follower = site.machine().follower()
        before = answer(follower)
        site.publish("other")
        follower.catch_up()
        seen: list[Reencoded] = []
        while (progress := follower.progress().reencoded) is not None:
            assert answer(follower) == before
            seen.append(progress)
            assert follower.reencode()
        assert seen[0] == Reencoded(0, 0)
        assert seen[-1] == Reencoded(TEXTS, TEXTS)
        assert [one.done for one in seen] == sorted(one.done for one in seen)
        assert not follower.reencode()
        after = answer(follower)
        assert after[0] == "2"
        assert after[1] != before[1]
        anew = site.machine()
        assert answer(anew.follower()) == after
        assert list(anew.loaded) == ["other"], "a start with it loads no other"
        assert anew.loaded["other"].texts == [], "and encodes nothing"

    def test_scores_are_those_of_the_other_encoder(self, site: Site) -> None:
        """Against a matcher that never knew another one."""
        machine = site.machine()
        follower = machine.follower()
        stored = site.publish("other")
        follower.catch_up()
        finish(follower)
        alone = Matcher.load(
            machine.settings, LISTINGS, profile=stored.document().profile, encoder=HashEncoder("other")
        )
        assert answer(follower)[1] == told(alone.match(NEED, top=100))[1]

    def test_with_the_vectors_there_one_step_does(self, site: Site) -> None:
        first = site.machine().follower()
        site.publish("other")
        first.catch_up()
        finish(first)
        site.publish(None, late=3.0)
        first.catch_up()
        assert finish(first) == 1
        machine = site.machine()
        second = machine.follower()
        site.publish("other", late=4.0)
        second.catch_up()
        assert finish(second) == 1
        assert answer(second)[0] == "4"
        assert machine.loaded["other"].texts == []

    def test_what_changes_meanwhile_is_in(self, site: Site) -> None:
        follower = site.machine().follower()
        site.publish("other")
        follower.catch_up()
        for _ in range(3):
            follower.reencode()
        site.put(listing(1), listing(2), replace(LISTINGS[0], summary="改写过的说明"))
        site.retire(LISTINGS[1].id)
        follower.catch_up()
        assert "PF-0001" in dict(answer(follower)[1]), "it is there at once, by the old encoder"
        finish(follower)
        site.put(listing(3))
        follower.catch_up()
        assert answer(follower) == answer(site.machine().follower())
        ids = dict(answer(follower)[1])
        assert {"PF-0001", "PF-0002", "PF-0003"} <= ids.keys()
        assert LISTINGS[1].id not in ids

    def test_what_changes_between_the_last_part_and_the_switch_is_in(self, site: Site) -> None:
        follower = site.machine().follower()
        site.publish("other")
        follower.catch_up()
        assert follower._switch is not None
        while (ready := follower._switch.step(follower.live.current)) is None:
            pass
        site.put(listing(7))
        site.retire(LISTINGS[0].id)
        follower.catch_up()
        follower._put(ready)
        found = answer(follower)
        assert found[0] == "2"
        assert "PF-0007" in dict(found[1])
        assert LISTINGS[0].id not in dict(found[1])
        assert found == answer(site.machine().follower())

    def test_going_back_meanwhile_ends_it(self, site: Site) -> None:
        follower = site.machine().follower()
        before = answer(follower)
        site.publish("other")
        follower.catch_up()
        follower.reencode()
        site.roll_back()
        follower.catch_up()
        assert follower.progress().reencoded is None
        assert not follower.reencode()
        assert answer(follower) == before

    def test_going_back_that_this_process_has_not_seen_yet_is_not_undone(self, site: Site) -> None:
        follower = site.machine().follower()
        before = answer(follower)
        site.publish("other")
        follower.catch_up()
        while follower.progress().reencoded != Reencoded(TEXTS, TEXTS):
            follower.reencode()
        site.roll_back()
        follower.reencode()
        assert answer(follower) == before

    def test_going_back_afterwards_is_quick(self, site: Site) -> None:
        machine = site.machine()
        follower = machine.follower()
        before = answer(follower)
        site.publish("other")
        follower.catch_up()
        finish(follower)
        site.roll_back()
        follower.catch_up()
        assert finish(follower) == 1
        assert answer(follower) == before
        assert len(machine.loaded) == 2, "neither was loaded again"

    def test_a_later_profile_takes_the_place_of_one_that_waits(self, site: Site) -> None:
        follower = site.machine().follower()
        site.publish("other")
        follower.catch_up()
        follower.reencode()
        site.publish("third", late=5.0)
        follower.catch_up()
        finish(follower)
        assert answer(follower)[0] == "3"
        assert follower.live.current.source == "third"
        assert follower.live.current.retriever.encoder == HashEncoder("third").fingerprint

    def test_profiles_of_the_encoder_in_use_are_put_in_place_at_once(self, site: Site) -> None:
        follower = site.machine().follower()
        site.publish("other")
        follower.catch_up()
        finish(follower)
        site.publish("other", late=9.0)
        follower.catch_up()
        assert answer(follower)[0] == "3"

    def test_answers_during_the_switches_are_each_of_one_encoder_and_profile(self, site: Site) -> None:
        follower = site.machine().follower()
        seen: list[tuple[str, tuple[tuple[str, float], ...]]] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                seen.append(answer(follower))

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        wanted = {}
        for number in range(6):
            stored = site.publish((None, "other")[number % 2], late=float(1 + number))
            follower.catch_up()
            finish(follower)
            wanted[str(stored.version)] = answer(follower)
        done.set()
        for thread in threads:
            thread.join()
        wanted["1"] = next(one for one in seen if one[0] == "1")
        assert [one for one in seen if one != wanted[one[0]]] == []
        assert len({one[0] for one in seen}) > 2


class TestSeveralProcesses:
    def test_they_share_the_work(self, site: Site) -> None:
        machines = [site.machine(), site.machine()]
        followers = [machine.follower() for machine in machines]
        site.publish("other")
        for follower in followers:
            follower.catch_up()
        while sum(follower.reencode() for follower in followers):
            pass
        counts = [len(machine.loaded["other"].texts) for machine in machines]
        assert min(counts) > 0
        assert sum(counts) <= TEXTS + reembedding.BATCH, "little is encoded twice"
        assert answer(followers[0]) == answer(followers[1])

    def test_one_that_starts_after_a_crash_goes_on_and_serves_the_old_one_meanwhile(self, site: Site) -> None:
        follower = site.machine().follower()
        before = answer(follower)
        site.publish("other")
        follower.catch_up()
        for _ in range(3):
            follower.reencode()  # and then no more: the process is gone
        stored = len(DatabaseVectors(site.database, HashEncoder("other").fingerprint))
        assert 0 < stored < TEXTS
        machine = site.machine()
        again = machine.follower()
        assert answer(again) == before
        assert again.progress().profile == site.first.id
        finish(again)
        assert answer(again)[0] == "2"
        assert len(machine.loaded["other"].texts) == TEXTS - stored

    def test_the_thread_does_it(self, site: Site) -> None:
        follower = site.machine().follower()
        follower.start()
        try:
            site.publish("other")
            follower.catch_up()
            deadline = time.monotonic() + 30
            while answer(follower)[0] != "2" and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            follower.stop()
        assert answer(follower)[0] == "2"


class TestFailures:
    def test_an_encoder_that_can_not_be_loaded_leaves_the_old_one(
        self, site: Site, caplog: pytest.LogCaptureFixture
    ) -> None:
        machine = site.machine()
        machine.fails.add("other")
        follower = machine.follower()
        before = answer(follower)
        site.publish("other")
        follower.catch_up()
        assert not follower.reencode()
        assert answer(follower) == before
        assert "city 第 2 版 不能启用:编码器 other 不可用" in (follower.progress().complaint or "")
        assert "继续使用原方案" in caplog.text
        follower.catch_up()
        assert follower.progress().complaint is not None
        machine.fails.clear()
        assert not follower.reencode(), "not at once"
        site.publish("other")
        follower.catch_up()
        finish(follower)
        assert answer(follower)[0] == "3"
        assert follower.progress().complaint is None

    def test_what_failed_is_tried_again_after_a_while(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reembedding, "RETRY_SECONDS", 0.05)
        machine = site.machine()
        machine.fails.add("other")
        follower = machine.follower()
        site.publish("other")
        follower.catch_up()
        assert not follower.reencode()
        machine.fails.clear()
        time.sleep(0.06)
        finish(follower)
        assert answer(follower)[0] == "2"
        assert follower.progress().complaint is None

    def test_one_that_is_not_allowed_is_never_loaded(self, site: Site) -> None:
        machine = site.machine("third")
        follower = machine.follower()
        site.publish("other")
        follower.catch_up()
        assert not follower.reencode()
        assert "不能使用编码器 other" in (follower.progress().complaint or "")
        assert set(machine.loaded) == {None}

    def test_another_model_behind_the_name_is_refused(self, site: Site) -> None:
        follower = site.machine().follower()
        before = answer(follower)
        site.publish("other", encoder="what-the-weights-were-learnt-on")
        follower.catch_up()
        assert not follower.reencode()
        assert "指纹" in (follower.progress().complaint or "")
        assert answer(follower) == before
        site.publish("other", encoder=HashEncoder("other").fingerprint)
        follower.catch_up()
        assert follower.progress().complaint is None
        finish(follower)
        assert answer(follower)[0] == "3"

    def test_going_back_from_one_that_failed_clears_the_complaint(self, site: Site) -> None:
        machine = site.machine()
        machine.fails.add("other")
        follower = machine.follower()
        site.publish("other")
        follower.catch_up()
        follower.reencode()
        site.roll_back()
        follower.catch_up()
        assert follower.progress().complaint is None

    def test_whatever_a_model_raises_the_old_one_goes_on(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        machine = site.machine()
        follower = machine.follower()
        before = answer(follower)

        def broken(*_: object) -> HashEncoder:
            raise RuntimeError("tensors of another shape")

        monkeypatch.setattr(machine.encoders, "_load", broken)
        site.publish("other")
        follower.catch_up()
        assert not follower.reencode()
        assert "RuntimeError" in (follower.progress().complaint or "")
        assert answer(follower) == before

    def test_a_start_with_an_encoder_that_fails_serves_the_profile_before(self, site: Site) -> None:
        site.publish("other")
        machine = site.machine()
        machine.fails.add("other")
        follower = machine.follower()
        assert answer(follower)[0] == "1"
        follower.reencode()
        assert follower.progress().complaint is not None

    def test_vectors_on_a_server_are_of_one_encoder(self, site: Site, tmp_path: Path) -> None:
        settings = Settings(_env_file=None, data=tmp_path, encoders="other", index="milvus://127.0.0.1:1/x")
        encoders = Encoders(settings, site.database, load=site.machine().load)
        with pytest.raises(Unavailable, match="Milvus"):
            encoders.open("other")
        assert encoders.open(None).source is None


def test_a_profile_of_another_encoder_is_not_ranked_by_with_this_one(site: Site) -> None:
    follower = site.machine().follower()
    stored = site.publish("other")
    with pytest.raises(Conflict, match="另一编码器"):
        follower.ranked_by(stored)
