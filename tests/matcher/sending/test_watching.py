"""What the background does of watching: counts are kept in every process, alarms told, months closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matcher.catalogue import ledger
from matcher.catalogue.access import CONSOLE, Actor, Role
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.alerts.messages import Inbox, inbox
from matcher.catalogue.database import Database
from matcher.catalogue.profiles.publishing import history, published
from matcher.catalogue.watching.alarms import Alarm, alarms
from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.figures import figures
from matcher.errors import Unavailable
from matcher.sending.alarming import sound, words
from matcher.sending.background import Background
from matcher.sending.watching import KEEP_EVERY, LOOK_EVERY, Watching
from matcher.settings import Settings
from matcher.today import today
from tests.matcher.catalogue.watching.scene import Clock, Scene, answer


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path, database=database.url)


@pytest.fixture
def with_mail(settings: Settings) -> Settings:
    return settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1?from=a@example.cn"})


@pytest.fixture
def failing(database: Database) -> Scene:
    scene = Scene(database)
    scene.publish(1.0)
    scene.answers(300, "1")
    scene.publish(2.0)
    scene.answers(300, "2", empty=200)
    return scene


def add(database: Database, name: str, role: Role = "admin", *, active: bool = True, verified: bool = True) -> str:
    with database.session() as session:
        fields = UserFields(f"{name}@example.cn", name, role, None)
        user = add_user(session, CONSOLE, fields, email_verified=verified)
        return user.id


def letters(database: Database, user: str) -> Inbox:
    with database.reading() as session:
        return inbox(session, Actor(user, "admin"), today(), unread=True, page=1, size=10)


def answers(database: Database) -> int:
    with database.reading() as session:
        always = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        return figures(session, ("city", "1"), *always).answers


class TestTelling:
    def test_every_administrator_is_told(self, failing: Scene, with_mail: Settings) -> None:
        people = [add(failing.database, name) for name in ("a", "b")]
        broker = add(failing.database, "c", "broker")
        rang = sound(failing.database, with_mail, failing.clock())
        assert [one.metric for one in rang] == ["zero"]
        for person in people:
            message = letters(failing.database, person).messages[0]
            assert message.subject == "排序方案报警:已自动回退到上一个方案"
            assert "没有结果的比例:66.7%,此前为 0.0%" in message.body
            assert (message.about_kind, message.about_id) == ("profile", rang[0].profile_id)
        assert letters(failing.database, broker).total == 0

    def test_it_is_told_once(self, failing: Scene, settings: Settings) -> None:
        person = add(failing.database, "a")
        for _ in range(3):
            sound(failing.database, settings, failing.clock())
        assert letters(failing.database, person).total == 1

    def test_mail_goes_to_addresses_that_are_shown_to_be_theirs(
        self, failing: Scene, with_mail: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent: list[str] = []
        monkeypatch.setattr("matcher.catalogue.alerts.outbox.put", lambda _, __, to, *___: sent.append(to))
        add(failing.database, "a")
        add(failing.database, "b", verified=False)
        sound(failing.database, with_mail, failing.clock())
        assert sent == ["a@example.cn"]

    def test_without_a_mail_server_none_is_written(
        self, failing: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("matcher.catalogue.alerts.outbox.put", lambda *_: pytest.fail("no server"))
        add(failing.database, "a")
        assert sound(failing.database, settings, failing.clock())

    def test_what_fails_on_the_way_undoes_the_alarm_and_is_tried_again(
        self, failing: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(failing.database, "a")

        def fail(*_: object, **__: object) -> None:
            raise Unavailable("数据库正忙")

        with monkeypatch.context() as broken:
            broken.setattr("matcher.sending.alarming.add_message", fail)
            with pytest.raises(Unavailable):
                sound(failing.database, settings, failing.clock())
        with failing.database.reading() as session:
            assert alarms(session).total == 0
            assert len(history(session)) == 2
        assert len(sound(failing.database, settings, failing.clock())) == 1

    @pytest.mark.parametrize(
        ("rollback", "failure", "subject"),
        [
            (3, None, "已自动回退到上一个方案"),
            (None, None, "请尽快查看"),
            (None, "没有可以回退的上一个方案", "未能自动回退,请立即处理"),
        ],
    )
    def test_words(self, rollback: int | None, failure: str | None, subject: str) -> None:
        now = datetime.now(UTC)
        one = Alarm("a", now, 2, "p", "zero", "hard", "理由", {}, rollback, failure, None, None, None)
        told, lines = words([one])
        assert told == f"排序方案报警:{subject}"
        assert lines[0] == "理由"
        assert (failure is None) == (len(lines) == 2)


class TestBackground:
    def test_counts_are_kept_whoever_has_the_turn(self, database: Database, settings: Settings) -> None:
        counters = [Counters(), Counters()]
        both = [Background(database, settings, None, counters=one) for one in counters]
        for one in counters:
            one.answered(answer(), 1.0)
        for one in both:
            one.work()
        assert answers(database) == 2

    def test_what_is_counted_before_the_end_is_kept(self, database: Database, settings: Settings) -> None:
        counters = Counters()
        background = Background(database, settings, None, counters=counters)
        background.start()
        counters.answered(answer(), 1.0)
        background.stop()
        assert answers(database) == 1

    def test_a_hard_alarm_takes_a_step_back(self, failing: Scene, settings: Settings) -> None:
        Background(failing.database, settings, None).work()
        with failing.database.reading() as session:
            now = published(session)
            assert now is not None
            assert now.version == 1


class TestPace:
    def watching(self, database: Database, settings: Settings, clock: Callable[[], datetime]) -> Watching:
        self.counters = Counters(clock)
        return Watching(database, settings, self.counters, clock)

    def test_counts_go_out_every_few_seconds(self, database: Database, settings: Settings) -> None:
        clock = Clock()
        watching = self.watching(database, settings, clock)
        for after, kept in ((timedelta(0), 1), (KEEP_EVERY / 2, 1), (KEEP_EVERY / 2, 3)):
            clock.now += after
            self.counters.answered(answer(), 1.0)
            watching.keep()
            assert answers(database) == kept

    def test_a_clock_that_is_put_back_stops_nothing(self, database: Database, settings: Settings) -> None:
        clock = Clock()
        watching = self.watching(database, settings, clock)
        watching.keep()
        clock.now -= timedelta(days=1)
        self.counters.answered(answer(), 1.0)
        watching.keep()
        assert answers(database) == 1

    def test_a_month_that_is_over_goes_into_the_ledger_once(self, database: Database, settings: Settings) -> None:
        clock = Clock()
        watching = self.watching(database, settings, clock)
        self.counters.answered(answer(), 1.0)
        watching.keep()
        for days in (0, 20, 1, 40):
            clock.now += timedelta(days=days)
            watching.look()
            clock.now += LOOK_EVERY
            self.watching(database, settings, clock).look()
        with database.reading() as session:
            assert [one.content["month"] for one in ledger.entries(session)] == ["2026-11"]
