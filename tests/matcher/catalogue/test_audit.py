"""The audit log: acts are stored with the transaction they belong to, and read latest first."""

from __future__ import annotations

from matcher.catalogue.access import ANONYMOUS, CONSOLE, Actor
from matcher.catalogue.audit import read_audit, record_act
from matcher.catalogue.database import Database

ADMIN = Actor("u-1", "admin")


def test_an_act_is_read_back_with_who_what_and_details(database: Database) -> None:
    with database.session() as session:
        record_act(session, ADMIN, "listing.hide", "listing", "PF-1", reason="信息有误", fields=["name"])
    with database.reading() as session:
        (entry,) = read_audit(session)
    assert (entry.user_id, entry.role, entry.action) == ("u-1", "admin", "listing.hide")
    assert (entry.about_kind, entry.about_id) == ("listing", "PF-1")
    assert entry.details == {"reason": "信息有误", "fields": ["name"]}


def test_an_act_that_failed_leaves_no_entry(database: Database) -> None:
    with database.session() as session:
        record_act(session, CONSOLE, "user.create", "user", "u-2")
        session.rollback()
    with database.reading() as session:
        assert read_audit(session) == []


def test_it_is_read_by_page_and_by_who_what_and_which(database: Database) -> None:
    with database.session() as session:
        for number in range(5):
            record_act(session, ADMIN if number % 2 else ANONYMOUS, f"listing.{number}", "listing", f"PF-{number}")
            session.flush()
    with database.reading() as session:
        first = read_audit(session, limit=2)
        rest = read_audit(session, before=first[-1].number)
        assert [entry.action for entry in (*first, *rest)] == [f"listing.{number}" for number in (4, 3, 2, 1, 0)]
        assert [entry.about_id for entry in read_audit(session, user_id="u-1")] == ["PF-3", "PF-1"]
        assert [entry.number for entry in read_audit(session, action="listing.2")] == [first[-1].number - 1]
        assert len(read_audit(session, about_id="PF-0")) == 1
