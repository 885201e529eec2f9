"""What goes out of enquiries: every field named by hand, made of `SeenEnquiry` only."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from api.need_answers import Answer, SeenNeedAnswer, seen_need_json
from matcher.catalogue.enquiries.records import EnquiryPage, Entry, SeenEnquiry, SeenListing, What
from matcher.catalogue.enquiries.states import ENQUIRY_STATES, SIDE_NAMES, EnquiryState, Side
from matcher.records import KIND_NAMES, Kind

Json = dict[str, Any]

UNCLAIMED: Final = "该条目暂无人认领,由平台转交"


class EnquiryListingAnswer(Answer):
    """The listing; only its id while it is out of the caller's sight."""

    id: str
    kind: Kind | None
    kind_name: str | None
    name: str | None
    operator: str | None


class ReceiverAnswer(Answer):
    """The organisation that got the enquiry."""

    id: str
    name: str


class MoveAnswer(Answer):
    """A state that the caller may lead the enquiry to."""

    state: EnquiryState
    name: str


class EntryAnswer(Answer):
    """One step or message; `what` is message, forwarded or a state."""

    at: datetime
    side: Side
    side_name: str
    by_me: bool
    what: What
    what_name: str
    text: str | None


class ContactAnswer(Answer):
    """How to reach the sender: for the sender, the organisation that got the enquiry, and the platform."""

    name: str | None
    organisation: str | None
    phone: str | None
    email: str | None


class EnquiryOutlineAnswer(Answer):
    """An enquiry in a list. `need_id` and `share` are for the requester and the platform."""

    id: str
    side: Side
    state: EnquiryState
    state_name: str
    version: int
    created_at: datetime
    updated_at: datetime
    listing: EnquiryListingAnswer
    organisation: ReceiverAnswer | None
    claimed_by: str | None
    notice: str | None
    by_broker: bool
    text: str
    need_id: str | None
    share: list[str] | None
    moves: list[MoveAnswer]


class EnquiryAnswer(EnquiryOutlineAnswer):
    """An enquiry with its thread. `need` is what its receiver may read of the need.

    For an operator `contact` and `need` are null once the enquiry was declined or withdrawn.
    """

    contact: ContactAnswer | None
    need: SeenNeedAnswer | None
    entries: list[EntryAnswer]


class EnquiriesAnswer(Answer):
    """One page; `states` counts all that the other filters leave, so that a state can be chosen."""

    total: int
    page: int
    size: int
    states: dict[EnquiryState, int]
    enquiries: list[EnquiryOutlineAnswer]


def outline_json(one: SeenEnquiry) -> Json:
    """An enquiry in a list."""
    to = one.organisation
    return {
        "id": one.id,
        "side": one.side,
        "state": one.state,
        "state_name": ENQUIRY_STATES[one.state],
        "version": one.version,
        "created_at": one.created_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
        "listing": _listing_json(one.listing),
        "organisation": None if to is None else {"id": to[0], "name": to[1]},
        "claimed_by": one.claimed_by,
        "notice": UNCLAIMED if to is None else None,
        "by_broker": one.by_broker,
        "text": one.text,
        "need_id": one.need_id,
        "share": None if one.share is None else list(one.share),
        "moves": [{"state": state, "name": ENQUIRY_STATES[state]} for state in one.moves],
    }


def enquiry_json(one: SeenEnquiry) -> Json:
    """An enquiry with its thread."""
    contact = one.contact
    return {
        **outline_json(one),
        "contact": None
        if contact is None
        else {
            "name": contact.name,
            "organisation": contact.organisation,
            "phone": contact.phone,
            "email": contact.email,
        },
        "need": None if one.need is None else seen_need_json(one.need),
        "entries": [_entry_json(entry) for entry in one.entries],
    }


def enquiries_json(found: EnquiryPage, page: int, size: int) -> Json:
    """A page of enquiries."""
    states = {state: found.states.get(state, 0) for state in ENQUIRY_STATES}
    enquiries = [outline_json(one) for one in found.enquiries]
    return {"total": found.total, "page": page, "size": size, "states": states, "enquiries": enquiries}


def _listing_json(one: SeenListing) -> Json:
    kind_name = None if one.kind is None else KIND_NAMES[one.kind]
    return {"id": one.id, "kind": one.kind, "kind_name": kind_name, "name": one.name, "operator": one.operator}


def _entry_json(one: Entry) -> Json:
    return {
        "at": one.at.isoformat(),
        "side": one.side,
        "side_name": SIDE_NAMES[one.side],
        "by_me": one.by_me,
        "what": one.what,
        "what_name": _what_name(one.what),
        "text": one.text,
    }


def _what_name(what: What) -> str:
    if what == "message":
        return "留言"
    return "平台转交" if what == "forwarded" else ENQUIRY_STATES[what]
