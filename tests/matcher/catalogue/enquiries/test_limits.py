"""How many enquiries and messages a day may have."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from matcher.catalogue.database import Database
from matcher.catalogue.enquiries import limits
from matcher.catalogue.enquiries.store import write_message
from matcher.catalogue.tables import base
from matcher.catalogue.tables.enquiries import EnquiryRow
from matcher.errors import TooMany
from tests.matcher.catalogue.enquiries.scene import (  # noqa: F401
    BROKER,
    NOON,
    OPERATOR,
    OWNER,
    TODAY,
    database,
    keep,
    lead,
    noon,
    peopled,
    scene,
    send,
)


def test_twenty_a_day_each_whatever_became_of_them(scene: Database) -> None:  # noqa: F811
    with scene.session() as session:
        for _ in range(limits.ENQUIRIES_A_DAY):
            lead(session, OWNER, send(session), "withdrawn")
        with pytest.raises(TooMany, match="至多 20 份") as caught:
            send(session)
        assert caught.value.hint
        # It is noon in China.
        assert caught.value.retry_seconds == 12 * 3600
        assert send(session, actor=BROKER).state == "sent"


def test_the_day_begins_at_midnight_in_china(scene: Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(limits, "ENQUIRIES_A_DAY", 1)
    with scene.session() as session:
        sent = send(session)
        midnight = NOON - timedelta(hours=12)
        session.execute(update(EnquiryRow).values(created_at=midnight))
        with pytest.raises(TooMany):
            send(session, "L-b")
        session.execute(update(EnquiryRow).values(created_at=midnight - timedelta(seconds=1)))
        assert send(session, "L-b").id != sent.id


def test_what_is_refused_does_not_count(scene: Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(limits, "ENQUIRIES_A_DAY", 1)
    for _ in range(3):
        with scene.session() as session, pytest.raises(Exception, match="没有编号为 L-hidden 的条目"):
            send(session, "L-hidden")
    with scene.session() as session:
        assert send(session).state == "sent"


def test_messages_have_a_limit_of_their_own(scene: Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(limits, "MESSAGES_A_DAY", 3)
    with scene.session() as session:
        sent = send(session)
        for _ in range(2):
            write_message(session, OWNER, sent.id, "在吗", TODAY)
        with pytest.raises(TooMany, match="至多 3 条"):
            write_message(session, OWNER, sent.id, "在吗", TODAY)
        assert write_message(session, OPERATOR, sent.id, "在", TODAY).enquiry.state == "answered"
        with pytest.raises(TooMany):
            lead(session, OWNER, sent, "visiting")
        monkeypatch.setattr(base, "now", lambda: NOON + timedelta(days=1))
        assert write_message(session, OWNER, sent.id, "新的一天", TODAY + timedelta(days=1)).what == "message"
