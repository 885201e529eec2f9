"""Alarms: they ring once, a hard one takes one step back, and nobody who acts at the same moment is trampled on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update

from matcher.catalogue import ledger
from matcher.catalogue.access import CONSOLE, Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.profiles.publishing import history, published, rollback
from matcher.catalogue.tables.governance import ProfileRow
from matcher.catalogue.watching.alarms import WATCH, Alarm, acknowledge, alarms, alarms_of, is_due, ring
from matcher.catalogue.watching.comparing import watched
from matcher.catalogue.watching.record import recorded
from matcher.catalogue.watching.thresholds import put_thresholds, thresholds_from
from matcher.errors import Conflict, InvalidInput, NotFound
from tests.matcher.catalogue.watching.scene import Scene

ADMIN = Actor("u-1", "admin")


def rung(scene: Scene) -> Sequence[Alarm]:
    with scene.database.session() as session:
        return ring(session, scene.clock())


def name_of(scene: Scene) -> str:
    """The version that is published."""
    with scene.database.reading() as session:
        stored = published(session)
        assert stored is not None
        return str(stored.version)


def switches(scene: Scene) -> list[str]:
    with scene.database.reading() as session:
        return [one.what for one in history(session)][::-1]


@pytest.fixture
def failing(scene: Scene) -> Scene:
    """A second version that gives most requesters nothing; what was before did not."""
    scene.publish(1.0)
    scene.answers(300, "1")
    scene.publish(2.0)
    scene.answers(300, "2", empty=200)
    return scene


class TestRinging:
    def test_a_hard_one_takes_one_step_back(self, failing: Scene) -> None:
        with failing.database.reading() as session:
            assert is_due(session, failing.clock())
        found = rung(failing)
        assert [(one.metric, one.level, one.publication, one.rollback, one.failure) for one in found] == [
            ("zero", "hard", 2, 3, None)
        ]
        assert name_of(failing) == "1"
        assert switches(failing) == ["publish", "publish", "automatic"]
        assert found[0].figures["before"]["zero_share"] == 0
        assert found[0].figures["after"]["zero_share"] == pytest.approx(2 / 3, abs=1e-3)

    def test_it_is_written_down(self, failing: Scene) -> None:
        rung(failing)
        with failing.database.reading() as session:
            last = history(session, 1)[0]
            assert (last.user_id, last.what) == ("watch", "automatic")
            assert "没有结果的比例" in last.reason
            acts = [(one.action, one.user_id) for one in read_audit(session, limit=2)]
            assert acts == [("profile.automatic", "watch"), ("watch.alarm", "watch")]
            entries = list(ledger.entries(session))
            assert [one.kind for one in entries] == ["profile.publish", "profile.publish", "profile.automatic"]
            assert entries[-1].content["changes"] == {"weights": {"late": [2.0, 1.0]}}
            assert entries[-1].content["reason"] == last.reason
            assert ledger.verify(entries) == 3

    def test_what_rang_does_not_ring_again_and_nothing_goes_back_twice(self, failing: Scene) -> None:
        rung(failing)
        failing.answers(300, "1", empty=300)
        failing.answers(300, "2", empty=300)
        for _ in range(3):
            assert rung(failing) == []
        with failing.database.reading() as session:
            assert not is_due(session, failing.clock())
        assert switches(failing) == ["publish", "publish", "automatic"]

    def test_published_again_it_may_ring_again(self, failing: Scene) -> None:
        first = rung(failing)[0]
        failing.publish(3.0)
        failing.answers(300, "3", empty=200)
        again = rung(failing)[0]
        assert (first.publication, again.publication, again.rollback) == (2, 4, 5)
        assert name_of(failing) == "1"

    def test_a_soft_one_rings_alone(self, scene: Scene) -> None:
        scene.publish(1.0)
        scene.answers(300, "1", ms=10)
        scene.publish(2.0)
        scene.answers(300, "2", ms=100)
        found = rung(scene)
        assert [(one.metric, one.level, one.rollback) for one in found] == [("p95", "soft", None)]
        assert switches(scene) == ["publish", "publish"]

    def test_several_ring_together_and_go_back_once(self, scene: Scene) -> None:
        scene.publish(1.0)
        scene.answers(300, "1")
        scene.publish(2.0)
        scene.answers(300, "2", empty=300, coverage="none", ms=100)
        found = rung(scene)
        assert {(one.metric, one.rollback) for one in found} == {("zero", 3), ("nothing", 3), ("p95", None)}
        assert switches(scene)[2:] == ["automatic"]

    def test_one_that_rings_later_goes_back_although_a_soft_one_rang(self, scene: Scene) -> None:
        scene.publish(1.0)
        scene.answers(300, "1")
        scene.publish(2.0)
        scene.answers(300, "2", ms=100)
        assert [one.metric for one in rung(scene)] == ["p95"]
        scene.answers(300, "2", ms=100, empty=300)
        assert [(one.metric, one.rollback) for one in rung(scene)] == [("zero", 3)]

    def test_few_answers_ring_nothing(self, scene: Scene) -> None:
        scene.publish(1.0)
        scene.answers(300, "1")
        scene.publish(2.0)
        scene.answers(199, "2", empty=199)
        assert rung(scene) == []
        scene.answers(1, "2", empty=1)
        assert len(rung(scene)) == 1

    def test_long_after_it_rings_no_more(self, failing: Scene) -> None:
        failing.clock.by = timedelta(days=7, seconds=5)
        assert rung(failing) == []

    def test_what_was_long_before_is_not_held_against_it(self, scene: Scene) -> None:
        scene.publish(1.0)
        scene.clock.by = timedelta(days=-8)
        scene.answers(300, "1")
        scene.clock.by = timedelta()
        scene.publish(2.0)
        scene.answers(300, "2", empty=300)
        assert rung(scene) == []

    def test_changed_thresholds_count_at_once(self, failing: Scene) -> None:
        with failing.database.session() as session:
            put_thresholds(session, CONSOLE, thresholds_from({"metrics": {"zero": {"level": "soft"}}}), 0)
        assert [(one.level, one.rollback) for one in rung(failing)] == [("soft", None)]
        assert name_of(failing) == "2"

    def test_nothing_published_nothing_rings(self, scene: Scene) -> None:
        assert rung(scene) == []
        with scene.database.reading() as session:
            assert watched(session, scene.clock()) is None


class TestWhereThereIsNoWayBack:
    def test_nothing_was_published_before(self, scene: Scene) -> None:
        with scene.database.session() as session:
            put_thresholds(session, CONSOLE, thresholds_from({"metrics": {"zero": {"limit": 0.5}}}), 0)
        scene.publish(1.0)
        scene.answers(300, "1", empty=300)
        found = rung(scene)
        assert (found[0].rollback, name_of(scene)) == (None, "1")
        assert "没有可以回退" in (found[0].failure or "")
        assert rung(scene) == []

    def test_what_was_before_can_not_be_used(self, failing: Scene) -> None:
        with failing.database.session() as session:
            session.execute(update(ProfileRow).where(ProfileRow.version == 1).values(document="{}"))
        found = rung(failing)
        assert (found[0].rollback, name_of(failing)) == (None, "2")
        assert "被改动过" in (found[0].failure or "")

    def test_somebody_switches_at_the_same_moment(self, failing: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        def too_late(*_: object, **__: object) -> None:
            raise Conflict("同时有人发布了另一个方案")

        monkeypatch.setattr("matcher.catalogue.watching.alarms.rollback", too_late)
        assert "同时有人发布" in (rung(failing)[0].failure or "")


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Do all of them at the same moment; what went wrong."""
    ready, failed = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        ready.wait()
        try:
            act()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


