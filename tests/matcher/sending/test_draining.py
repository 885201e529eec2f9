"""The outbox is emptied through real servers: retries, giving up, and one bad row that stops nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.outbox import ERASED
from matcher.catalogue.alerts.webhooks import Webhook, add_webhook, change_webhook, delete_webhook
from matcher.catalogue.database import Database
from matcher.catalogue.tables.alerts import OutboxRow, WebhookRow
from matcher.errors import Conflict
from matcher.sending import draining
from matcher.sending.draining import Outbox
from matcher.sending.mail import Letter
from matcher.sending.pace import LONGEST_WAIT, TRIES
from matcher.sending.sealing import Seal
from matcher.sending.signing import new_secret, signature
from matcher.settings import Settings
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import SEAL, SECRET, Scene
from tests.matcher.sending.receivers import MailReceiver, WebReceiver, mail_receiver, web_receiver

HOOK_SECRET = new_secret()


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Sending:
    """An outbox of a real database with real receivers."""

    def __init__(self, database: Database, folder: Path, mail: MailReceiver, web: WebReceiver) -> None:  # noqa: F811
        self.scene = Scene(database)
        self.database, self.mail, self.web, self.clock = database, mail, web, Clock()
        self.settings = Settings(_env_file=None, data=folder, secret=SECRET, smtp_url=mail.url)
        self.outbox = Outbox(database, self.settings, SEAL, self.clock)
        with database.session() as session:
            self.webhook: Webhook = add_webhook(
                session, self.scene.actors["requester"], web.url, ["alerts"], SEAL.close(HOOK_SECRET)
            )

    def put_mail(self, to: str = "a@b.cn", subject: str = "题") -> str:
        with self.database.session() as session:
            return outbox.put(session, "email", to, Letter(to, subject, "文", "<p>文</p>").stored(), self.clock())

    def put_hook(self, target: str | None = None, **content: Any) -> str:
        with self.database.session() as session:
            return outbox.put(session, "webhook", target or self.webhook.id, content, self.clock())

    def row(self, key: str) -> Any:
        with self.database.reading() as session:
            row = session.get_one(OutboxRow, key)
            session.expunge(row)
            return row


@pytest.fixture
def sending(database: Database, tmp_path: Path) -> Iterator[Sending]:  # noqa: F811
    with mail_receiver() as mail, web_receiver() as web:
        yield Sending(database, tmp_path, mail, web)


def test_mail_and_webhook_arrive_once(sending: Sending) -> None:
    mail, hook = sending.put_mail(), sending.put_hook(topic="alerts")
    assert sending.outbox.drain() == 2
    assert sending.outbox.drain() == 0
    assert [one["Message-ID"] for one in sending.mail.mails] == [f"<{mail}@example.cn>"]
    (posted,) = sending.web.posts
    assert posted.headers["webhook-id"] == hook
    expected = signature(HOOK_SECRET, hook, posted.headers["webhook-timestamp"], posted.body)
    assert posted.headers["webhook-signature"] == f"v1,{expected}"
    assert {sending.row(mail).state, sending.row(hook).state} == {"sent"}
    assert sending.row(mail).sent_at is not None


def test_a_failure_is_tried_again_later_and_then_arrives(sending: Sending) -> None:
    sending.web.answer = lambda _: 500
    hook = sending.put_hook()
    sending.outbox.drain()
    row = sending.row(hook)
    assert (row.state, row.attempts) == ("waiting", 1)
    assert "500" in (row.last_error or "")
    assert row.next_at > sending.clock()
    assert sending.outbox.drain() == 0
    sending.clock.ahead += timedelta(seconds=13)
    sending.web.answer = lambda _: 200
    assert sending.outbox.drain() == 1
    assert [one.headers["webhook-id"] for one in sending.web.posts] == [hook, hook]
    assert (sending.row(hook).state, sending.row(hook).last_error) == ("sent", None)


def test_after_so_many_tries_it_is_given_up(sending: Sending) -> None:
    sending.web.answer = lambda _: 503
    hook = sending.put_hook()
    for _ in range(TRIES + 3):
        sending.outbox.drain()
        sending.clock.ahead += LONGEST_WAIT * 1.3
    assert len(sending.web.posts) == TRIES
    assert (sending.row(hook).state, sending.row(hook).attempts) == ("given_up", TRIES)


def put_sealed(sending: Sending) -> str:
    letter = Letter("a@b.cn", "重置密码", "令牌 geheim", "<p>geheim</p>")
    with sending.database.session() as session:
        return outbox.put(session, "email", letter.to, letter.sealed(SEAL), sending.clock())


def test_a_sealed_letter_arrives_in_words_and_is_erased(sending: Sending) -> None:
    key = put_sealed(sending)
    assert "geheim" not in str(sending.row(key).payload)
    sending.outbox.drain()
    assert "geheim" in sending.mail.mails[0].get_body(("plain",)).get_content()
    assert (sending.row(key).state, sending.row(key).payload) == ("sent", ERASED)


def test_a_sealed_letter_waits_for_the_next_try_and_is_erased_when_given_up(sending: Sending) -> None:
    sending.mail.refuse = "451 later"
    key = put_sealed(sending)
    sending.outbox.drain()
    assert "sealed" in sending.row(key).payload
    sending.mail.refuse = "550 no such user"
    sending.clock.ahead += LONGEST_WAIT
    sending.outbox.drain()
    assert (sending.row(key).state, sending.row(key).payload) == ("given_up", ERASED)
    with sending.database.session() as session, pytest.raises(Conflict):
        outbox.retry(session, key, sending.clock())


def test_other_letters_stay_for_another_try(sending: Sending) -> None:
    sending.mail.refuse = "550 no such user"
    key = sending.put_mail()
    sending.outbox.drain()
    assert sending.row(key).payload["subject"] == "题"
    with sending.database.session() as session:
        assert outbox.retry(session, key, sending.clock()).state == "waiting"


def test_a_letter_sealed_with_another_secret_waits(sending: Sending) -> None:
    other = Outbox(sending.database, sending.settings, Seal(SECRET[::-1]), sending.clock)
    key = put_sealed(sending)
    other.drain()
    assert (sending.row(key).state, sending.mail.mails) == ("waiting", [])


def test_a_mailbox_that_is_not_there_is_given_up_at_once(sending: Sending) -> None:
    sending.mail.refuse = "550 no such user"
    key = sending.put_mail()
    sending.outbox.drain()
    assert (sending.row(key).state, sending.row(key).attempts) == ("given_up", 1)


def test_a_mail_server_that_is_busy_is_asked_again(sending: Sending) -> None:
    sending.mail.refuse = "451 later"
    key = sending.put_mail()
    sending.outbox.drain()
    assert sending.row(key).state == "waiting"
    sending.mail.refuse = None
    sending.clock.ahead += timedelta(seconds=13)
    sending.outbox.drain()
    assert sending.row(key).state == "sent"
    assert len(sending.mail.mails) == 1


@pytest.mark.parametrize("to", ["a@b.cn\r\nBcc: c@d.cn", "", "甲@b.cn"])
def test_an_address_that_can_t_be_used_is_given_up_at_once(sending: Sending, to: str) -> None:
    key = sending.put_mail(to)
    sending.outbox.drain()
    assert sending.row(key).state == "given_up"
    assert sending.mail.mails == []


def test_without_a_mail_server_mail_waits(sending: Sending) -> None:
    settings = sending.settings.model_copy(update={"smtp_url": None})
    key = sending.put_mail()
    Outbox(sending.database, settings, SEAL, sending.clock).drain()
    assert sending.row(key).state == "waiting"


def test_a_receiver_that_is_gone_is_switched_off(sending: Sending) -> None:
    sending.web.answer = lambda _: 410
    first = sending.put_hook()
    sending.outbox.drain()
    second = sending.put_hook()
    sending.outbox.drain()
    assert len(sending.web.posts) == 1
    assert (sending.row(first).state, sending.row(second).state) == ("given_up", "given_up")
    with sending.database.reading() as session:
        assert session.scalars(select(WebhookRow.active)).all() == [False]


@pytest.mark.parametrize("act", ["off", "deleted", "unknown"])
def test_what_waits_for_a_webhook_that_is_not_there_is_given_up(sending: Sending, act: str) -> None:
    key = sending.put_hook("wh-unknown" if act == "unknown" else None)
    with sending.database.session() as session:
        if act == "off":
            change_webhook(session, sending.scene.actors["requester"], sending.webhook.id, active=False)
        if act == "deleted":
            delete_webhook(session, sending.scene.actors["requester"], sending.webhook.id)
    sending.outbox.drain()
    assert sending.row(key).state == "given_up"
    assert sending.web.posts == []


def test_a_secret_that_can_t_be_read_waits_for_a_new_one(sending: Sending) -> None:
    other = Outbox(sending.database, sending.settings, Seal(SECRET[::-1]), sending.clock)
    key = sending.put_hook()
    other.drain()
    assert sending.row(key).state == "waiting"
    assert "解封" in (sending.row(key).last_error or "")
    assert sending.web.posts == []


def test_in_production_nothing_goes_inside_whatever_is_stored(sending: Sending) -> None:
    settings = sending.settings.model_copy(update={"env": "production"})
    key = sending.put_hook()
    Outbox(sending.database, settings, SEAL, sending.clock).drain()
    assert sending.web.posts == []
    assert sending.row(key).state == "waiting"


def test_a_row_that_nobody_understands_stops_no_other(sending: Sending) -> None:
    with sending.database.session() as session:
        odd = outbox.put(session, "email", "a@b.cn", {"nonsense": 1}, sending.clock() - timedelta(hours=1))
    good = sending.put_mail()
    sending.outbox.drain()
    assert (sending.row(odd).state, sending.row(good).state) == ("waiting", "sent")
    assert sending.row(odd).last_error == "TypeError"


def test_one_slow_receiver_keeps_few_others_waiting(sending: Sending) -> None:
    sending.web.answer = lambda _: 200 if time.sleep(0.5) is None else 500
    for _ in range(draining.SIDE_BY_SIDE):
        sending.put_hook()
    began = time.monotonic()
    sending.outbox.drain()
    assert time.monotonic() - began < 0.5 * draining.SIDE_BY_SIDE / 2


def test_killed_between_sending_and_marking_it_comes_again_with_the_same_id(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = sending.put_hook()

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(draining.outbox, "mark_sent", killed)
        with pytest.raises(KeyboardInterrupt):
            sending.outbox.drain()
    assert len(sending.web.posts) == 1
    assert sending.outbox.drain() == 0
    sending.clock.ahead += draining.LEASE
    assert sending.outbox.drain() == 1
    assert [one.headers["webhook-id"] for one in sending.web.posts] == [key, key]
    assert (sending.row(key).state, sending.row(key).attempts) == ("sent", 2)


def test_one_that_kills_its_process_each_time_is_given_up(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt counts when it begins."""
    key = sending.put_hook()
    with sending.database.session() as session:
        session.execute(update(OutboxRow).values(attempts=TRIES - 1))
    sending.web.answer = lambda _: 500
    sending.outbox.drain()
    assert sending.row(key).state == "given_up"
