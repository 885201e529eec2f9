"""The change log: written in the transaction of the change, read by every worker's index and by the feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher.catalogue.tables.changes import ChangeCounterRow, ChangeRow

About = Literal["listing", "need"]
What = Literal["shown", "gone"]
_COUNTER = 1


@dataclass(frozen=True, slots=True)
class Change:
    """`content` is what the public may see of a listing that is shown; None where it is gone, and for every need."""

    number: int
    at: datetime
    about: About
    about_id: str
    what: What
    content: dict[str, Any] | None


def record_change(
    session: Session, about: About, about_id: str, what: What, content: dict[str, Any] | None = None
) -> int:
    """Add a change to the transaction; its number.

    Holds the counter until the transaction ends, so that numbers appear in their order (see `ChangeCounterRow`): make
    it the last thing a transaction does.
    """
    number = session.execute(
        update(ChangeCounterRow)
        .where(ChangeCounterRow.id == _COUNTER)
        .values(number=ChangeCounterRow.number + 1)
        .returning(ChangeCounterRow.number)
    ).scalar_one()
    row = ChangeRow(number=number, about_kind=about, about_id=about_id, what=what, content=content)
    session.add(row)
    session.flush()
    return number


def changes_after(session: Session, number: int, *, about: About | None = None, limit: int = 1000) -> Sequence[Change]:
    """The next changes after a number, in order, at most `limit`."""
    query = select(ChangeRow).where(ChangeRow.number > number)
    if about is not None:
        query = query.where(ChangeRow.about_kind == about)
    rows = session.scalars(query.order_by(ChangeRow.number).limit(limit))
    return [Change(row.number, row.at, row.about_kind, row.about_id, row.what, row.content) for row in rows]  # type: ignore[arg-type]  # what the columns hold, only this module writes


def last_change(session: Session) -> int:
    """The number of the latest change; 0 where there is none yet."""
    return session.execute(select(ChangeCounterRow.number).where(ChangeCounterRow.id == _COUNTER)).scalar_one()
