"""How far readers of the change log have come, and whose turn it is to do the work of all processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.alerts.statements import touched
from matcher.catalogue.change_log import last_change
from matcher.catalogue.tables.alerts import CursorRow


def position(session: Session, name: str) -> int | None:
    """The number of the last change that was dealt with; None before the first time."""
    return session.scalar(select(CursorRow.number).where(CursorRow.name == name))


def begin(session: Session, name: str, number: int | None = None) -> int:
    """Make a cursor that stands at `number`, unless it is there; where it stands.

    None is the last change: a new installation has nothing to say about a catalogue loaded before anybody listened.
    """
    found = position(session, name)
    if found is not None:
        return found
    first = last_change(session) if number is None else number
    try:
        with session.begin_nested():
            session.add(CursorRow(name=name, number=first))
    except IntegrityError:  # another process was first
        return session.execute(select(CursorRow.number).where(CursorRow.name == name)).scalar_one()
    return first


def advance(session: Session, name: str, seen: int, number: int) -> bool:
    """Move a cursor from `seen` to `number`; False where it stands elsewhere, as another process was first.

    To be done in the transaction that writes what follows from the changes: then they are dealt with exactly once.
    """
    at_seen = (CursorRow.name == name, CursorRow.number == seen)
    return touched(session, update(CursorRow).where(*at_seen).values(number=number)) == 1


def hold(session: Session, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
    """Whether `holder` may work until `now` + `lease`: nobody else holds the cursor, or its time has run out."""
    begin(session, name)
    free = or_(CursorRow.holder.is_(None), CursorRow.holder == holder, CursorRow.held_until <= now)
    statement = update(CursorRow).where(CursorRow.name == name, free)
    return touched(session, statement.values(holder=holder, held_until=now + lease)) == 1


def is_free(session: Session, name: str, holder: str, now: datetime) -> bool:
    """Whether `hold` would succeed: a look that writes nothing."""
    row = session.execute(select(CursorRow.holder, CursorRow.held_until).where(CursorRow.name == name)).one_or_none()
    return row is None or row.holder in (None, holder) or row.held_until is None or row.held_until <= now


def release(session: Session, name: str, holder: str) -> None:
    """Let another process have its turn at once."""
    mine = (CursorRow.name == name, CursorRow.holder == holder)
    session.execute(update(CursorRow).where(*mine).values(holder=None, held_until=None))
