"""Counts of a process into the database, and what becomes of them there with time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from matcher.catalogue.database import Database
from matcher.catalogue.tables.base import Base
from matcher.catalogue.tables.watching import AnswerCountRow, ExposureMonthRow, ExposureRow
from matcher.catalogue.watching.counting import Counted, Counters, minute_of

#: Minutes tell where an alarm begins; of what is older an hour says enough, and a sixtieth of the rows does.
KEEP_MINUTES: Final = timedelta(days=10)
#: A year and a month more, so that a month can be held against the same one of the year before.
KEEP: Final = timedelta(days=400)
_HOUR: Final = 60
#: Columns of an exposure, its key first.
EXPOSED: Final = ("day", "profile", "version", "operator", "region", "exposure", "shown")


def flush(database: Database, counters: Counters) -> bool:
    """Put what a process counted into the database, in one transaction; whether there was anything.

    What can't be put there stays with the process, and the error goes to the caller.
    """
    counted = counters.take()
    if not counted:
        return False
    try:
        with database.session() as session:
            store(session, counted)
    except BaseException:
        counters.give_back(counted)
        raise
    return True


def store(session: Session, counted: Counted) -> None:
    """Add counts to those that are stored. Exposure of a month that stands in the ledger comes too late."""
    rows = [
        {"profile": name, "version": version, "minute": minute, "what": what, "count": count}
        for (name, version, minute, what), count in sorted(counted.counts.items())
    ]
    _add(session, AnswerCountRow, rows, ["count"])
    closed = _closed(session, {day.isoformat()[:7] for day, *_ in counted.exposure})
    seen = [
        dict(zip(EXPOSED, (*key, exposure, counted.shown[key]), strict=True))
        for key, exposure in sorted(counted.exposure.items())
        if key[0].isoformat()[:7] not in closed
    ]
    _add(session, ExposureRow, seen, ["exposure", "shown"])


def settle(session: Session, today: date, now: datetime) -> None:
    """Once a day: minutes become hours, and what is very old goes. Doing it again changes nothing."""
    minute = minute_of(now - KEEP_MINUTES) // _HOUR * _HOUR
    row = AnswerCountRow
    hour = row.minute - row.minute % _HOUR
    old = (row.minute < minute, row.minute % _HOUR != 0)
    query = select(row.profile, row.version, hour.label("minute"), row.what, func.sum(row.count).label("total"))
    sums = session.execute(query.where(*old).group_by(row.profile, row.version, hour, row.what))
    found = [
        {"profile": name, "version": version, "minute": first, "what": what, "count": int(total)}
        for name, version, first, what, total in sums
    ]
    session.execute(delete(row).where(*old))
    _add(session, row, found, ["count"])
    session.execute(delete(row).where(row.minute < minute_of(now - KEEP)))
    session.execute(delete(ExposureRow).where(ExposureRow.day < today - KEEP))


def _closed(session: Session, months: Iterable[str]) -> set[str]:
    query = select(ExposureMonthRow.month).where(ExposureMonthRow.month.in_(sorted(months)))
    return set(session.scalars(query))


def _add(session: Session, table: type[Base], rows: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    """Insert rows, or add to those that are there. Rows come sorted, so that two who write never wait crosswise."""
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    columns = table.__table__.columns
    added = {name: columns[name] + statement.excluded[name] for name in names}
    keys = [column.name for column in table.__table__.primary_key]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=added), rows)
