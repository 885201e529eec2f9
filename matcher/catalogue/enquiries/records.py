"""Enquiries as they are kept, and as one side sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from matcher.catalogue.enquiries.states import EnquiryState, Side
from matcher.catalogue.needs.visibility import SeenNeed
from matcher.records import Kind

#: What an entry of the thread is: something said, handed on by the platform, or led to a state.
What = Literal["message", "forwarded"] | EnquiryState


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach whoever sends an enquiry; for the organisation that gets it, and nobody else."""

    name: str | None = None
    organisation: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class EnquiryDraft:
    """What a requester sends.

    Attributes:
        need_id: one of the sender's own needs. share: fields of it that the operator may read, whatever their
            visibility. answer_id: the matcher's answer in which the listing was found.
    """

    listing_id: str
    text: str = ""
    need_id: str | None = None
    share: tuple[str, ...] = ()
    contact: Contact = Contact()
    answer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Enquiry:
    """An enquiry as it is kept, without its words: for parts of the program that act on it.

    Attributes:
        organisation_id: to whom it went; None while the platform keeps it because nobody has claimed the listing.
    """

    id: str
    listing_id: str
    organisation_id: str | None
    user_id: str
    need_id: str | None
    by_broker: bool
    state: EnquiryState
    share: tuple[str, ...]
    answer_id: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What was just done with an enquiry, by which side and user: for those who tell others of it."""

    enquiry: Enquiry
    what: What
    side: Side
    user_id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One step or message of the thread. `by_me`: the reader's own."""

    at: datetime
    side: Side
    by_me: bool
    what: What
    text: str | None


@dataclass(frozen=True, slots=True)
class SeenListing:
    """The listing that an enquiry is about; only the id where it is out of the reader's sight."""

    id: str
    kind: Kind | None = None
    name: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class SeenEnquiry:
    """An enquiry as one who may see it does; nothing that is not theirs to see is in it.

    Attributes:
        side: as whom the reader sees it. organisation: id and name of who got it. claimed_by: for the platform, the
            organisation that has claimed the listing since. share: for the requester and the platform.
        contact, need, entries: None and () in lists. moves: the states that the reader may lead it to.
    """

    id: str
    side: Side
    state: EnquiryState
    version: int
    created_at: datetime
    updated_at: datetime
    listing: SeenListing
    organisation: tuple[str, str] | None
    claimed_by: str | None
    by_broker: bool
    text: str
    need_id: str | None
    share: tuple[str, ...] | None
    moves: tuple[EnquiryState, ...]
    contact: Contact | None = None
    need: SeenNeed | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class EnquiryPage:
    """One page of a list: how many there are, how many in each state (whatever state was asked for), and the page."""

    total: int
    states: dict[EnquiryState, int]
    enquiries: tuple[SeenEnquiry, ...]
