"""Months that are over go into the ledger: each once, however many processes see that it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from matcher.catalogue import ledger
from matcher.catalogue.tables.base import now as present
from matcher.catalogue.tables.watching import ExposureMonthRow, ExposureRow
from matcher.catalogue.watching.exposure import Month, exposure, month_from, month_of
from matcher.errors import Conflict
from matcher.today import day_of

KIND: Final = "exposure"
#: What other processes counted before midnight has long been put into the database by then.
GRACE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class MonthWritten:
    """A month as it stands in the ledger: `figures` is the content of the entry `number`."""

    month: Month
    figures: dict[str, Any]
    number: int


def due_months(session: Session, now: datetime) -> Sequence[Month]:
    """Months that are over, of which something was counted and that are not in the ledger, the earliest first."""
    row = ExposureRow
    first: date | None = session.scalar(select(func.min(row.day)))
    if first is None:
        return []
    month, present = month_of(first), month_of(day_of(now - GRACE))
    written = set(session.scalars(select(ExposureMonthRow.month)))
    found = []
    while str(month) < str(present):
        if str(month) not in written and _counted(session, month):
            found.append(month)
        month = month.following
    return found


def is_over(month: Month, now: datetime) -> bool:
    """Whether a month is over for the ledger."""
    return str(month) < str(month_of(day_of(now - GRACE)))


def write_month(session: Session, month: Month, now: datetime) -> MonthWritten:
    """Put a month into the ledger, unless it is there; how it stands there.

    Raises:
        Conflict: it is not over.
    """
    if not is_over(month, now):
        raise Conflict(f"{month} 还没有结束,不能写入账本", hint="当月数据可先查看,月末之后自动写入")
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(ExposureMonthRow).values(month=str(month), figures={}, at=present())
    # Whoever comes second waits here for the first to commit, and finds the month written.
    mine = session.execute(insert.on_conflict_do_nothing().returning(ExposureMonthRow.month)).first()
    if mine is not None:
        figures = month_figures(session, month)
        entry = ledger.append(session, KIND, figures)
        row = ExposureMonthRow
        session.execute(update(row).where(row.month == str(month)).values(figures=figures, ledger_number=entry.number))
    written = month_written(session, month)
    assert written is not None
    return written


def month_figures(session: Session, month: Month) -> dict[str, Any]:
    """What the ledger would say of a month, as far as it is counted."""
    return {"month": str(month)} | exposure(session, month).figures()


def month_written(session: Session, month: Month) -> MonthWritten | None:
    """A month as it stands in the ledger; None where it is not there."""
    return _written(session.scalars(select(ExposureMonthRow).where(ExposureMonthRow.month == str(month))).one_or_none())


def last_month(session: Session) -> MonthWritten | None:
    """The latest month in the ledger."""
    query = select(ExposureMonthRow).order_by(ExposureMonthRow.month.desc()).limit(1)
    return _written(session.scalars(query).one_or_none())


def _written(row: ExposureMonthRow | None) -> MonthWritten | None:
    if row is None or row.ledger_number is None:
        return None
    return MonthWritten(month_from(row.month), row.figures, row.ledger_number)


def _counted(session: Session, month: Month) -> bool:
    row = ExposureRow
    query = select(row.day).where(row.day >= month.first, row.day < month.following.first).limit(1)
    return session.execute(query).first() is not None
