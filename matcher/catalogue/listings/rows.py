"""Between rows and records: columns of a listing, its marks and windows, and the record that a row holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from typing import Any

from matcher.catalogue.json_lines import Fields
from matcher.catalogue.lifecycle import State, stale_after
from matcher.catalogue.listings_file import fields_of, listing_from
from matcher.catalogue.search_words import folded
from matcher.catalogue.tables.listings import ListingRow
from matcher.records import Kind, Listing
from matcher.understanding.certificates import default_certificates


@dataclass(frozen=True, slots=True)
class StoredListing:
    """A listing and how it stands: for those who may edit it, never for the public.

    Attributes:
        listing: with `verified_on` and `stale_since` of this row.
        version: rises with every act of a person; the clock leaves it, so that nobody's edit fails at midnight.
        changed: its operator changed it after an admin had approved `approved_version`.
        note: the reason of the last return or hiding.
    """

    listing: Listing
    state: State
    version: int
    organisation_id: str | None
    hidden: bool
    changed: bool
    approved_version: int | None
    note: str | None
    verified_by: str | None
    due_on: date | None
    provenance: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None

    @property
    def visible(self) -> bool:
        """Whether everybody may see it."""
        return is_visible(self.state, self.hidden)


def is_visible(state: str, hidden: bool) -> bool:
    """Whether everybody may see a listing of this state."""
    return state in ("published", "due", "stale") and not hidden


def stored_fields(listing: Listing) -> Fields:
    """What `ListingRow.fields` holds: the record without the days that columns hold."""
    fields: Fields = _plain(fields_of(replace(listing, verified_on=None, stale_since=None)))
    return fields


def _plain(value: Any) -> Any:
    """JSON values as they come back: lists where records hold tuples."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def columns_of(listing: Listing) -> dict[str, Any]:
    """The columns that follow from the content of a listing."""
    terms = listing.terms
    fees = [fee.low if fee.low is not None else fee.high for fee in terms.fees]
    return {
        "kind": listing.kind,
        "name": listing.name,
        "operator": listing.operator,
        "province": listing.province,
        "city": listing.city,
        "tier": terms.tier,
        "tier_expires": _day(terms.tier_expires),
        "platform_type": terms.platform_type,
        "queue_days": terms.queue_days,
        "fee_from": min((fee for fee in fees if fee is not None), default=None),
        "open_share": terms.open_share,
        "hours": max((one.hours for one in terms.machine_hours), default=None),
        "words": words_of(listing),
        "fields": stored_fields(listing),
    }


def words_of(listing: Listing) -> str:
    """What a search for words looks in: one line a field and an item, as `search_words.folded` has it."""
    lists = (listing.capabilities, listing.equipment, listing.services, listing.qualifications, listing.industry)
    parts = (listing.id, listing.name, listing.operator or "", listing.summary, *chain.from_iterable(lists))
    return "\n".join(map(folded, parts))


#: As long as the column.
MARK_MAX = 200


def marks_of(listing: Listing) -> Iterator[dict[str, str]]:
    """Rows of `listing_marks`."""
    several = {
        "verification": listing.terms.verifications,
        "voucher": listing.terms.vouchers,
        "industry": listing.industry,
        "qualification": qualification_names(listing.qualifications),
    }
    for name, values in several.items():
        for value in dict.fromkeys(values):
            yield {"listing_id": listing.id, "name": name, "value": value}


def qualification_names(qualifications: Sequence[str]) -> tuple[str, ...]:
    """What qualifications are called alike: the names of the certificates that are held, else their own words."""
    found: dict[str, None] = {}
    certificates = default_certificates()
    for text in qualifications:
        holdings = certificates.held(Listing(id="", kind="platform", name="", qualifications=(text,)))
        for one in holdings:
            if one.status == "held":
                found[certificates[one.certificate].name] = None
        if not holdings:
            found[text[:MARK_MAX]] = None
    return tuple(found)


def windows_of(listing: Listing) -> Iterator[dict[str, Any]]:
    """Rows of `listing_windows`."""
    for position, window in enumerate(listing.terms.windows):
        start, end = _day(window.start), _day(window.end)
        yield {"listing_id": listing.id, "position": position, "start": start, "end": end}


def record_of(fields: Fields, state: str, verified_on: date | None, due_on: date | None) -> Listing:
    """The record of a row's columns."""
    stale = stale_after(due_on).isoformat() if state == "stale" and due_on is not None else None
    verified = verified_on.isoformat() if verified_on is not None else None
    return listing_from({**fields, "verified_on": verified, "stale_since": stale})


def stored_of(row: ListingRow) -> StoredListing:
    """A row as the record that leaves the catalogue."""
    return StoredListing(
        listing=record_of(row.fields, row.state, row.verified_on, row.due_on),
        state=row.state,  # type: ignore[arg-type]  # what the column holds, only this package writes
        version=row.version,
        organisation_id=row.organisation_id,
        hidden=row.hidden,
        changed=row.changed,
        approved_version=row.approved_version,
        note=row.note,
        verified_by=row.verified_by,
        due_on=row.due_on,
        provenance=row.provenance,
        created_at=row.created_at,
        updated_at=row.updated_at,
        published_at=row.published_at,
    )


def public_fields(listing: Listing) -> Fields:
    """What everybody may know of a listing that is visible: the content of the change log and of the feed.

    Named by hand: what a record gains later stays inside until somebody decides to show it.
    """
    fields = _plain(fields_of(listing))
    return {name: fields[name] for name in PUBLIC if name in fields}


#: Fields of `Listing` that are public.
PUBLIC: tuple[str, ...] = (
    "id", "kind", "name", "operator", "province", "city", "industry", "summary", "capabilities", "equipment",
    "parameters", "qualifications", "services", "level", "source_url", "source_title", "source_date", "terms",
    "verified_on", "stale_since",
)  # fmt: skip


def kind_of(row: ListingRow) -> Kind:
    """The kind of a row."""
    return row.kind  # type: ignore[return-value]  # what the column holds, only this package writes


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
