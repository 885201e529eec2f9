"""Experiments: one interleaving at a time, counted once each answer, ended for good reasons, and everything told."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from matcher.catalogue import ledger
from matcher.catalogue.access import CONSOLE, Actor
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.alerts.messages import inbox
from matcher.catalogue.audit import read_audit
from matcher.catalogue.change_log import changes_after
from matcher.catalogue.database import Database
from matcher.catalogue.feedback import experiments
from matcher.catalogue.feedback.experiments import (
    SETTLE,
    SHADOWS_MAX,
    Experiment,
    get,
    page_of,
    running,
    start,
    stop,
    tend,
    waiting,
)
from matcher.catalogue.feedback.shadows import Shadowed, add_shadows, shadow_statistics
from matcher.catalogue.feedback.store import Event, add_events
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish
from matcher.catalogue.tables.feedback import ImpressionRow
from matcher.catalogue.tables.governance import ProfileRow
from matcher.errors import BrokenArtefact, Conflict, InvalidInput, NotFound
from matcher.feedback.interleaving import Team
from matcher.feedback.likeness import Likeness
from matcher.ranking.documents import Document
from tests.matcher.catalogue.feedback.answers import NOON, answer, put
from tests.matcher.small import PROFILE

LATER = NOON + SETTLE + timedelta(minutes=1)


class Bench:
    """A database with a published profile and drafts."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.published = self.draft()
        with database.session() as session:
            publish(session, CONSOLE, self.published, "上线")

    def draft(self, late: float = 1.0) -> str:
        document = Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}))
        with self.database.session() as session:
            return create(session, CONSOLE, "city", document, "试一试").id

    def start(self, what: experiments.What = "interleaving", **fields: float) -> Experiment:
        with self.database.session() as session:
            return start(session, CONSOLE, what, self.draft(), reason="比一比", **({"share": 0.5} | fields))

    def answers(self, experiment: Experiment, won: list[Team | None]) -> None:
        """Interleaved answers, each won by one side or neither."""
        made = [answer("xab", teams=(None, "a", "b"), experiment_id=experiment.id) for _ in won]
        put(self.database, *made)
        with self.database.session() as session:
            events = [Event(one.id, side, "opened") for one, side in zip(made, won, strict=True) if side is not None]
            # What stands above the difference helps nobody.
            add_events(session, [*events, *(Event(one.id, "x", "enquired") for one in made)])

    def tend(self) -> Experiment | None:
        with self.database.session() as session:
            return tend(session, LATER)

    def now(self, experiment: Experiment) -> Experiment:
        with self.database.reading() as session:
            return get(session, experiment.id)


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


class TestStarting:
    def test_it_is_told_to_workers_auditors_and_the_public(self, bench: Bench) -> None:
        made = bench.start(share=0.25)
        assert (made.state, made.what, made.share, made.against_id) == (
            "running",
            "interleaving",
            0.25,
            bench.published,
        )
        with bench.database.reading() as session:
            (change,) = changes_after(session, 0, about="experiment")
            assert (change.about_id, change.what) == (made.id, "shown")
            acts = [one.action for one in read_audit(session, about_id=made.id)]
            (entry,) = [one for one in ledger.entries(session) if one.kind == "experiment.start"]
            assert running(session) == [made]
        assert acts == ["experiment.start"]
        assert (entry.content["what"], entry.content["share"], entry.content["draft_version"]) == (
            "interleaving",
            0.25,
            2,
        )

    def test_one_interleaving_at_a_time_and_two_shadows(self, bench: Bench) -> None:
        first = bench.start()
        with pytest.raises(Conflict):
            bench.start()
        for _ in range(SHADOWS_MAX):
            bench.start("shadow")
        with pytest.raises(Conflict):
            bench.start("shadow")
        with bench.database.session() as session:
            stop(session, CONSOLE, first.id, "够了")
        assert bench.start().state == "running"

    @pytest.mark.parametrize("share", [0.0, -0.1, 1.01, float("nan")])
    def test_shares_out_of_range(self, bench: Bench, share: float) -> None:
        with pytest.raises(InvalidInput) as caught:
            bench.start(share=share)
        assert caught.value.field == "share"

    @pytest.mark.parametrize("alpha", [0.0, 0.5, 2.0])
    def test_error_rates_out_of_range(self, bench: Bench, alpha: float) -> None:
        with pytest.raises(InvalidInput):
            bench.start(alpha=alpha)

    def test_what_can_not_be_compared(self, bench: Bench, database: Database) -> None:
        with database.session() as session, pytest.raises(Conflict):
            start(session, CONSOLE, "shadow", bench.published, 0.1, "与自己比")
        with database.session() as session, pytest.raises(NotFound):
            start(session, CONSOLE, "shadow", "profile-x", 0.1, "没有")
        draft = bench.draft()
        with database.session() as session, pytest.raises(InvalidInput):
            start(session, CONSOLE, "shadow", draft, 0.1, " ")
        with database.session() as session:
            session.execute(update(ProfileRow).where(ProfileRow.id == draft).values(document="{}"))
        with database.session() as session, pytest.raises(BrokenArtefact):
            start(session, CONSOLE, "shadow", draft, 0.1, "坏了")
        with database.reading() as session:
            assert running(session) == []

    def test_with_nothing_published(self, database: Database) -> None:
        with database.session() as session:
            draft = create(session, CONSOLE, "city", Document(PROFILE), "试一试")
        with database.session() as session, pytest.raises(Conflict):
            start(session, CONSOLE, "shadow", draft.id, 0.1, "没有可比的")


