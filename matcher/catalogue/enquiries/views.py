"""Enquiries as one who may see them does: one with its thread, or a page of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.enquiries.records import (
    Enquiry,
    EnquiryPage,
    Entry,
    SeenEnquiry,
    SeenListing,
    What,
)
from matcher.catalogue.enquiries.rows import contact_of, found, record_of
from matcher.catalogue.enquiries.sharing import shared_fields
from matcher.catalogue.enquiries.standing import check_reader, known_to, party_of, received_by, sent_by, side_of
from matcher.catalogue.enquiries.states import LOST, EnquiryState, Side, moves_from
from matcher.catalogue.listings.standing import seen_by
from matcher.catalogue.needs.rows import consented, find_need
from matcher.catalogue.needs.visibility import SeenNeed, seen
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.enquiries import EnquiryEntryRow, EnquiryRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.records import Kind

#: `sent`: by the caller; `received`: by the caller's organisation; `queue`: kept by the platform, for admins.
Box = Literal["sent", "received", "queue"]
BOXES: Final[dict[Box, str]] = {"sent": "我发出的", "received": "本单位收到的", "queue": "待平台转交的"}


@dataclass(frozen=True, slots=True)
class EnquiryFilter:
    """Which enquiries, of those that the caller may know of; None leaves a condition out."""

    box: Box | None = None
    state: EnquiryState | None = None
    listing_id: str | None = None
    need_id: str | None = None


def read_enquiry(session: Session, actor: Actor, enquiry_id: str) -> SeenEnquiry:
    """An enquiry with its thread; an admin's look is audited.

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: an API key that may not read. NotFound: none for this actor.
    """
    check_reader(actor)
    row, side = found(session, actor, enquiry_id)
    if side == "platform":
        record_act(session, actor, "enquiry.read", "enquiry", row.id)
    return whole(session, actor, row, side)


def seen_enquiry(session: Session, actor: Actor, enquiry_id: str) -> SeenEnquiry:
    """As `read_enquiry`, for the answer to what the actor has just done with it: whatever a key may read."""
    row, side = found(session, actor, enquiry_id)
    return whole(session, actor, row, side)


def page_of_enquiries(
    session: Session, actor: Actor, wanted: EnquiryFilter = EnquiryFilter(), *, page: int = 1, size: int = 20
) -> EnquiryPage:
    """One page of the enquiries that the caller may know of, those with news first; an admin's look is audited.

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: the queue for others than admins; an API key that may not read.
    """
    check_reader(actor)
    if wanted.box == "queue":
        actor.needs_admin()
    conditions = _conditions(actor, wanted)
    counted = session.execute(select(EnquiryRow.state, func.count()).where(*conditions).group_by(EnquiryRow.state))
    states = {cast(EnquiryState, state): count for state, count in counted}
    chosen = [*conditions, EnquiryRow.state == wanted.state] if wanted.state else conditions
    query = select(EnquiryRow).where(*chosen).order_by(EnquiryRow.updated_at.desc(), EnquiryRow.id)
    rows = session.scalars(query.offset((page - 1) * size).limit(size)).all()
    if actor.is_admin and wanted.box not in ("sent", "received"):
        record_act(session, actor, "enquiry.list", "enquiry", "*", page=page, size=size)
    total = states.get(wanted.state, 0) if wanted.state else sum(states.values())
    return EnquiryPage(total, states, tuple(_outlines(session, actor, rows)))


def whole(session: Session, actor: Actor, row: EnquiryRow, side: Side) -> SeenEnquiry:
    """All that a side sees of an enquiry."""
    outline = _outlines(session, actor, [row])[0]
    is_hidden = side == "operator" and outline.state in LOST
    entries = session.scalars(
        select(EnquiryEntryRow).where(EnquiryEntryRow.enquiry_id == row.id).order_by(EnquiryEntryRow.id)
    )
    return replace(
        outline,
        contact=None if is_hidden else contact_of(row),
        need=None if is_hidden else _need(session, record_of(row)),
        entries=tuple(
            Entry(one.at, cast(Side, one.side), one.user_id == actor.user_id, cast(What, one.what), one.text)
            for one in entries
        ),
    )


def _conditions(actor: Actor, wanted: EnquiryFilter) -> list[ColumnElement[bool]]:
    conditions = [known_to(actor)]
    if wanted.box == "queue":
        conditions.append(EnquiryRow.organisation_id.is_(None))
    elif wanted.box is not None:
        conditions.append(sent_by(actor) if wanted.box == "sent" else received_by(actor))
    if wanted.listing_id is not None:
        conditions.append(EnquiryRow.listing_id == wanted.listing_id)
    if wanted.need_id is not None:
        # Whose need it is, an operator may have learnt elsewhere; that it stands behind an enquiry is said there.
        conditions += [EnquiryRow.need_id == wanted.need_id, known_to(actor) if actor.is_admin else sent_by(actor)]
    return conditions


def _outlines(session: Session, actor: Actor, rows: Sequence[EnquiryRow]) -> list[SeenEnquiry]:
    listings, claimed = _listings(session, actor, {row.listing_id for row in rows})
    wanted = {row.organisation_id for row in rows if row.organisation_id is not None}
    query = select(OrganisationRow.id, OrganisationRow.name).where(OrganisationRow.id.in_(wanted))
    names = {one.id: one.name for one in session.execute(query)}
    found_ones = []
    for row in rows:
        enquiry = record_of(row)
        side = side_of(actor, enquiry)
        assert side is not None  # what the conditions and `found` let through
        to = enquiry.organisation_id
        found_ones.append(
            SeenEnquiry(
                id=enquiry.id,
                side=side,
                state=enquiry.state,
                version=enquiry.version,
                created_at=enquiry.created_at,
                updated_at=enquiry.updated_at,
                listing=listings.get(enquiry.listing_id, SeenListing(enquiry.listing_id)),
                organisation=None if to is None else (to, names[to]),
                claimed_by=claimed.get(enquiry.listing_id) if side == "platform" and to is None else None,
                by_broker=enquiry.by_broker,
                text=row.text,
                need_id=enquiry.need_id if side != "operator" else None,
                share=enquiry.share if side != "operator" else None,
                moves=moves_from(enquiry.state, party_of(side, enquiry)),
            )
        )
    return found_ones


def _listings(session: Session, actor: Actor, ids: set[str]) -> tuple[dict[str, SeenListing], dict[str, str]]:
    """What the actor may see of listings, and the organisations of those that have one; by id."""
    row = ListingRow
    query = select(row.id, row.kind, row.name, row.operator, row.organisation_id).where(row.id.in_(ids), seen_by(actor))
    found_rows = session.execute(query).all()
    shown = {one.id: SeenListing(one.id, cast(Kind, one.kind), one.name, one.operator) for one in found_rows}
    return shown, {one.id: one.organisation_id for one in found_rows if one.organisation_id is not None}


def _need(session: Session, enquiry: Enquiry) -> SeenNeed | None:
    """The need as the receiver of the enquiry sees it: what is open to them, and what was shared with them."""
    need = find_need(session, enquiry.need_id) if enquiry.need_id is not None else None
    if need is None:
        return None
    to = enquiry.organisation_id
    if to is None:
        return seen(need, "signed_in", enquiry.share)
    how: Literal["consented", "signed_in"] = "consented" if to in consented(session, need.id) else "signed_in"
    return seen(need, how, shared_fields(session, need.id, to))
