"""Listings that an admin imports and whose operator is an organisation with accounts here: they become its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.importing.identity import plain
from matcher.catalogue.importing.plan import Change
from matcher.catalogue.importing.previews import ImportPreview
from matcher.catalogue.listings.bulk import parts
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.records import Listing


def claimed(session: Session, changes: Sequence[Change]) -> dict[str, str]:
    """By id of a listing, the organisation that is called as its operator is."""
    return _organisations(session, [one.listing for one in changes])


def claims_noted(session: Session, found: ImportPreview) -> ImportPreview:
    """A preview that says how many of its rows will belong to organisations by their operators."""
    listings = [row.listing for row in found.rows if row.listing is not None and row.outcome != "same"]
    theirs = _organisations(session, listings)
    count = sum(listing.id in theirs for listing in listings)
    if not count:
        return found
    note = f"运营单位与已登记单位同名的有 {count} 行,确认后划归该单位(已有归属的不变)"
    return replace(found, notes=(*found.notes, note))


def assign_claimed(session: Session, actor: Actor, claims: Mapping[str, str]) -> None:
    """Give the listings among these that are there and belong to nobody to their organisations."""
    for part in parts(sorted(claims)):
        free = select(ListingRow.id).where(ListingRow.id.in_(part), ListingRow.organisation_id.is_(None))
        for listing_id in session.scalars(free.order_by(ListingRow.id)).all():
            statement = update(ListingRow).where(ListingRow.id == listing_id, ListingRow.organisation_id.is_(None))
            session.execute(statement.values(organisation_id=claims[listing_id]))
            record_act(
                session, actor, "listing.assign", "listing", listing_id, organisation_id=claims[listing_id], by="import"
            )


def _organisations(session: Session, listings: Iterable[Listing]) -> dict[str, str]:
    """By id of a listing. Names are compared in one width and case, without blanks and punctuation; two organisations
    that are then called the same claim nothing."""
    by_name: dict[str, str | None] = {}
    query = select(OrganisationRow.id, OrganisationRow.name).where(OrganisationRow.active)
    for organisation_id, name in session.execute(query):
        by_name[plain(name)] = None if plain(name) in by_name else organisation_id
    named = ((one.id, by_name.get(plain(one.operator))) for one in listings if one.operator)
    return {listing_id: organisation_id for listing_id, organisation_id in named if organisation_id is not None}
