"""Who may know of an enquiry, and as whom they act on it: its sender, the organisation that got it, admins."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, false, or_, true

from matcher.catalogue.access import Actor, Scope
from matcher.catalogue.enquiries.records import Enquiry
from matcher.catalogue.enquiries.states import Party, Side
from matcher.catalogue.tables.enquiries import EnquiryRow
from matcher.errors import NotFound

#: What an API key needs to act as this side; admins' keys need the scope of admins instead.
_SCOPES: Final[dict[Side, Scope]] = {"requester": "needs", "operator": "listings"}


def side_of(actor: Actor, enquiry: Enquiry) -> Side | None:
    """As whom the actor sees an enquiry; None: it is not there for them. Its sender stays its sender, whatever else."""
    if actor.user_id is not None and actor.user_id == enquiry.user_id:
        return "requester"
    if enquiry.organisation_id is not None and _organisation(actor) == enquiry.organisation_id:
        return "operator"
    return "platform" if actor.is_admin else None


def party_of(side: Side, enquiry: Enquiry) -> Party:
    """As whom a side acts."""
    if side != "platform":
        return side
    return "keeper" if enquiry.organisation_id is None else "overseer"


def sent_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor sent an enquiry."""
    return false() if actor.user_id is None else EnquiryRow.user_id == actor.user_id


def received_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that an enquiry went to the actor's organisation, and not from the actor."""
    organisation_id = _organisation(actor)
    return and_(EnquiryRow.organisation_id == organisation_id, ~sent_by(actor)) if organisation_id else false()


def known_to(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor may know of an enquiry: where `side_of` gives one."""
    return true() if actor.is_admin else or_(sent_by(actor), received_by(actor))


def check_reader(actor: Actor) -> str:
    """The user's id.

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: an API key that may not read.
    """
    user_id = actor.needs_sign_in()
    if not actor.is_admin:
        actor.needs_scope("read")
    return user_id


def check_writer(actor: Actor, side: Side | None = None) -> str:
    """The user's id, if they may act as this side; before that is known, as any.

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: an API key made for other things.
    """
    user_id = actor.needs_sign_in()
    if side is not None and side in _SCOPES:
        actor.needs_scope(_SCOPES[side])
    elif side is None and actor.scopes is not None and not actor.is_admin and "listings" not in actor.scopes:
        actor.needs_scope("needs")
    return user_id


def unknown(enquiry_id: str) -> NotFound:
    """What is said of an enquiry that is not there, and of one that this caller may not know of."""
    return NotFound(f"没有编号为 {enquiry_id[:64]} 的对接申请", hint="编号见 GET /v1/enquiries", field="enquiry_id")


def _organisation(actor: Actor) -> str | None:
    """The organisation whose enquiries the actor answers."""
    return actor.organisation_id if actor.role == "operator" else None
