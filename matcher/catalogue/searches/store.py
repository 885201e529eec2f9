"""Searches in the database: added, read, changed, deleted, and forgotten when their time is over.

A stranger's belongs to whoever has its id. An owner's is read by the owner, by admins (audited) and, if it is shared,
by whoever has its id; it is changed by its owner alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.searches.content import search_from, title_of
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.searches import SearchRow
from matcher.errors import Conflict, Forbidden, NotFound

#: Whoever comes back to a link in a chat finds it for a month; a need is a business secret, so no longer.
KEPT_DAYS: Final = 30
#: More than anybody looks through again.
SAVED_MAX: Final = 500
#: 128 random bits: knowing the id is being allowed to read.
_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Search:
    """A search as whoever may read it sees it; `is_own` tells whether the reader may change it."""

    id: str
    fields: dict[str, Any]
    title: str
    saved: bool
    shared: bool
    has_owner: bool
    is_own: bool
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What is set; None leaves it as it is."""

    fields: Mapping[str, Any] | None = None
    title: str | None = None
    saved: bool | None = None
    shared: bool | None = None


def add_search(session: Session, actor: Actor, changes: Changes) -> Search:
    """Keep what the actor looks for; a stranger's has no owner.

    Raises:
        InvalidInput: as `search_from`. NotSignedIn: a stranger can't save. Conflict: too many are saved.
    """
    row = SearchRow(
        id=secrets.token_urlsafe(_ID_BYTES),
        user_id=actor.user_id,
        fields={},
        title="",
        saved=False,
        shared=False,
        created_at=now(),
    )
    _set(session, actor, row, changes)
    session.add(row)
    session.flush()
    return _search(row, actor)


def read_search(session: Session, actor: Actor, search_id: str) -> Search:
    """A search; an admin's reading of another's is written down. Raises NotFound: none that this actor may read."""
    row = _readable(session, actor, search_id)
    if row.user_id not in (None, actor.user_id) and not row.shared:
        record_act(session, actor, "search.read", "search", row.id)
    return _search(row, actor)


def change_search(session: Session, actor: Actor, search_id: str, changes: Changes) -> Search:
    """Set some of it; what is not saved is then kept for `KEPT_DAYS` from now.

    Raises:
        as `read_search` and `add_search`; Forbidden: another's.
    """
    row = _own(session, actor, search_id)
    _set(session, actor, row, changes)
    session.flush()
    return _search(row, actor)


def delete_search(session: Session, actor: Actor, search_id: str) -> None:
    """Remove it for good. Errors as for `change_search`."""
    session.delete(_own(session, actor, search_id))
    session.flush()


def own_searches(
    session: Session, actor: Actor, page: int, size: int, *, saved: bool = True
) -> tuple[int, Sequence[Search]]:
    """How many the actor has, saved or not, and one page of them, the latest changed first."""
    mine = (SearchRow.user_id == actor.needs_sign_in(), SearchRow.saved.is_(saved), *_alive())
    total = session.scalar(select(func.count()).select_from(SearchRow).where(*mine)) or 0
    query = select(SearchRow).where(*mine).order_by(SearchRow.updated_at.desc(), SearchRow.id)
    return total, [_search(row, actor) for row in session.scalars(query.offset((page - 1) * size).limit(size))]


def forget_searches(session: Session, at: datetime) -> int:
    """Throw away what is past its time; how many went."""
    old = delete(SearchRow).where(SearchRow.expires_at < at).execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", session.execute(old)).rowcount


def _set(session: Session, actor: Actor, row: SearchRow, changes: Changes) -> None:
    if changes.fields is not None:
        before = title_of(row.fields)
        row.fields = search_from(changes.fields)
        if row.title in ("", before):
            row.title = title_of(row.fields)
    if changes.title is not None:
        row.title = title_of(row.fields, changes.title.strip() or None)
    if changes.shared is not None:
        row.shared = changes.shared
    if changes.saved is not None and changes.saved != row.saved:
        _check_may_save(session, actor, changes.saved)
        row.saved = changes.saved
    row.updated_at = now()
    row.expires_at = None if row.saved else row.updated_at + timedelta(days=KEPT_DAYS)


def _check_may_save(session: Session, actor: Actor, saved: bool) -> None:
    user_id = actor.needs_sign_in()
    mine = (SearchRow.user_id == user_id, SearchRow.saved.is_(True))
    if saved and (session.scalar(select(func.count()).select_from(SearchRow).where(*mine)) or 0) >= SAVED_MAX:
        raise Conflict(f"最多可收藏 {SAVED_MAX} 个", hint="请先删除不用的")


def _own(session: Session, actor: Actor, search_id: str) -> SearchRow:
    row = _readable(session, actor, search_id)
    if row.user_id not in (None, actor.user_id):
        raise Forbidden("只能修改自己的查找", hint="可另存一份再修改")
    return row


def _readable(session: Session, actor: Actor, search_id: str) -> SearchRow:
    query = select(SearchRow).where(SearchRow.id == search_id, *_alive())
    row = session.scalars(query).one_or_none() if is_id(search_id) else None
    if row is None or not _may_read(row, actor):
        raise NotFound("没有这次查找,或它已过保存期", hint="请重新填写需求", field="search_id")
    return row


def _may_read(row: SearchRow, actor: Actor) -> bool:
    return row.user_id in (None, actor.user_id) or row.shared or actor.is_admin


def _alive() -> tuple[Any, ...]:
    """What is past its time is gone at once, whenever it is thrown away."""
    return (SearchRow.expires_at.is_(None) | (SearchRow.expires_at >= now()),)


def _search(row: SearchRow, actor: Actor) -> Search:
    return Search(
        id=row.id,
        fields=dict(row.fields),
        title=row.title,
        saved=row.saved,
        shared=row.shared,
        has_owner=row.user_id is not None,
        is_own=row.user_id in (None, actor.user_id),
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=row.expires_at,
    )
