"""People, and listings of an organisation, of another, of nobody, hidden, and one that nobody can enquire about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlalchemy import update

from matcher.catalogue.access import CONSOLE, Actor
from matcher.catalogue.database import Database, Session
from matcher.catalogue.enquiries.records import Contact, Enquiry, EnquiryDraft, Step
from matcher.catalogue.enquiries.states import EnquiryState
from matcher.catalogue.enquiries.store import move_enquiry, send_enquiry
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.tables import base
from matcher.catalogue.tables.listings import ListingRow
from tests.databases import database
from tests.matcher.catalogue.needs.people import (
    ADMIN,
    BROKER,
    COLLEAGUE,
    OPERATOR,
    OTHER,
    OWNER,
    TODAY,
    keep,
    peopled,
)
from tests.matcher.small import LISTINGS

#: What the tests beside this take from here.
__all__ = [
    "ADMIN", "BROKER", "COLLEAGUE", "CONTACT", "NOON", "OPERATOR", "OTHER", "OWNER", "STRANGERS", "TODAY", "database",
    "keep", "lead", "noon", "peopled", "scene", "send",
]  # fmt: skip
#: Noon of TODAY in China.
NOON: Final = datetime(2026, 11, 22, 4, tzinfo=UTC)
CONTACT: Final = Contact("李工", "起步公司", "0769-21234567", "li@example.cn")
#: Listing → its organisation.
OFFERED: Final = {"L-a": "org-a", "L-a2": "org-a", "L-b": "org-b", "L-free": None, "L-hidden": "org-a", "L-case": None}
#: Who may have nothing to do with an enquiry of OWNER's at org-a, the sender's colleague included.
STRANGERS: Final = (Actor(), COLLEAGUE, OTHER, BROKER)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of what is written stands on TODAY."""
    monkeypatch.setattr(base, "now", lambda: NOON)


@pytest.fixture
def scene(peopled: Database) -> Database:
    """Everybody, and the listings of OFFERED in sight, but L-hidden."""
    with peopled.session() as session:
        for listing_id, organisation_id in OFFERED.items():
            listing = replace(LISTINGS[0], id=listing_id, name=f"名称{listing_id}", kind="platform", level=None)
            listing = replace(listing, kind="case") if listing_id == "L-case" else listing
            put_many(session, [listing], CONSOLE, organisation_id=organisation_id)
        session.execute(update(ListingRow).where(ListingRow.id == "L-hidden").values(hidden=True))
    return peopled


def send(session: Session, listing_id: str = "L-a", *, actor: Actor = OWNER, **more: Any) -> Enquiry:
    """An enquiry, with contact data unless said otherwise."""
    fields: dict[str, Any] = {"text": "想看现场", "contact": CONTACT} | more
    return send_enquiry(session, actor, EnquiryDraft(listing_id, **fields), TODAY).enquiry


def lead(session: Session, actor: Actor, enquiry: Enquiry, *states: EnquiryState, note: str | None = "说明") -> Step:
    """The last of several moves."""
    for state in states:
        step = move_enquiry(session, actor, enquiry.id, state, TODAY, note=note)
    return step
