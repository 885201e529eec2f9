"""The change log: written in the transaction of the change, read by every worker's index and by the feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.changes import ChangeCounterRow, ChangeRow

About = Literal["listing", "need", "profile", "experiment"]
#: `consented`: a need is open to those that its requester consented to, and nobody else hears of it.
What = Literal["shown", "gone", "consented"]
_COUNTER = 1
#: Ids in one statement: SQLite takes some thousands of values.
_PART = 500


@dataclass(frozen=True, slots=True)
class Change:
    """`content` is what the public may see of a listing that is shown; None where it is gone, and for every need."""

    number: int
    at: datetime
    about: About
    about_id: str
    what: What
    content: dict[str, Any] | None


class Changes:
    """Changes that a transaction collects while it works, so that recording them is the last thing it does.

    Who holds the counter and then waits for a row that another holds, who waits for the counter, waits for ever.
    """

    def __init__(self) -> None:
        self._of: dict[About, list[tuple[str, What, dict[str, Any] | None]]] = {}

    def add(self, about: About, about_id: str, what: What, content: dict[str, Any] | None = None) -> None:
        """Keep a change until `record`; what is added of one kind keeps its order."""
        self._of.setdefault(about, []).append((about_id, what, content))

    def record(self, session: Session) -> None:
        """Write what the session still holds, and after it everything that was added."""
        session.flush()
        for about, changes in self._of.items():
            record_changes(session, about, changes)
        self._of.clear()


def record_change(
    session: Session, about: About, about_id: str, what: What, content: dict[str, Any] | None = None
) -> int:
    """Add a change to the transaction; its number.

    Holds the counter until the transaction ends, so that numbers appear in their order (see `ChangeCounterRow`): make
    it the last thing a transaction does.
    """
    return record_changes(session, about, [(about_id, what, content)])


def record_changes(session: Session, about: About, changes: Sequence[tuple[str, What, dict[str, Any] | None]]) -> int:
    """Add changes (id, what, content) in their order to the transaction; the number of the last one.

    As `record_change`, for thousands at once. Of what is gone earlier contents are erased: nobody who reads the log
    later learns what was in sight before.
    """
    last = session.execute(
        update(ChangeCounterRow)
        .where(ChangeCounterRow.id == _COUNTER)
        .values(number=ChangeCounterRow.number + len(changes))
        .returning(ChangeCounterRow.number)
    ).scalar_one()
    gone = [about_id for about_id, what, _ in changes if what == "gone"]
    for start in range(0, len(gone), _PART):
        of_part = ChangeRow.about_id.in_(gone[start : start + _PART])
        session.execute(update(ChangeRow).where(ChangeRow.about_kind == about, of_part).values(content=None))
    first = last - len(changes) + 1
    rows = [
        {"number": number, "at": now(), "about_kind": about, "about_id": about_id, "what": what, "content": content}
        for number, (about_id, what, content) in enumerate(changes, first)
    ]
    if rows:
        session.execute(insert(ChangeRow), rows)
    return int(last)


def changes_after(session: Session, number: int, *, about: About | None = None, limit: int = 1000) -> Sequence[Change]:
    """The next changes after a number, in order, at most `limit`."""
    query = select(ChangeRow).where(ChangeRow.number > number)
    if about is not None:
        query = query.where(ChangeRow.about_kind == about)
    rows = session.scalars(query.order_by(ChangeRow.number).limit(limit))
    return [Change(row.number, row.at, row.about_kind, row.about_id, row.what, row.content) for row in rows]  # type: ignore[arg-type]  # what the columns hold, only this module writes


def changed_after(session: Session, number: int, about: About) -> tuple[int, set[str]]:
    """What has changed after a number, each id once: the number of the latest change of anything, and the ids.

    For those who look at the things themselves, as an index does, and not at their history.
    """
    last = last_change(session)
    if last <= number:
        return number, set()
    query = select(ChangeRow.about_id).where(ChangeRow.number > number, ChangeRow.about_kind == about).distinct()
    return last, set(session.scalars(query))


def last_change(session: Session, about: About | None = None) -> int:
    """The number of the latest change, of anything or of this kind; 0 where there is none yet."""
    if about is not None:
        return session.scalar(select(func.max(ChangeRow.number)).where(ChangeRow.about_kind == about)) or 0
    return session.execute(select(ChangeCounterRow.number).where(ChangeCounterRow.id == _COUNTER)).scalar_one()
