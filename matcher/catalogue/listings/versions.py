"""Every version of a listing: the list of them, what differs between two, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.json_lines import Fields
from matcher.catalogue.listings.rows import PUBLIC, StoredListing
from matcher.catalogue.listings.standing import check_keeper, check_may
from matcher.catalogue.listings.store import edit, find, with_granted
from matcher.catalogue.listings_file import listing_from
from matcher.catalogue.tables.listings import ListingVersionRow
from matcher.errors import NotFound
from matcher.terms import Terms


@dataclass(frozen=True, slots=True)
class Version:
    """What a listing was after one act; `fields` as in listings.jsonl."""

    version: int
    act: str
    state: str
    user_id: str | None
    at: datetime
    fields: Fields


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; a missing one is None. `field` is `terms.queue_days` for what is within the terms."""

    field: str
    before: Any
    after: Any


def versions_of(session: Session, actor: Actor, listing_id: str) -> Sequence[Version]:
    """All versions, latest first, for those who keep the listing; errors as for `store.edit`."""
    _check(session, actor, listing_id)
    query = select(ListingVersionRow).where(ListingVersionRow.listing_id == listing_id)
    return [_version(row) for row in session.scalars(query.order_by(ListingVersionRow.version.desc()))]


def version_of(session: Session, actor: Actor, listing_id: str, number: int) -> Version:
    """One version; errors as for `versions_of`, and NotFound where there is no such version."""
    _check(session, actor, listing_id)
    row = session.get(ListingVersionRow, (listing_id, number)) if number < 2**31 else None
    if row is None:
        raise NotFound(f"条目没有第 {number} 版", hint="各版本见 versions", field="version")
    return _version(row)


def changes_to_approve(session: Session, actor: Actor, listing_id: str) -> list[Difference]:
    """What differs between the content that was approved last and the present one; all of it where none was."""
    stored = _check(session, actor, listing_id)
    now = version_of(session, actor, listing_id, stored.version).fields
    approved = stored.approved_version
    return differences(version_of(session, actor, listing_id, approved).fields if approved else {}, now)


def take_back(session: Session, actor: Actor, listing_id: str, number: int, *, seen: int | None) -> StoredListing:
    """Give a listing the content that it had in a version, as a new version; errors as for `store.edit`.

    What only admins may set stays as it is now where an operator takes the version back.
    """
    listing = listing_from(version_of(session, actor, listing_id, number).fields)
    if not actor.is_admin:
        listing = with_granted(listing, find(session, actor, listing_id).listing)
    return edit(session, actor, listing_id, listing, seen=seen, act="take_back")


def differences(before: Fields, after: Fields) -> list[Difference]:
    """Fields that differ, in the order of a listing's fields; those of the terms one by one."""
    first, second = _flat(before), _flat(after)
    # PostgreSQL returns the names of an object in an order of its own.
    names = (*PUBLIC, *(f"terms.{name}" for name in Terms.__dataclass_fields__))
    return [
        Difference(name, first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)
    ]


def _flat(fields: Fields) -> Fields:
    """The terms beside the other fields; what says nothing (None, "", []) left out."""
    flat = {name: value for name, value in fields.items() if name not in ("id", "terms")}
    flat |= {f"terms.{name}": value for name, value in fields.get("terms", {}).items()}
    return {name: value for name, value in flat.items() if value not in (None, "", [])}


def _check(session: Session, actor: Actor, listing_id: str) -> StoredListing:
    check_keeper(actor)
    stored = find(session, actor, listing_id)
    check_may(actor, stored.organisation_id, "edit")
    return stored


def _version(row: ListingVersionRow) -> Version:
    return Version(row.version, row.act, row.state, row.user_id, row.at, row.fields)
