"""The thread that tells, whole: from a published listing to the mail server, across kills and several processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from matcher.catalogue.alerts import cursors, outbox
from matcher.catalogue.alerts.messages import inbox
from matcher.catalogue.alerts.subscriptions import Wish
from matcher.catalogue.alerts.webhooks import add_webhook
from matcher.catalogue.database import Database
from matcher.catalogue.listings.importable import preview_file
from matcher.catalogue.listings.imports import imports_of, keep_preview
from matcher.catalogue.listings_file import line_of
from matcher.catalogue.tables.alerts import AlertRow, MessageRow, OutboxRow, WebhookRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import InvalidInput, Unavailable
from matcher.records import Need
from matcher.sending import background as background_module
from matcher.sending.background import GATHER, LEASE, TURN, Background, Times, start
from matcher.sending.finding import Graded
from matcher.settings import Settings
from matcher.today import day_of
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import SEAL, SECRET, TODAY, Scene, WordFits, listing
from tests.matcher.sending.receivers import MailReceiver, WebReceiver, mail_receiver, wait_until, web_receiver
from tests.matcher.sending.test_draining import HOOK_SECRET, Clock

ROOT = Path(__file__).parents[3]
QUICK = Times(poll_seconds=0.02)


class Site:
    """A database with people, real receivers, and as many backgrounds as a test starts."""

    def __init__(self, database: Database, folder: Path, mail: MailReceiver, web: WebReceiver) -> None:  # noqa: F811
        self.scene = Scene(database)
        self.database, self.mail, self.web, self.clock = database, mail, web, Clock()
        self.settings = Settings(
            _env_file=None,
            data=folder,
            database=database.url,
            secret=SECRET,
            smtp_url=mail.url,
            public_url="https://pilot.example.cn",
        )

    def background(self, fits: Any = None, times: Times = QUICK) -> Background:
        return Background(self.database, self.settings, fits or WordFits(), clock=self.clock, times=times)

    def work(self, background: Background) -> None:
        while background.work():
            pass

    def webhook(self, topic: Any) -> str:
        with self.database.session() as session:
            actor = self.scene.actors["requester"]
            return add_webhook(session, actor, self.web.url, [topic], SEAL.close(HOOK_SECRET), 0).id

    def messages(self, who: str = "requester") -> Sequence[Any]:
        with self.database.reading() as session:
            return inbox(session, self.scene.actors[who], TODAY, unread=False, page=1, size=50).messages


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Site]:  # noqa: F811
    with mail_receiver() as mail, web_receiver() as web:
        yield Site(database, tmp_path, mail, web)


def test_from_publication_to_message_mail_webhook_and_feed(site: Site) -> None:
    background = site.background()
    site.work(background)
    hook = site.webhook("alerts")
    site.webhook("feed")
    wish = Wish(("message", "email", "webhook"), webhook_id=hook)
    site.scene.subscribe("requester", "need", site.scene.need("发酵:PF-1").id, wish)
    site.scene.publish(listing("PF-1", "东莞发酵平台"), listing("PF-2"))
    site.work(background)
    assert len(site.messages()) == 1
    assert [mail["To"] for mail in site.mail.mails] == ["requester@example.cn"]
    assert site.mail.mails[0]["List-Unsubscribe"].startswith("<https://pilot.example.cn/v1/unsubscribe/")
    by_topic = {posted.content["topic"]: posted.content for posted in site.web.posts}
    assert [one["id"] for one in by_topic["alerts"]["listings"]] == ["PF-1"]
    assert [one["id"] for one in by_topic["feed"]["changes"]] == ["PF-1", "PF-2"]
    site.work(background)
    assert (len(site.messages()), len(site.mail.mails), len(site.web.posts)) == (1, 1, 2)


def test_it_runs_by_itself_and_stops(site: Site) -> None:
    site.scene.subscribe("requester", "need", site.scene.need("发酵:*").id, Wish(("email",)))
    background = start(site.database, site.settings, WordFits())
    try:
        assert wait_until(lambda: _position(site) is not None)
        site.scene.publish(listing("PF-1"))
        assert wait_until(lambda: len(site.mail.mails) == 1, 20)
    finally:
        background.stop()
    assert not [one for one in threading.enumerate() if one.name == "pilotmatch-background"]
    with site.database.reading() as session:
        assert cursors.is_free(session, TURN, "another", site.clock())


def _position(site: Site) -> int | None:
    with site.database.reading() as session:
        return cursors.position(session, "alerts")


class TestTurns:
    def test_one_works_at_a_time_and_another_takes_over(self, site: Site) -> None:
        first, second = site.background(), site.background()
        site.work(first)
        site.scene.subscribe("requester", "need", site.scene.need("发酵:*").id)
        site.scene.publish(listing("PF-1"))
        site.work(second)
        assert site.messages() == ()
        # The first was killed: nobody renews its lease.
        site.clock.ahead += LEASE
        site.work(second)
        assert len(site.messages()) == 1

    def test_five_at_once_tell_everything_once(self, site: Site) -> None:
        """With a lease that is always over, they all work: cursors and claims keep them from repeating each other."""
        site.work(site.background())
        site.clock.ahead += LEASE
        site.scene.subscribe("requester", "need", site.scene.need("发酵:*").id, Wish(("message", "email")))
        others = [site.background(times=Times(0.01, timedelta(microseconds=1))) for _ in range(5)]
        for one in others:
            one.start()
        for number in range(6):
            site.scene.publish(listing(f"PF-{number}"))
        try:
            assert wait_until(lambda: len(_told(site)) == 6, 40)
            assert wait_until(lambda: not _waiting(site), 20)
        finally:
            for one in others:
                one.stop()
        items = [item.id for message in site.messages() for item in message.items]
        assert sorted(items) == [f"PF-{number}" for number in range(6)]
        assert len(site.mail.mails) == len(site.messages())


def _told(site: Site) -> list[Any]:
    return site.scene.rows(select(AlertRow.listing_id).where(AlertRow.sent))


def _waiting(site: Site) -> list[Any]:
    return site.scene.rows(select(OutboxRow.id).where(OutboxRow.state == "waiting"))


class TestFailures:
    def test_a_matcher_that_fails_holds_up_nothing_else(self, site: Site) -> None:
        class Failing(WordFits):
            def __call__(self, needs: Sequence[Need], listing_ids: Sequence[str]) -> Sequence[Sequence[Graded]]:
                raise Unavailable("坏了")

        site.work(site.background())
        site.scene.subscribe("requester", "need", site.scene.need("发酵:*").id)
        site.scene.publish(listing("PF-1"))
        with site.database.session() as session:
            letter = {"to": "a@b.cn", "subject": "题", "text": "文", "html": "文", "stop": None}
            outbox.put(session, "email", "a@b.cn", letter, site.clock())
        site.clock.ahead += LEASE
        failing = site.background(Failing())
        site.work(failing)
        assert len(site.mail.mails) == 1
        assert site.messages() == ()
        site.clock.ahead += LEASE
        site.work(site.background())
        assert len(site.messages()) == 1

    def test_without_a_matcher_the_rest_is_done(self, site: Site) -> None:
        site.webhook("feed")
        site.scene.publish(listing("PF-1"))
        background = Background(site.database, site.settings, None, clock=site.clock, times=QUICK)
        site.work(background)
        assert len(site.web.posts) == 1

    def test_the_thread_outlives_an_outage(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        down = threading.Event()
        real = background_module.find

        def find(*args: Any) -> Any:
            if not down.is_set():
                down.set()
                raise RuntimeError("once")
            return real(*args)

        monkeypatch.setattr(background_module, "find", find)
        background = site.background()
        background.start()
        try:
            assert wait_until(lambda: _position(site) is not None)
        finally:
            background.stop()

    def test_a_mail_server_that_can_t_be_read_is_said_at_the_start(self, site: Site) -> None:
        settings = site.settings.model_copy(update={"smtp_url": "smtp://?from=x"})
        with pytest.raises(InvalidInput):
            Background(site.database, settings, None)


class TestGathering:
    def test_changes_that_keep_coming_are_one_message_in_the_end(self, site: Site) -> None:
        background = site.background()
        site.work(background)
        site.scene.subscribe("requester", "need", site.scene.need("发酵:*").id)
        for number in range(4):
            site.scene.publish(listing(f"PF-{number}"))
            assert background.work()
        assert site.messages() == ()
        site.work(background)
        assert [len(one.items) for one in site.messages()] == [4]

    def test_but_not_for_ever(self, site: Site) -> None:
        background = site.background()
        site.work(background)
        site.scene.subscribe("requester", "need", site.scene.need("发酵:*").id)
        for number in range(2):
            site.scene.publish(listing(f"PF-{number}"))
            background.work()
            site.clock.ahead += GATHER
        assert len(site.messages()) == 1


class TestClock:
    def test_operators_are_reminded_once_by_message_and_mail(self, site: Site) -> None:
        site.scene.publish(listing("PF-1", "发酵\r\nBcc: x@y.cn"[:2]), listing("PF-2", "<b>芯片</b>"), org="base")
        today = day_of(site.clock())
        with site.database.session() as session:
            session.execute(update(ListingRow).values(due_on=today + timedelta(days=3)))
        background = site.background()
        site.work(background)
        site.work(background)
        (message,) = site.messages("operator")
        assert "2 个条目" in message.subject
        assert {item.id for item in message.items} == {"PF-1", "PF-2"}
        assert site.messages("other_operator") == ()
        (mail,) = site.mail.mails
        assert mail["To"] == "operator@example.cn"
        html = mail.get_body(("html",))
        assert html is not None
        assert "<b>" not in html.get_content()
        # The next day nobody is reminded of the same again.
        site.clock.ahead += timedelta(days=1)
        site.work(background)
        assert len(site.messages("operator")) == 1

    def test_a_crash_loses_no_reminder(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        site.scene.publish(listing("PF-1"), org="base")
        today = day_of(site.clock())
        with site.database.session() as session:
            session.execute(update(ListingRow).values(due_on=today + timedelta(days=3)))

        def killed(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(background_module, "tick_needs", killed)
            with pytest.raises(KeyboardInterrupt):
                site.background().work()
        assert site.messages("operator") == ()
        site.clock.ahead += LEASE
        site.work(site.background())
        assert len(site.messages("operator")) == 1

    def test_what_is_done_with_is_forgotten_and_what_waits_is_not(self, site: Site) -> None:
        with site.database.session() as session:
            letter = {"to": "a@b.cn", "subject": "题", "text": "文", "html": "文", "stop": None}
            outbox.put(session, "email", "a@b.cn", letter, site.clock())
        background = site.background()
        site.work(background)
        assert [row[0] for row in site.scene.rows(select(OutboxRow.state))] == ["sent"]
        with site.database.session() as session:
            outbox.put(session, "webhook", "wh-x", {}, site.clock() + timedelta(days=90))
        site.clock.ahead += timedelta(days=31)
        site.work(background)
        assert [row[0] for row in site.scene.rows(select(OutboxRow.state))] == ["waiting"]

    def test_old_imports_are_forgotten(self, site: Site) -> None:
        admin = site.scene.actors["admin"]
        with site.database.session() as session:
            read = preview_file(session, admin, "表.jsonl", line_of(listing("PF-1")).encode())
            kept = keep_preview(session, admin, read)
        background = site.background()
        for days, there in ((29, 1), (2, 0)):
            site.clock.ahead += timedelta(days=days)
            site.work(background)
            with site.database.reading() as session:
                assert imports_of(session, admin) == (there, [kept] * there)


#: A process of its own that works as fast as it can, on the database, receivers and data folder of the arguments.
PROCESS = """
import sys, time
from datetime import timedelta
from matcher.catalogue.database import Database
from matcher.sending.background import Background, Times
from matcher.settings import Settings
from tests.matcher.catalogue.alerts.scene import SECRET, WordFits
url, folder, smtp = sys.argv[1:]
settings = Settings(_env_file=None, data=folder, database=url, secret=SECRET, smtp_url=smtp)
times = Times(0.01, timedelta(seconds=0.2), timedelta(seconds=0.5))
background = Background(Database(url), settings, WordFits(), times=times)
background.start()
sys.stdout.write("on\\n"); sys.stdout.flush()
time.sleep(600)
"""


@pytest.mark.slow
def test_killed_again_and_again_every_alert_arrives_and_repeats_can_be_told(site: Site) -> None:
    """kill −9 of a real process at any moment, also between sending and marking."""
    find_from_here = site.background()
    site.work(find_from_here)
    find_from_here._release()
    hook = site.webhook("alerts")
    feed = site.webhook("feed")
    wish = Wish(("message", "webhook", "email"), webhook_id=hook)
    site.scene.subscribe("requester", "need", site.scene.need("发酵:*").id, wish)
    command = [sys.executable, "-c", PROCESS, site.database.url, str(site.settings.data), site.mail.url]
    for number in range(5):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"on\n"
            before = len(site.web.posts)
            site.scene.publish(listing(f"PF-{number}"))
            # Killed at the moment something arrived: before it is marked, more often than not.
            wait_until(lambda before=before: len(site.web.posts) > before, 20)  # type: ignore[misc]  # bound now
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()  # type: ignore[union-attr]  # it is a pipe
    site.clock.ahead += timedelta(minutes=5)
    last = site.background()
    assert wait_until(lambda: not last.work() and not _waiting(site), 30)
    alerts = {
        posted.headers["webhook-id"]: posted.content for posted in site.web.posts if posted.content["topic"] == "alerts"
    }
    told = [one["id"] for content in alerts.values() for one in content["listings"]]
    assert sorted(told) == [f"PF-{number}" for number in range(5)]
    assert sorted(item.id for message in site.messages() for item in message.items) == sorted(told)
    assert {mail["Message-ID"] for mail in site.mail.mails} == {
        f"<{row[0]}@example.cn>" for row in site.scene.rows(select(OutboxRow.id).where(OutboxRow.channel == "email"))
    }
    assert len(site.scene.rows(select(MessageRow.id))) == len(alerts)
    numbers = [
        change["number"]
        for posted in site.web.posts
        if posted.content["topic"] == "feed"
        for change in posted.content["changes"]
    ]
    assert list(dict.fromkeys(numbers)) == list(range(1, 6))
    assert site.scene.rows(select(WebhookRow.delivered).where(WebhookRow.id == feed))[0][0] == 5
