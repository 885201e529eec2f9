"""Experiments of a process: followed within a look, never of an older catalogue, never to the requester's harm."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.feedback import experiments as stored
from matcher.catalogue.feedback.experiments import Experiment
from matcher.catalogue.feedback.shadows import ShadowStatistics, shadow_statistics
from matcher.catalogue.feedback.store import Kept, kept
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish
from matcher.catalogue.tables.governance import ProfileRow
from matcher.feedback import experimenting
from matcher.feedback.experimenting import Experiments
from matcher.feedback.presenting import Presented, Presenter, mixed
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.ranking.features import FEATURES
from matcher.ranking.rules import Rule
from matcher.records import Need
from matcher.settings import Settings
from tests.matcher.small import LISTINGS, PROFILE
from tests.matcher.test_following import Site

NEED = Need("500 L发酵罐中试放大")
#: Ranks the other way round in all but the conditions.
OTHER = replace(PROFILE, weights=dict.fromkeys(FEATURES, 0.0) | {"completeness": 40.0})


def rule(listing_id: str, what: Any = "pin") -> Rule:
    return Rule(f"{what}-{listing_id}", what, listing_id, "示范", "王工", "2099-01-01")


class Process:
    """One process over a database, its experiments looked after by hand."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.site = Site(database, folder)
        self.site.put(*LISTINGS)
        self.database = database
        self.published = self.store(Document(PROFILE))
        self.publish(self.published)
        self.follower = self.site.follower()
        self.experiments = Experiments(lambda: database, self.follower)
        self.presenter = Presenter(Settings(_env_file=None, data=folder), lambda: database)
        self.presenter.experiments = self.experiments

    def store(self, document: Document) -> str:
        with self.database.session() as session:
            return create(session, CONSOLE, "city", document, "试一试").id

    def publish(self, profile_id: str) -> None:
        with self.database.session() as session:
            publish(session, CONSOLE, profile_id, "上线")

    def start(self, what: stored.What, draft: Document | None = None, share: float = 1.0) -> Experiment:
        draft_id = self.store(draft or Document(OTHER))
        with self.database.session() as session:
            made = stored.start(session, CONSOLE, what, draft_id, share, "比一比")
        self.look()
        return made

    def look(self) -> None:
        self.follower.catch_up()
        self.experiments.look()
        self.experiments.prepare()

    @property
    def current(self) -> Matcher:
        return self.follower.live.current

    def answer(self, need: Need = NEED, top: int = 5, **fields: Any) -> Presented:
        return self.presenter.answer(self.current, need, top, **fields)

    def kept(self) -> list[Kept]:
        self.presenter.recorder.flush()
        with self.database.reading() as session:
            return list(kept(session))

    def statistics(self, experiment: Experiment) -> ShadowStatistics:
        while self.experiments.work():
            pass
        with self.database.reading() as session:
            return shadow_statistics(session, experiment.id)


def shown(presented: Presented) -> list[str]:
    return [match.listing.id for match in presented.answer.matches]


@pytest.fixture
def process(database: Database, tmp_path: Path) -> Iterator[Process]:
    made = Process(database, tmp_path)
    yield made
    made.presenter.stop()