class TestTwoWorkers:
    def test_they_make_one_alarm_and_one_step_back(self, failing: Scene) -> None:
        found: list[Alarm] = []
        assert at_once(*[lambda: found.extend(rung(failing))] * 4) == []
        assert len(found) == 1
        assert switches(failing) == ["publish", "publish", "automatic"]
        with failing.database.reading() as session:
            assert alarms(session).total == 1
            assert ledger.verify(ledger.entries(session)) == 3

    def test_an_administrator_goes_back_at_the_same_moment(self, failing: Scene) -> None:
        def by_hand() -> None:
            with failing.database.session() as session:
                present = published(session)
                assert present is not None
                rollback(session, ADMIN, "投诉增多", seen=present.id if present.version == 2 else "gone")

        failed = at_once(by_hand, lambda: rung(failing))
        assert all(isinstance(error, Conflict) or type(error).__name__ == "Outdated" for error in failed)
        assert name_of(failing) == "1"
        assert len(switches(failing)) == 3, "one step, whoever took it"


class TestReading:
    def test_page_by_page_and_those_that_wait(self, failing: Scene) -> None:
        first = rung(failing)[0]
        failing.publish(3.0)
        failing.answers(300, "3", empty=200)
        second = rung(failing)[0]
        with failing.database.session() as session:
            acknowledge(session, ADMIN, first.id)
        with failing.database.reading() as session:
            page = alarms(session, size=1)
            assert (page.total, page.open, page.alarms[0].id) == (2, 1, second.id)
            assert [one.id for one in alarms(session, first=1, size=5).alarms] == [first.id]
            assert [one.id for one in alarms(session, only_open=True).alarms] == [second.id]
            assert [one.id for one in alarms_of(session, 2)] == [first.id]

    def test_acknowledged_once_with_a_note(self, failing: Scene) -> None:
        found = rung(failing)[0]
        with failing.database.session() as session:
            done = acknowledge(session, ADMIN, found.id, " 已联系供给方 ")
        assert (done.acknowledged_by, done.note, done.profile_id) == ("u-1", "已联系供给方", found.profile_id)
        assert done.acknowledged_at is not None
        with failing.database.session() as session, pytest.raises(Conflict):
            acknowledge(session, ADMIN, found.id)

    def test_what_is_refused(self, failing: Scene) -> None:
        found = rung(failing)[0]
        with failing.database.session() as session, pytest.raises(NotFound):
            acknowledge(session, ADMIN, "none")
        with failing.database.session() as session, pytest.raises(InvalidInput) as caught:
            acknowledge(session, ADMIN, found.id, "\ud800")
        assert caught.value.field == "note"


