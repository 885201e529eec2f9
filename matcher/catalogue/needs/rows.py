"""Needs as rows: read, changed where nobody else was quicker, and turned into records."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.needs.states import OPEN, NeedState
from matcher.catalogue.needs.stored import StoredNeed
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.needs import ConsentRow, NeedRow

#: As long as the columns that hold ids.
ID_MAX: Final = 64


def is_id(text: str) -> bool:
    """Whether a text can be the id of anything that is stored: PostgreSQL would refuse to look for NUL."""
    return 0 < len(text) <= ID_MAX and text.isprintable()


def find_need(session: Session, need_id: str) -> StoredNeed | None:
    """A need by its id, whoever asks: for parts of the program that act for its owner."""
    row = session.get(NeedRow, need_id) if is_id(need_id) else None
    return record_of(row) if row else None


def open_needs(session: Session, today: date, also: Collection[str] = ()) -> list[StoredNeed]:
    """Listed needs that are open on a day, and those of the ids `also` that are open; latest first, then by id.

    For what makes `SeenNeed`s of them: a stored need never leaves towards an outsider.
    """
    rows = session.scalars(
        select(NeedRow)
        .where(
            NeedRow.state.in_(OPEN),
            or_(NeedRow.listed.is_(True), NeedRow.id.in_(also)),
            or_(NeedRow.expires_on.is_(None), NeedRow.expires_on >= today),
        )
        .order_by(NeedRow.published_at.desc(), NeedRow.id)
    )
    return [record_of(row) for row in rows]


def overdue_needs(session: Session, today: date) -> list[StoredNeed]:
    """Needs that are open by their state though their last day has passed, in the order of ids."""
    late = select(NeedRow).where(NeedRow.state.in_(OPEN), NeedRow.expires_on < today).order_by(NeedRow.id)
    return [record_of(row) for row in session.scalars(late)]


def consented(session: Session, need_id: str) -> frozenset[str]:
    """The organisations that a need's requester lets read the fields for chosen organisations."""
    query = select(ConsentRow.organisation_id).where(ConsentRow.need_id == need_id, ConsentRow.chosen)
    return frozenset(session.scalars(query))


def consented_needs(session: Session, organisation_id: str | None) -> frozenset[str]:
    """The needs whose requesters let an organisation read what is for chosen ones; none for nobody's."""
    if organisation_id is None:
        return frozenset()
    query = select(ConsentRow.need_id).where(ConsentRow.organisation_id == organisation_id, ConsentRow.chosen)
    return frozenset(session.scalars(query))


def change_row(session: Session, need_id: str, version: int, **changes: Any) -> bool:
    """Change a need if it still has this version; whether it had."""
    statement = update(NeedRow).where(NeedRow.id == need_id, NeedRow.version == version)
    return _done(session, statement.values(version=version + 1, updated_at=now(), **changes))


def delete_row(session: Session, need_id: str, version: int) -> bool:
    """Delete a need, and with it the consents to it, if it still has this version; whether it had."""
    return _done(session, delete(NeedRow).where(NeedRow.id == need_id, NeedRow.version == version))


def record_of(row: NeedRow) -> StoredNeed:
    """The record of a row."""
    return StoredNeed(
        id=row.id,
        user_id=row.user_id,
        organisation_id=row.organisation_id,
        state=cast(NeedState, row.state),
        fields=row.fields,
        visibility=row.visibility,
        abstract=row.abstract,
        listed=row.listed,
        expires_on=row.expires_on,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        published_at=row.published_at,
    )


def _done(session: Session, statement: Any) -> bool:
    done = cast("CursorResult[Any]", session.execute(statement.execution_options(synchronize_session=False)))
    # Rows that the session holds are as they were; the next look must read them again.
    session.expire_all()
    return done.rowcount == 1
