"""Answers kept by the key their sender chose, so that sending a request again does nothing again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import IdempotencyRow
from matcher.errors import Conflict

#: Long enough for a client that retries overnight; the answers of a day are little to keep.
KEPT: Final = timedelta(hours=24)
FIELD: Final = "Idempotency-Key"
#: In a row that is not answered yet; only its own transaction ever sees it.
_UNANSWERED: Final = 0


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    status: int
    headers: dict[str, str]
    body: str


def claim(session: Session, owner: str, key: str, request_hash: str) -> StoredAnswer | None:
    """Take a key for the request of this transaction: None, or what the same request was answered before.

    Of two at once the second waits here until the first has ended.

    Raises:
        Conflict: the key was used for another request.
    """
    _forget_old(session)
    try:
        with session.begin_nested():
            row = IdempotencyRow(
                owner=owner, key=key, request_hash=request_hash, status=_UNANSWERED, headers={}, body=""
            )
            session.add(row)
            session.flush()
    except IntegrityError:
        return _stored(session, owner, key, request_hash)
    return None


def keep(session: Session, owner: str, key: str, answer: StoredAnswer) -> None:
    """Store the answer under a key claimed in this transaction."""
    where = (IdempotencyRow.owner == owner, IdempotencyRow.key == key)
    values = {"status": answer.status, "headers": answer.headers, "body": answer.body}
    session.execute(update(IdempotencyRow).where(*where).values(**values))


def release(session: Session, owner: str, key: str) -> None:
    """Give a claimed key back: what it was claimed for was not done."""
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.owner == owner, IdempotencyRow.key == key))


def _forget_old(session: Session) -> None:
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < base.now() - KEPT))


def _stored(session: Session, owner: str, key: str, request_hash: str) -> StoredAnswer:
    where = (IdempotencyRow.owner == owner, IdempotencyRow.key == key)
    row = session.scalars(select(IdempotencyRow).where(*where)).one()
    if row.request_hash != request_hash:
        hint = "同一个键只能用于重发同一个请求;新的请求请换一个键"
        raise Conflict("这个 Idempotency-Key 已用于另一个请求", hint=hint, field=FIELD)
    return StoredAnswer(row.status, row.headers, row.body)
