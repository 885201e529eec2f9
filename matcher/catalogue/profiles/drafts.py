"""Making versions of profiles, and reading them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.profiles.stored import State, StoredProfile, record
from matcher.catalogue.tables.base import new_key
from matcher.catalogue.tables.governance import ProfileRow
from matcher.errors import Conflict, InvalidInput, NotFound
from matcher.ranking.documents import Document, canonical, document_hash

#: Names stand in addresses, on the command line and in TREC tags.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,58}[a-z0-9])?")
REASON_MAX = 2000


def create(
    session: Session,
    actor: Actor,
    name: str,
    document: Document,
    reason: str,
    *,
    parent_id: str | None = None,
    state: State = "draft",
) -> StoredProfile:
    """Store a document as the next version of a name.

    The caller has checked that the actor may. A version never changes: an edit is another `create` with its parent.

    Raises:
        InvalidInput: the name or the reason can't be used. NotFound: no such parent.
        Conflict: the parent has this very content already; or another version was stored at the same moment.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput("方案名称只能用小写字母、数字、- 和 _,至多 60 字", hint="例如 city-2026", field="name")
    reason = checked_reason(reason)
    text = canonical(document)
    if not _storable(text):
        raise InvalidInput("方案里有无法保存的字符", hint="请去掉乱码后再保存", field="document")
    digest = document_hash(text)
    if parent_id is not None and get(session, parent_id).hash == digest:
        raise Conflict("内容与上一版完全相同", hint="无需另存一版")
    latest = session.execute(select(func.max(ProfileRow.version)).where(ProfileRow.name == name)).scalar_one()
    row = ProfileRow(
        id=new_key("profile"),
        name=name,
        version=(latest or 0) + 1,
        state=state,
        document=text,
        document_hash=digest,
        parent_id=parent_id,
        author_id=actor.user_id,
        reason=reason,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("同时有人保存了这个方案", hint="请取回最新版本后再保存") from error
    record_act(session, actor, "profile.create", "profile", row.id, name=name, version=row.version, hash=digest)
    return record(row)


def checked_reason(reason: str) -> str:
    """A reason without blanks around it.

    Raises:
        InvalidInput: it is empty, too long, or can't be stored.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MAX or not _storable(reason):
        raise InvalidInput(f"请写明理由(1–{REASON_MAX} 字)", hint="改了什么,为什么", field="reason")
    return reason


def get(session: Session, profile_id: str) -> StoredProfile:
    """A version by its id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(ProfileRow, profile_id)
    if row is None:
        raise NotFound("没有这个排序方案", hint="全部方案见 /v1/profiles", field="profile_id")
    return record(row)


def find(session: Session, named: str) -> StoredProfile:
    """A version as people name it: `city`, the latest one of that name, `city@3`, or an id.

    Raises:
        NotFound: there is none.
    """
    name, _, version = named.partition("@")
    query = select(ProfileRow).where(ProfileRow.name == name).order_by(ProfileRow.version.desc()).limit(1)
    if version:
        query = query.where(ProfileRow.version == (int(version) if version.isascii() and version.isdigit() else -1))
    row = session.scalars(query).one_or_none() or session.get(ProfileRow, named)
    if row is None:
        raise NotFound(f"没有名为 {named[:60]} 的排序方案", hint="全部方案见 /v1/profiles", field="profile")
    return record(row)


def versions(session: Session, name: str | None = None, limit: int = 100) -> Sequence[StoredProfile]:
    """Versions, the latest first; of one name, or of all."""
    query = select(ProfileRow).order_by(ProfileRow.created_at.desc(), ProfileRow.version.desc()).limit(limit)
    if name is not None:
        query = query.where(ProfileRow.name == name)
    return [record(row) for row in session.scalars(query)]


@dataclass(frozen=True, slots=True)
class Page:
    """Some versions, and how many there are in all."""

    total: int
    versions: Sequence[StoredProfile]


def page_of(
    session: Session, *, name: str | None = None, state: State | None = None, first: int = 0, size: int = 20
) -> Page:
    """Versions, the latest first: `size` of them behind the first `first`; of one name or in one state where given."""
    query = select(ProfileRow)
    if name is not None:
        query = query.where(ProfileRow.name == name)
    if state is not None:
        query = query.where(ProfileRow.state == state)
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    # The id last, so that pages don't overlap where versions came in the same moment.
    order = (ProfileRow.created_at.desc(), ProfileRow.version.desc(), ProfileRow.id)
    rows = session.scalars(query.order_by(*order).offset(first).limit(size))
    return Page(total, [record(row) for row in rows])


def mark_evaluated(session: Session, profile_id: str) -> None:
    """A draft that the gate has looked at; other states stay."""
    row = session.get(ProfileRow, profile_id)
    if row is not None and row.state == "draft":
        row.state = "evaluated"
        session.flush()


def _storable(text: str) -> bool:
    """Half a surrogate pair, which JSON can carry, is no UTF-8; NUL is nothing that PostgreSQL keeps."""
    return "\x00" not in text and text.encode("utf-8", "replace").decode() == text