class TestInterleaving:
    def test_rows_of_both_by_the_published_profile_s_name(self, process: Process) -> None:
        plain = shown(process.answer(deterministic=True))
        made = process.start("interleaving")
        presented = process.answer()
        assert presented.experiment == made
        assert (presented.answer.profile, presented.answer.profile_version) == ("city", "1")
        (found,) = process.kept()
        assert found.shown.listings == tuple(shown(presented))
        teams = [place.team for place in found.places]
        assert abs(teams.count("a") - teams.count("b")) <= 1
        assert "b" in teams
        for listing_id, team in zip(shown(presented), teams, strict=True):
            assert team != "a" or listing_id in plain
        assert found.features is not None
        assert found.shown.swapped is None

    def test_an_answer_can_be_made_again_from_its_id(self, process: Process) -> None:
        process.start("interleaving")
        side = process.experiments.side(process.current)
        assert side is not None
        published, draft = process.current.match(NEED, top=15), side.draft.match(NEED, top=5)
        for _ in range(5):
            presented = process.answer()
            chance = random.Random(presented.id)
            chance.random()  # whether it takes part
            again, _ = mixed(published, draft, 5, chance)
            assert [match.listing.id for match in again.matches] == shown(presented)

    @pytest.mark.slow
    def test_only_its_share(self, process: Process) -> None:
        process.start("interleaving", share=0.3)
        part = [process.answer(top=3).experiment is not None for _ in range(100)]
        assert 10 < sum(part) < 55

    def test_a_deterministic_answer_takes_no_part(self, process: Process) -> None:
        plain = shown(process.answer(deterministic=True))
        process.start("interleaving")
        assert [shown(process.answer(deterministic=True)) for _ in range(5)] == [plain] * 5

    def test_filters_hold_for_both(self, process: Process) -> None:
        process.start("interleaving")
        for need in (replace(NEED, kinds=("manufacturer",)), replace(NEED, must=("GMP",))):
            allowed = set(shown(process.answer(need, top=100, deterministic=True)))
            for _ in range(5):
                assert set(shown(process.answer(need, top=5))) <= allowed

    def test_pins_and_hides_are_those_that_are_published_whatever_the_draft_says(self, process: Process) -> None:
        first = shown(process.answer(deterministic=True))[0]
        ruled = Document(PROFILE, rules=(rule("EQ-2"), rule(first, "hide")))
        process.publish(process.store(ruled))
        process.look()
        process.start("interleaving", Document(OTHER, rules=(rule("MF-2"),)))
        for _ in range(10):
            presented = process.answer(top=8)
            assert presented.experiment is not None
            assert shown(presented)[0] == "EQ-2"
            assert presented.answer.matches[0].rule == "置顶:示范"
            assert presented.answer.matches[1].rule is None
            assert first not in shown(presented)
        assert {one.places[0].team for one in process.kept()} == {None}
        assert all(one.places[0].pinned for one in process.kept())

    def test_a_listing_that_is_gone_is_gone_at_once(self, process: Process) -> None:
        process.start("interleaving")
        gone = shown(process.answer())[0]
        process.site.retire(gone)
        process.follower.catch_up()
        # The draft is not ready for the new catalogue yet: nobody waits for it, and nothing old is shown.
        presented = process.answer()
        assert presented.experiment is None
        assert gone not in shown(presented)
        process.experiments.prepare()
        for _ in range(5):
            presented = process.answer()
            assert presented.experiment is not None
            assert gone not in shown(presented)

    def test_it_ends_with_the_next_look(self, process: Process) -> None:
        made = process.start("interleaving")
        with process.database.session() as session:
            stored.stop(session, CONSOLE, made.id, "够了")
        process.experiments.look()
        assert process.answer().experiment is None

    def test_when_another_profile_is_published_nothing_is_mixed_with_it(self, process: Process) -> None:
        process.start("interleaving")
        process.publish(process.store(Document(replace(PROFILE, reads=0, version="x"))))
        process.follower.catch_up()
        assert process.answer().experiment is None
        process.experiments.prepare()
        assert process.answer().experiment is None, "not even before the experiment has been ended"

    def test_a_draft_that_fails_is_not_noticed(self, process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = shown(process.answer(deterministic=True))
        process.start("interleaving")
        side = process.experiments.side(process.current)
        assert side is not None

        def broken(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(side.draft, "match", broken, raising=False)
        presented = process.answer()
        assert (presented.experiment, shown(presented)) == (None, plain)
        assert [one.shown.listings for one in process.kept()] == [tuple(plain)]

    def test_a_draft_that_was_tampered_with_takes_no_part(self, process: Process) -> None:
        made = process.start("interleaving")
        with process.database.session() as session:
            session.execute(update(ProfileRow).where(ProfileRow.id == made.draft_id).values(document="{}"))
        other = Experiments(lambda: process.database, process.follower)
        other.look()
        other.prepare()
        assert other.side(process.current) is None


class TestShadows:
    def test_what_is_shown_stays_and_likeness_is_stored(self, process: Process) -> None:
        plain = shown(process.answer(deterministic=True))
        same, other = process.start("shadow", Document(replace(PROFILE, version="y"))), process.start("shadow")
        for _ in range(3):
            presented = process.answer()
            assert (shown(presented), presented.experiment) == (plain, None)
        told = process.statistics(same)
        assert (told.requests, told.failed) == (3, 0)
        assert (told.overlap, told.rank_biased, told.kendall, told.same_first) == (1.0, pytest.approx(1.0), 1.0, 1.0)
        told = process.statistics(other)
        assert told.requests == 3
        assert told.rank_biased is not None
        assert told.rank_biased < 0.95
        assert told.p50 is not None
        assert told.against_p95 is not None

    def test_only_its_share_and_never_more_than_it_can_do(
        self, process: Process, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = process.start("shadow", share=0.5)
        for _ in range(60):
            process.answer(top=1)
        told = process.statistics(made)
        assert told.requests == experimenting.QUEUE
        assert 5 < process.experiments.missed + told.requests < 55
        monkeypatch.setattr(experimenting, "QUEUE", 1000)
        for _ in range(60):
            process.answer(top=1)
        assert 10 < process.statistics(made).requests - experimenting.BATCH < 60

    def test_one_that_fails_is_counted_and_the_next_goes_on(
        self, process: Process, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = process.start("shadow")
        with monkeypatch.context() as patched:
            (side,) = process.experiments._sides.values()
            patched.setattr(side.draft, "match", lambda *_, **__: 1 / 0, raising=False)
            process.answer()
            assert process.experiments.work()
        process.answer()
        told = process.statistics(made)
        assert (told.requests, told.failed) == (2, 1)

    def test_its_own_rules_count(self, process: Process) -> None:
        made = process.start("shadow", Document(PROFILE, rules=(rule("EQ-2"),)))
        process.answer()
        told = process.statistics(made)
        assert told.same_first == 0.0


def test_the_thread_follows_within_a_second_and_works(process: Process) -> None:
    process.presenter.follow(process.follower)
    try:
        made = process.start("shadow")
        wait(lambda: process.presenter.experiments is not None and bool(process.presenter.experiments._sides), 1.5)
        process.answer()

        def requests() -> int:
            with process.database.reading() as session:
                return shadow_statistics(session, made.id).requests

        wait(lambda: requests() == 1, 5)
    finally:
        process.presenter.stop()


def wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
