"""Changing a row only where nobody else has changed it since it was read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import OrganisationRow, UserRow
from matcher.errors import Conflict, NotFound, Outdated

Row = type[OrganisationRow] | type[UserRow]
OUTDATED_HINT = "请取回最新版本,合并您的修改后再提交"


def change_row(session: Session, table: Row, id: str, seen: int, values: dict[str, Any]) -> None:
    """Write values and the next version.

    Raises:
        Outdated: it is no longer at the version `seen`, or gone.
    """
    where = (table.id == id, table.version == seen)
    values |= {"version": table.version + 1, "updated_at": base.now()}
    if session.execute(update(table).where(*where).values(**values)).rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise Outdated("内容已被他人修改", hint=OUTDATED_HINT)


def remove_row(session: Session, table: Row, id: str, seen: int) -> None:
    """Delete it; errors as for `change_row`."""
    where = (table.id == id, table.version == seen)
    if session.execute(delete(table).where(*where)).rowcount == 0:  # type: ignore[attr-defined]  # as above
        raise Outdated("内容已被他人修改", hint=OUTDATED_HINT)


def check_unique(session: Session, table: Row, column: str, value: str | None, *, but: str | None, said: str) -> None:
    """Raises Conflict with `said` where another row than `but` has the value."""
    if value is None:
        return
    query = select(func.count()).select_from(table).where(getattr(table, column) == value)
    if but is not None:
        query = query.where(table.id != but)
    if session.scalar(query):
        raise Conflict(said, hint="请核对是否已经登记", field=column)


@contextmanager
def conflicts(said: str, hint: str) -> Iterator[None]:
    """What the database itself refuses, in words: two at once may both have passed `check_unique`."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(said, hint=hint) from error


def missing(what: str, id: str) -> NotFound:
    """The one answer for what is not there and what the caller may not see."""
    return NotFound(f"没有编号为 {id[:100]} 的{what}")
