"""What waits to be sent outside: written with what caused it, claimed for each try, and marked after it.

A try takes the row out of sight for a lease. A process that dies between sending and marking leaves it to come back
when the lease ends: each delivery arrives at least once, and carries its id so that a repeat can be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.alerts.statements import touched
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.tables.alerts import OutboxRow
from matcher.catalogue.tables.base import new_key
from matcher.errors import Conflict, NotFound

Channel = Literal["email", "webhook"]
State = Literal["waiting", "sent", "given_up"]
STATES: Final[tuple[State, ...]] = ("waiting", "sent", "given_up")
#: Where a payload holds what nobody may read in the database; it is erased once it was sent or given up.
SEALED: Final = "sealed"
ERASED: Final = {"erased": True}
#: What the other side said is for the log, not a place to store its pages.
ERROR_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to send, in its `attempt`-th try. `target`: an e-mail address, or the id of a webhook."""

    id: str
    channel: Channel
    target: str
    payload: dict[str, Any]
    attempt: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row as an administrator may see it: without what it says."""

    id: str
    channel: Channel
    target: str
    state: State
    attempts: int
    next_at: datetime
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by state; `late_seconds` is how long the one that is due longest has been due, 0 where none is."""

    waiting: int
    sent: int
    given_up: int
    late_seconds: float


def put(session: Session, channel: Channel, target: str, payload: dict[str, Any], now: datetime) -> str:
    """Add something to send; the id of the delivery, which stays the same for each try."""
    row = OutboxRow(
        id=new_key("dl"), channel=channel, target=target, payload=payload, next_at=now, created_at=now, attempts=0
    )
    session.add(row)
    session.flush()
    return row.id


def claim(session: Session, now: datetime, lease: timedelta, limit: int) -> Sequence[Delivery]:
    """Take what is due, longest first; nobody else gets it before the lease ends. Commit before sending."""
    due = select(OutboxRow).where(OutboxRow.state == "waiting", OutboxRow.next_at <= now)
    rows = session.scalars(
        due.order_by(OutboxRow.next_at, OutboxRow.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.attempts += 1
        row.next_at = now + lease
    session.flush()
    return [Delivery(row.id, cast(Channel, row.channel), row.target, row.payload, row.attempts) for row in rows]


def mark_sent(session: Session, delivery: Delivery, now: datetime) -> None:
    """The try arrived. Marked whichever try this was: what has arrived need not be sent again."""
    row = (OutboxRow.id == delivery.id, OutboxRow.state != "sent")
    values = {"state": "sent", "sent_at": now, "last_error": None} | _erased(delivery)
    session.execute(update(OutboxRow).where(*row).values(**values))


def mark_failed(session: Session, delivery: Delivery, error: str, next_at: datetime | None) -> None:
    """The try failed; the next one is at `next_at`, None gives up. Nothing where a later try is under way."""
    values: dict[str, Any] = {"last_error": error[:ERROR_MAX]}
    values |= {"next_at": next_at} if next_at is not None else {"state": "given_up"} | _erased(delivery)
    row = (OutboxRow.id == delivery.id, OutboxRow.state == "waiting", OutboxRow.attempts == delivery.attempt)
    session.execute(update(OutboxRow).where(*row).values(**values))


def counts(session: Session, now: datetime) -> Counts:
    """How the outbox stands."""
    query = select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
    found = dict(session.execute(query).all())
    oldest = session.scalar(
        select(func.min(OutboxRow.next_at)).where(OutboxRow.state == "waiting", OutboxRow.next_at <= now)
    )
    late = (now - oldest).total_seconds() if oldest is not None else 0.0
    return Counts(found.get("waiting", 0), found.get("sent", 0), found.get("given_up", 0), late)


def page(session: Session, state: State, page: int, size: int) -> tuple[int, Sequence[Waiting]]:
    """How many rows are in a state, and one page of them, latest first."""
    total = session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.state == state)) or 0
    rows = session.scalars(
        select(OutboxRow)
        .where(OutboxRow.state == state)
        .order_by(OutboxRow.created_at.desc(), OutboxRow.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return total, [_waiting(row) for row in rows]


def retry(session: Session, delivery_id: str, now: datetime) -> Waiting:
    """Try a delivery again now, from the beginning of its tries.

    Raises:
        NotFound: no such delivery, or it was sent. Conflict: what it said was confidential, and is erased.
    """
    row = session.get(OutboxRow, delivery_id, with_for_update=True) if is_id(delivery_id) else None
    if row is None or row.state == "sent":
        raise NotFound("没有这个待发送项", hint="编号见 GET /v1/outbox", field="delivery_id")
    if row.payload == ERASED:
        raise Conflict("内容已清除,不能重新发送", hint="请对方重新申请", field="delivery_id")
    row.state, row.attempts, row.next_at = "waiting", 0, now
    session.flush()
    return _waiting(row)


def forget(session: Session, sent_before: datetime, given_up_before: datetime) -> int:
    """Delete what is done with: sent, or given up, before these moments; how many."""
    sent = (OutboxRow.state == "sent", OutboxRow.created_at < sent_before)
    given_up = (OutboxRow.state == "given_up", OutboxRow.created_at < given_up_before)
    return sum(touched(session, delete(OutboxRow).where(*which)) for which in (sent, given_up))


def _erased(delivery: Delivery) -> dict[str, Any]:
    return {"payload": ERASED} if SEALED in delivery.payload else {}


def _waiting(row: OutboxRow) -> Waiting:
    return Waiting(
        row.id, cast(Channel, row.channel), row.target, cast(State, row.state), row.attempts, row.next_at,
        row.last_error, row.created_at, row.sent_at,
    )  # fmt: skip
