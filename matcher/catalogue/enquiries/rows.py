"""Enquiries as rows: found, locked, and turned into records."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.enquiries.records import Contact, Enquiry, EnquiryDraft, What
from matcher.catalogue.enquiries.standing import side_of, unknown
from matcher.catalogue.enquiries.states import EnquiryState, Side
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.tables import base
from matcher.catalogue.tables.enquiries import EnquiryEntryRow, EnquiryRow


def found(session: Session, actor: Actor, enquiry_id: str, *, lock: bool = False) -> tuple[EnquiryRow, Side]:
    """The row of an enquiry, and as whom the actor sees it.

    Args:
        lock: nobody else changes it before this transaction ends.

    Raises:
        NotFound: there is none, for this actor.
    """
    query = select(EnquiryRow).where(EnquiryRow.id == enquiry_id).execution_options(populate_existing=True)
    if lock:
        query = query.with_for_update()
    row = session.scalars(query).one_or_none() if is_id(enquiry_id) else None
    side = None if row is None else side_of(actor, record_of(row))
    if row is None or side is None:
        raise unknown(enquiry_id)
    return row, side


def new_row(draft: EnquiryDraft, actor: Actor, organisation_id: str | None) -> EnquiryRow:
    """A row of version 0, which its first entry makes 1; the draft was checked, and its sender is signed in."""
    user_id, contact = actor.needs_sign_in(), draft.contact
    return EnquiryRow(
        id=base.new_key("enq"),
        need_id=draft.need_id,
        subject=draft.need_id or user_id,
        listing_id=draft.listing_id,
        organisation_id=organisation_id,
        user_id=user_id,
        by_broker=actor.role == "broker",
        state="sent",
        text=draft.text,
        contact_name=contact.name,
        contact_organisation=contact.organisation,
        contact_phone=contact.phone,
        contact_email=contact.email,
        share=list(draft.share),
        answer_id=draft.answer_id,
        version=0,
        created_at=base.now(),
    )


def add_entry(session: Session, row: EnquiryRow, user_id: str, side: Side, what: What, text: str | None) -> None:
    """Add to the thread of an enquiry, which has a new version with it."""
    session.add(EnquiryEntryRow(enquiry_id=row.id, at=base.now(), user_id=user_id, side=side, what=what, text=text))
    row.version += 1
    row.updated_at = base.now()
    session.flush()


def record_of(row: EnquiryRow) -> Enquiry:
    """The record of a row."""
    return Enquiry(
        id=row.id,
        listing_id=row.listing_id,
        organisation_id=row.organisation_id,
        user_id=row.user_id,
        need_id=row.need_id,
        by_broker=row.by_broker,
        state=state_of(row),
        share=tuple(row.share),
        answer_id=row.answer_id,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def state_of(row: EnquiryRow) -> EnquiryState:
    """The state of a row."""
    return cast(EnquiryState, row.state)


def contact_of(row: EnquiryRow) -> Contact:
    """How to reach the sender."""
    return Contact(row.contact_name, row.contact_organisation, row.contact_phone, row.contact_email)
