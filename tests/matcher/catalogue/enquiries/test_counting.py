"""How often listings were enquired about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from matcher.catalogue.database import Database
from matcher.catalogue.enquiries import counting
from matcher.catalogue.enquiries.counting import enquired
from matcher.catalogue.tables.enquiries import EnquiryRow
from tests.matcher.catalogue.enquiries.scene import (  # noqa: F401
    BROKER,
    NOON,
    OPERATOR,
    OWNER,
    database,
    keep,
    lead,
    noon,
    peopled,
    scene,
    send,
)


def test_by_listing_and_state(scene: Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(counting, "IDS", 1)
    with scene.session() as session:
        lead(session, OPERATOR, send(session, "L-a"), "answered")
        lead(session, OWNER, send(session, "L-a", need_id=keep(session).id), "withdrawn")
        send(session, "L-a", actor=BROKER)
        send(session, "L-b")
        assert enquired(session, ["L-a", "L-free", "L-a", "nobody"]) == {
            "L-a": {"answered": 1, "withdrawn": 1, "sent": 1}
        }
        assert enquired(session) == {"L-a": {"answered": 1, "withdrawn": 1, "sent": 1}, "L-b": {"sent": 1}}
        assert enquired(session, []) == {}


def test_from_a_moment_on(scene: Database) -> None:  # noqa: F811
    with scene.session() as session:
        old = send(session, "L-a")
        session.execute(update(EnquiryRow).where(EnquiryRow.id == old.id).values(created_at=NOON - timedelta(days=2)))
        send(session, "L-b")
        assert enquired(session, ["L-a", "L-b"], NOON) == {"L-b": {"sent": 1}}
        assert enquired(session, None, NOON - timedelta(days=2)) == {"L-a": {"sent": 1}, "L-b": {"sent": 1}}