class TestEnding:
    def test_by_hand_once(self, bench: Bench) -> None:
        made = bench.start()
        with bench.database.session() as session:
            ended = stop(session, CONSOLE, made.id, "够了")
        assert (ended.state, ended.ending) == ("stopped", "够了")
        assert ended.ended_at is not None
        with bench.database.session() as session, pytest.raises(Conflict):
            stop(session, CONSOLE, made.id, "再停一次")
        with bench.database.reading() as session:
            assert running(session) == []
            assert [one.what for one in changes_after(session, 0, about="experiment")] == ["shown", "gone"]
            kinds = [one.kind for one in ledger.entries(session)]
        assert kinds[-2:] == ["experiment.start", "experiment.end"]

    def test_of_one_that_is_not_there(self, bench: Bench) -> None:
        with bench.database.session() as session, pytest.raises(NotFound):
            stop(session, CONSOLE, "experiment-x", "够了")

    @pytest.mark.parametrize("what", ["shadow", "interleaving"])
    def test_when_another_profile_is_published(self, bench: Bench, what: experiments.What) -> None:
        made = bench.start(what)
        assert bench.tend() is None
        other = bench.draft(3.0)
        with bench.database.session() as session:
            publish(session, CONSOLE, other, "换一个")
        ended = bench.tend()
        assert ended is not None
        assert (ended.id, ended.state) == (made.id, "stopped")
        assert "更换" in (ended.ending or "")
        assert bench.tend() is None

    def test_of_a_shadow_that_has_seen_enough(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(experiments, "REQUESTS_MAX", 3)
        made = bench.start("shadow")
        one = Shadowed(made.id, 10.0, 20.0, None)
        for count, ended in ((2, False), (1, True)):
            with bench.database.session() as session:
                add_shadows(session, [one] * count)
            assert (bench.tend() is not None) == ended
        assert bench.now(made).state == "stopped"


class TestCounting:
    def test_each_answer_counts_once_and_ties_don_t_count(self, bench: Bench) -> None:
        made = bench.start()
        bench.answers(made, ["a", "b", "b", None])
        for _ in range(2):
            assert bench.tend() is None
            found = bench.now(made)
            assert (found.wins, found.losses, found.ties) == (1, 2, 1)
        assert found.p_value == pytest.approx(1.0)

    def test_answers_wait_until_people_have_acted(self, bench: Bench) -> None:
        made = bench.start()
        bench.answers(made, ["b"])
        with bench.database.session() as session:
            assert tend(session, NOON + SETTLE - timedelta(minutes=1)) is None
            assert waiting(session, made.id) == 1
        bench.tend()
        with bench.database.reading() as session:
            assert waiting(session, made.id) == 0
        assert bench.now(made).losses == 1

    @pytest.mark.parametrize(("side", "said"), [("a", "已发布方案更好"), ("b", "草稿更好")])
    def test_it_stops_when_it_can_say_who_is_better(self, bench: Bench, side: Team, said: str) -> None:
        made = bench.start()
        bench.answers(made, [side] * 30)
        ended = bench.tend()
        assert ended is not None
        assert (ended.state, ended.verdict, ended.ending) == ("decided", side, said)
        assert ended.p_value <= 0.05
        assert 5 < max(ended.wins, ended.losses) < 30, "it stops as soon as it can"
        # What comes afterwards changes nothing.
        bench.answers(made, ["b" if side == "a" else "a"] * 30)
        assert bench.tend() is None
        assert bench.now(made) == ended

    def test_counted_in_parts_or_at_once_it_says_the_same(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        chance = random.Random(3)
        won: list[Team | None] = [chance.choice(["a", "b", "b", "b", None]) for _ in range(120)]
        found = []
        for part in (1000, 7):
            monkeypatch.setattr(experiments, "_COUNTED", part)
            made = bench.start()
            bench.answers(made, won)
            for _ in range(30):
                if bench.tend() is not None:
                    break
            found.append(bench.now(made))
        first, second = ((one.verdict, one.p_value, one.wins, one.losses, one.ties) for one in found)
        assert first == second
        assert first[0] == "b"

    def test_who_began_it_is_told_when_it_ends_by_itself(self, bench: Bench) -> None:
        with bench.database.session() as session:
            user = add_user(session, CONSOLE, UserFields("admin@city.gov.cn", "王工", "admin"))
        admin, draft = Actor(user.id, "admin"), bench.draft()
        for by_hand in (True, False):
            with bench.database.session() as session:
                made = start(session, admin, "interleaving", draft, 0.5, "比一比")
            bench.answers(made, ["b"] * 30)
            if by_hand:
                with bench.database.session() as session:
                    stop(session, admin, made.id, "够了")
            assert (bench.tend() is None) == by_hand
        with bench.database.reading() as session:
            (message,) = inbox(session, admin, NOON.date(), unread=True, page=1, size=9).messages
        assert "草稿更好" in message.subject
        assert f"/v1/experiments/{made.id}" in message.body
        assert "0 : " in message.body

    def test_answers_of_another_experiment_are_not_counted(self, bench: Bench) -> None:
        made = bench.start()
        put(bench.database, answer("ab", teams=("a", "b"), experiment_id="another"))
        bench.tend()
        assert bench.now(made).ties == 0
        with bench.database.reading() as session:
            assert session.scalars(select(ImpressionRow.settled)).all() == [False]


class TestShadows:
    def test_statistics(self, bench: Bench) -> None:
        made = bench.start("shadow")
        alike = [Likeness(1.0, 1.0, 1.0, True), Likeness(0.5, 0.4, None, False)]
        found = [Shadowed(made.id, 10.0 * number, 30.0, one) for number, one in enumerate(alike, 1)]
        with bench.database.session() as session:
            add_shadows(session, [*found, Shadowed(made.id, 999.0, 30.0, None)])
            told = shadow_statistics(session, made.id)
        assert (told.requests, told.failed) == (3, 1)
        assert (told.overlap, told.rank_biased, told.kendall, told.same_first) == (0.75, pytest.approx(0.7), 1.0, 0.5)
        assert (told.p50, told.against_p50) == (15.0, 30.0)
        assert told.p95 == pytest.approx(19.5)

    def test_of_none(self, bench: Bench) -> None:
        made = bench.start("shadow")
        with bench.database.session() as session:
            add_shadows(session, [])
            told = shadow_statistics(session, made.id)
        assert (told.requests, told.failed, told.overlap, told.kendall, told.p95) == (0, 0, None, None, None)


def test_pages(bench: Bench) -> None:
    ids = []
    for _ in range(3):
        made = bench.start()
        ids.append(made.id)
        with bench.database.session() as session:
            stop(session, CONSOLE, made.id, "够了")
    last = bench.start("shadow")
    with bench.database.reading() as session:
        total, found = page_of(session, first=1, size=2)
        assert (total, [one.id for one in found]) == (4, [ids[2], ids[1]])
        assert [one.id for one in page_of(session, state="running")[1]] == [last.id]
        with pytest.raises(NotFound):
            get(session, "experiment-x")
