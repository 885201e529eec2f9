"""What the index serves: the listings that everybody may see, as records."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from matcher.catalogue.lifecycle import VISIBLE
from matcher.catalogue.listings.rows import record_of
from matcher.catalogue.tables.listings import ListingRow
from matcher.records import Listing

#: Rows fetched at a time.
PART = 1000
#: Ids in one statement: SQLite takes some thousands of values.
IDS = 500


def in_sight() -> ColumnElement[bool]:
    """The condition that everybody may see a listing."""
    return and_(ListingRow.state.in_(VISIBLE), ListingRow.hidden.is_(False))


def published(session: Session) -> Iterator[Listing]:
    """Every listing that everybody may see, with `verified_on` and `stale_since`, as the database orders ids."""
    rows = session.execute(_columns().where(in_sight()).order_by(ListingRow.id).execution_options(yield_per=PART))
    return (_record(row) for row in rows)


def published_by_ids(session: Session, ids: Collection[str]) -> dict[str, Listing | None]:
    """The listings of ids that everybody may see; None for every other id."""
    found: dict[str, Listing | None] = dict.fromkeys(ids)
    wanted = sorted(found)
    for start in range(0, len(wanted), IDS):
        query = _columns().where(in_sight(), ListingRow.id.in_(wanted[start : start + IDS]))
        found |= {row.id: _record(row) for row in session.execute(query)}
    return found


def published_ids(session: Session, after: str, limit: int) -> list[tuple[str, datetime]]:
    """Ids behind `after`, in order, of listings that everybody may see, with when each was changed last."""
    query = select(ListingRow.id, ListingRow.updated_at).where(in_sight(), ListingRow.id > after)
    return [(row.id, row.updated_at) for row in session.execute(query.order_by(ListingRow.id).limit(limit))]


def holds_listings(session: Session) -> bool:
    """Whether the database has any listing, in whatever state."""
    return session.execute(select(ListingRow.id).limit(1)).first() is not None


def count_published(session: Session) -> int:
    """How many listings everybody may see."""
    return session.execute(select(func.count()).select_from(ListingRow).where(in_sight())).scalar_one()


def _columns() -> Select[Any]:
    row = ListingRow
    return select(row.id, row.fields, row.state, row.verified_on, row.due_on)


def _record(row: Any) -> Listing:
    return record_of(row.fields, row.state, row.verified_on, row.due_on)
