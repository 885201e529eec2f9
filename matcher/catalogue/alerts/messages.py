"""Messages on screen. A message says what it is about by id: names are looked up when it is read, and what was hidden
since has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.alerts.due import listing_names, need_names
from matcher.catalogue.alerts.statements import touched
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.tables.alerts import MessageRow
from matcher.catalogue.tables.base import new_key, now
from matcher.errors import NotFound


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a message names: `kind` is listing or need."""

    kind: str
    id: str
    name: str
    grade: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its reader sees it; `items` are those that are still there for them."""

    id: str
    subject: str
    body: str
    about_kind: str | None
    about_id: str | None
    items: tuple[Item, ...]
    read_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of a user's messages, latest first."""

    total: int
    unread: int
    messages: tuple[Message, ...]


def add_message(
    session: Session,
    user_id: str,
    subject: str,
    body: str,
    *,
    about: tuple[str, str] | None = None,
    items: Sequence[tuple[str, str, str | None]] = (),
) -> str:
    """Put a message before a user; its id.

    Args:
        about: kind and id of what it is about. items: kind, id and grade of what it names.
    """
    row = MessageRow(
        id=new_key("msg"),
        user_id=user_id,
        subject=subject,
        body=body,
        items=[{"kind": kind, "id": key, "grade": grade} for kind, key, grade in items],
        about_kind=about[0] if about else None,
        about_id=about[1] if about else None,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    return row.id


def inbox(session: Session, actor: Actor, today: date, *, unread: bool, page: int, size: int) -> Inbox:
    """The actor's messages; only unread ones where asked for. Raises NotSignedIn."""
    mine = MessageRow.user_id == actor.needs_sign_in()
    chosen = [mine, MessageRow.read_at.is_(None)] if unread else [mine]
    total = session.scalar(select(func.count()).select_from(MessageRow).where(*chosen)) or 0
    query = select(MessageRow).where(*chosen).order_by(MessageRow.created_at.desc(), MessageRow.id)
    rows = session.scalars(query.offset((page - 1) * size).limit(size)).all()
    return Inbox(total, unread_count(session, actor), _messages(session, actor, rows, today))


def unread_count(session: Session, actor: Actor) -> int:
    """How many messages the actor has not read. Raises NotSignedIn."""
    mine = (MessageRow.user_id == actor.needs_sign_in(), MessageRow.read_at.is_(None))
    return session.scalar(select(func.count()).select_from(MessageRow).where(*mine)) or 0


def read_message(session: Session, actor: Actor, message_id: str, today: date) -> Message:
    """One of the actor's messages, marked as read. Raises NotFound: another's, or none."""
    mine = (MessageRow.id == message_id, MessageRow.user_id == actor.needs_sign_in())
    row = session.scalars(select(MessageRow).where(*mine)).one_or_none() if is_id(message_id) else None
    if row is None:
        raise NotFound(f"没有编号为 {message_id[:64]} 的消息", hint="编号见 GET /v1/messages", field="message_id")
    row.read_at = row.read_at or now()
    session.flush()
    return _messages(session, actor, [row], today)[0]


def mark_all_read(session: Session, actor: Actor) -> int:
    """Mark every message of the actor's as read; how many were not."""
    mine = (MessageRow.user_id == actor.needs_sign_in(), MessageRow.read_at.is_(None))
    return touched(session, update(MessageRow).where(*mine).values(read_at=now()))


def _messages(session: Session, actor: Actor, rows: Sequence[MessageRow], today: date) -> tuple[Message, ...]:
    ids: dict[str, list[str]] = {"listing": [], "need": []}
    for row in rows:
        for item in row.items:
            ids[item["kind"]].append(item["id"])
    names = {
        "listing": listing_names(session, ids["listing"]),
        "need": need_names(session, actor, ids["need"], today),
    }
    return tuple(
        Message(
            id=row.id,
            subject=row.subject,
            body=row.body,
            about_kind=row.about_kind,
            about_id=row.about_id,
            items=tuple(_items(row.items, names)),
            read_at=row.read_at,
            created_at=row.created_at,
        )
        for row in rows
    )


def _items(items: Sequence[dict[str, Any]], names: dict[str, dict[str, str]]) -> Sequence[Item]:
    return [
        Item(one["kind"], one["id"], names[one["kind"]][one["id"]], one["grade"])
        for one in items
        if one["id"] in names[one["kind"]]
    ]
