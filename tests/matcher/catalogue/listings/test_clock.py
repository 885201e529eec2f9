"""What time does to listings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.audit import read_audit
from matcher.catalogue.change_log import changes_after, last_change
from matcher.catalogue.database import Database, Session
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.clock import Reminder, tick
from matcher.catalogue.listings.published import published_by_ids
from matcher.catalogue.listings.store import find, perform
from matcher.terms import Terms
from tests.matcher.catalogue.listings.conftest import ADMIN, CONTENT, OPERATOR

VERIFIED = date(2025, 3, 1)
DUE = date(2026, 3, 1)
STALE = date(2026, 4, 30)
LISTING = replace(CONTENT, id="PF-1", verified_on=VERIFIED.isoformat())


@pytest.fixture
def verified(people: Database) -> Database:
    with people.session() as session:
        put_many(session, [LISTING], CONSOLE, organisation_id="o-one", today=VERIFIED)
        put_many(session, [replace(LISTING, id="PF-2")], CONSOLE, today=VERIFIED)
    return people


def run(database: Database, day: date) -> list[Reminder]:
    with database.session() as session:
        return tick(session, day)


def states(session: Session) -> list[str]:
    return [find(session, ADMIN, one).state for one in ("PF-1", "PF-2")]


def test_a_year_day_by_day(verified: Database) -> None:
    told = []
    for days in range(300, 480):
        told += [(VERIFIED + timedelta(days=days), one) for one in run(verified, VERIFIED + timedelta(days=days))]
    assert [(day, one.why, one.on) for day, one in told] == [
        (DUE - timedelta(days=30), "due_soon", DUE),
        (DUE, "due", DUE),
        (STALE, "stale", STALE),
    ]
    assert {(one.listing_id, one.organisation_id) for _, one in told} == {("PF-1", "o-one")}
    assert all(one.name in reminder.text for one, reminder in ((LISTING, one) for _, one in told))


def test_the_same_day_again_does_nothing(verified: Database) -> None:
    for day in (DUE - timedelta(days=5), DUE, STALE):
        assert run(verified, day)
        with verified.reading() as session:
            before = (states(session), last_change(session), len(read_audit(session)))
        assert run(verified, day) == []
        with verified.reading() as session:
            assert (states(session), last_change(session), len(read_audit(session))) == before


def test_after_a_long_pause_it_goes_all_the_way(verified: Database) -> None:
    (reminder,) = run(verified, date(2030, 1, 1))
    assert (reminder.why, reminder.on) == ("stale", STALE)
    with verified.reading() as session:
        assert states(session) == ["stale", "stale"]
        acts = [one.action for one in read_audit(session, about_id="PF-1")]
    assert acts == ["listing.turn_stale", "listing.fall_due"]


def test_stale_is_said_and_told_due_is_not(verified: Database) -> None:
    with verified.reading() as session:
        before = last_change(session)
    run(verified, DUE)
    with verified.reading() as session:
        assert last_change(session) == before
        assert published_by_ids(session, ["PF-1"]) == {"PF-1": LISTING}
    run(verified, STALE)
    stale = replace(LISTING, stale_since=STALE.isoformat())
    with verified.reading() as session:
        assert published_by_ids(session, ["PF-1"]) == {"PF-1": stale}
        told = changes_after(session, before)
    assert [(one.about_id, one.content and one.content["stale_since"]) for one in told] == [
        ("PF-1", "2026-04-30"),
        ("PF-2", "2026-04-30"),
    ]


def test_the_clock_makes_no_version(verified: Database) -> None:
    run(verified, STALE)
    with verified.session() as session:
        stored = find(session, OPERATOR, "PF-1")
        assert stored.version == 1
        fresh = perform(session, OPERATOR, "PF-1", "verify", seen=1, today=STALE)
    assert (fresh.state, fresh.listing.stale_since, fresh.due_on) == ("published", None, date(2027, 4, 30))


def test_hidden_listings_turn_stale_unseen(verified: Database) -> None:
    with verified.session() as session:
        for one in ("PF-1", "PF-2"):
            perform(session, ADMIN, one, "hide", reason="投诉")
        before = last_change(session)
        tick(session, STALE)
        assert last_change(session) == before
        assert states(session) == ["stale", "stale"]


def test_a_new_verification_is_reminded_of_again(verified: Database) -> None:
    run(verified, DUE - timedelta(days=30))
    with verified.session() as session:
        perform(session, OPERATOR, "PF-1", "verify", today=DUE - timedelta(days=20))
    assert run(verified, DUE) == []
    (reminder,) = run(verified, date(2027, 2, 1))
    assert (reminder.why, reminder.on) == ("due_soon", date(2027, 2, 9))


def test_a_tier_that_ends_is_warned_of_once(people: Database) -> None:
    tiered = replace(CONTENT, id="PF-1", terms=Terms(tier="city", tier_expires="2025-12-31"))
    with people.session() as session:
        put_many(session, [tiered], CONSOLE, organisation_id="o-one", today=date(2025, 6, 1))
    assert run(people, date(2025, 11, 30)) == []
    (reminder,) = run(people, date(2025, 12, 1))
    assert (reminder.why, reminder.on) == ("tier_expires", date(2025, 12, 31))
    assert run(people, date(2025, 12, 20)) == []


def test_drafts_and_what_is_retired_stay(people: Database) -> None:
    with people.session() as session:
        put_many(session, [LISTING], CONSOLE, state="draft", organisation_id="o-one", today=VERIFIED)
        put_many(session, [replace(LISTING, id="PF-2")], CONSOLE, state="retired", today=VERIFIED)
        assert tick(session, date(2030, 1, 1)) == []
        assert states(session) == ["draft", "retired"]