class TestRecord:
    def test_what_each_publication_did(self, failing: Scene) -> None:
        rung(failing)
        failing.answers(40, "1")
        with failing.database.reading() as session:
            last, second, first = recorded(session, failing.clock())
            assert [one.watched.publication.what for one in (first, second, last)] == [
                "publish",
                "publish",
                "automatic",
            ]
            assert second.changes == {"weights": {"late": [1.0, 2.0]}}
            assert last.changes == {"weights": {"late": [2.0, 1.0]}}
            assert (first.changes, first.watched.previous, first.watched.before) == (None, None, None)
            assert second.until == last.watched.publication.at
            assert last.until is None
            assert second.watched.before is not None
            assert (second.watched.before.zero, second.watched.after.zero) == (0, 200)
            assert [one.metric for one in second.alarms] == ["zero"]
            assert (first.alarms, last.alarms, second.gate) == ([], [], None)
            assert [one.watched.publication.number for one in recorded(session, failing.clock(), 1, before=3)] == [2]

    def test_a_document_that_can_not_be_read_spoils_nothing_else(self, failing: Scene) -> None:
        with failing.database.session() as session:
            session.execute(update(ProfileRow).where(ProfileRow.version == 1).values(document="{}"))
        with failing.database.reading() as session:
            assert [one.changes for one in recorded(session, failing.clock())] == [None, None]

    def test_a_step_back_by_hand_is_watched_but_rings_nothing(self, failing: Scene) -> None:
        with failing.database.session() as session:
            rollback(session, ADMIN, "投诉增多")
        failing.answers(300, "1", empty=300)
        with failing.database.reading() as session:
            seen = watched(session, failing.clock())
        assert seen is not None
        assert (seen.ranking, seen.previous, seen.alarms) == (("city", "1"), ("city", "2"), False)
        assert seen.ringing == []
        assert rung(failing) == []


def test_the_watch_is_nobody() -> None:
    assert (WATCH.role, WATCH.is_admin) == (None, False)


def test_a_newer_publication_is_the_one_that_is_watched(failing: Scene) -> None:
    failing.publish(3.0)
    assert rung(failing) == []
    assert name_of(failing) == "3"
