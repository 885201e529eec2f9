"""Needs in the database: kept, read, changed and deleted, checked against who acts and what they saw last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor, Scope
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import record_change
from matcher.catalogue.needs.content import abstract_from, content_from
from matcher.catalogue.needs.expiry import EXPIRES_AFTER, checked_expiry
from matcher.catalogue.needs.rows import change_row, consented, delete_row, record_of
from matcher.catalogue.needs.rows import find_need as find_need
from matcher.catalogue.needs.states import OPEN, NeedState, next_state
from matcher.catalogue.needs.stored import StoredNeed
from matcher.catalogue.needs.vectors import forget_vectors
from matcher.catalogue.needs.visibility import Relation, SeenNeed, is_seen, relation, seen, visibility_from
from matcher.catalogue.tables.base import new_key, now
from matcher.catalogue.tables.needs import NeedRow
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, Outdated

#: What lists may be sorted by; "-" in front turns it round.
SORTS: Final = ("updated", "created", "published", "expires")
#: What decides which words of a need anybody sees.
SEEN_BY: Final = frozenset({"fields", "abstract", "visibility"})
_COLUMNS: Final = {
    "updated": NeedRow.updated_at,
    "created": NeedRow.created_at,
    "published": NeedRow.published_at,
    "expires": NeedRow.expires_on,
}


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """What a requester writes: content as `content_from` takes it, the abstract, and the last day."""

    fields: Mapping[str, Any]
    abstract: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Openness:
    """Who may see which field (`visibility_from`), and whether operators may find the need at all."""

    visibility: Mapping[str, Any]
    listed: bool = False


CLOSED: Final = Openness({})


@dataclass(frozen=True, slots=True)
class OwnNeeds:
    """One page of a list: how many there are, how many in each state (whatever state was asked for), and the page."""

    total: int
    states: dict[NeedState, int]
    needs: tuple[StoredNeed, ...]


def add_need(
    session: Session,
    actor: Actor,
    draft: NeedDraft,
    today: date,
    *,
    openness: Openness = CLOSED,
    publish: bool = False,
) -> StoredNeed:
    """Keep a new need of the caller's, as a draft or published at once.

    Raises:
        NotSignedIn, Forbidden: requesters and brokers only. InvalidInput: as `content_from`, `visibility_from`.
    """
    user_id = actor.needs_role("requester", "broker")
    actor.needs_scope("needs")
    expires_on = checked_expiry(draft.expires_on, today)
    row = NeedRow(
        id=new_key("need"),
        user_id=user_id,
        organisation_id=actor.organisation_id,
        state=next_state("draft", "publish", "owner") if publish else "draft",
        fields=content_from(draft.fields),
        visibility=visibility_from(openness.visibility),
        abstract=abstract_from(draft.abstract),
        listed=openness.listed,
        expires_on=expires_on or (today + EXPIRES_AFTER if publish else None),
        published_at=now() if publish else None,
    )
    session.add(row)
    session.flush()
    need = record_of(row)
    record_act(session, actor, "need.create", "need", need.id, state=need.state, listed=need.listed)
    tell(session, None, need)
    return need


def read_need(session: Session, actor: Actor, need_id: str, today: date) -> StoredNeed | SeenNeed:
    """A need: all of it for its owner and for admins (audited), what they may see of it for others.

    Raises:
        NotFound: no such need, or none that this caller may know of. Forbidden: an API key that may not read.
    """
    actor.needs_scope("read")
    need, how = _found(session, actor, need_id, today)
    if how != "owner":
        return seen(need, how)
    if actor.user_id != need.user_id:
        record_act(session, actor, "need.read", "need", need.id)
    return need


def own_need(session: Session, actor: Actor, need_id: str, today: date, *, scope: Scope = "needs") -> StoredNeed:
    """A need that the caller owns or, as an admin, may act on; what is done with it is audited by who does it.

    Raises:
        NotSignedIn: nobody is signed in. NotFound: none that this caller may know of.
        Forbidden: seen, but another's; an API key without the scope.
    """
    actor.needs_sign_in()
    actor.needs_scope(scope)
    need, how = _found(session, actor, need_id, today)
    if how != "owner":
        raise Forbidden("没有权限", hint="只有需求方本人可以操作")
    return need


def reading_own_need(session: Session, actor: Actor, need_id: str, today: date) -> StoredNeed:
    """As `own_need`, to look at it only: an admin's look at another's is audited here."""
    need = own_need(session, actor, need_id, today, scope="read")
    if actor.user_id != need.user_id:
        record_act(session, actor, "need.read", "need", need.id)
    return need


def own_needs(
    session: Session,
    actor: Actor,
    *,
    state: NeedState | None = None,
    sort: str = "-updated",
    page: int = 1,
    size: int = 20,
    everyone: bool = False,
) -> OwnNeeds:
    """A page of the caller's needs; for admins that ask for it, of everybody's (audited).

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: `everyone` without being an admin. InvalidInput: unknown sort.
    """
    user_id = actor.needs_admin() if everyone else actor.needs_sign_in()
    actor.needs_scope("read")
    mine = [] if everyone else [NeedRow.user_id == user_id]
    counted = session.execute(select(NeedRow.state, func.count()).where(*mine).group_by(NeedRow.state)).all()
    states = {cast(NeedState, one): count for one, count in counted}
    chosen = [*mine, NeedRow.state == state] if state else mine
    query = select(NeedRow).where(*chosen).order_by(*_order(sort)).offset((page - 1) * size).limit(size)
    needs = tuple(record_of(row) for row in session.scalars(query))
    if everyone:
        record_act(session, actor, "need.list", "need", "*", page=page, size=size)
    return OwnNeeds(states.get(state, 0) if state else sum(states.values()), states, needs)


def edit_need(session: Session, actor: Actor, need_id: str, version: int, draft: NeedDraft, today: date) -> StoredNeed:
    """Replace content, abstract and last day; who may see them is set by `open_fields`.

    Args:
        version: the one that the caller saw.

    Raises:
        as `own_need`; Outdated: somebody changed it since; Conflict: it is over; InvalidInput: as `content_from`.
    """
    need = own_need(session, actor, need_id, today)
    if need.state not in ("draft", *OPEN):
        raise Conflict("需求已结束,不能修改", hint="请先重新开放")
    changes = {
        "fields": content_from(draft.fields),
        "abstract": abstract_from(draft.abstract),
        "expires_on": checked_expiry(draft.expires_on, today) or need.expires_on,
    }
    return save(session, actor, need, version, "need.edit", changes)


def open_fields(
    session: Session, actor: Actor, need_id: str, version: int, openness: Openness, today: date
) -> StoredNeed:
    """Set who may see which field, and whether operators may find the need at all. Errors as for `own_need`.

    An admin may take another's need out of sight, but not put anything of it there.
    """
    need = own_need(session, actor, need_id, today)
    levels = visibility_from(openness.visibility)
    if actor.user_id != need.user_id and (levels or openness.listed):
        raise Forbidden("没有权限公开他人的需求", hint="管理员只能收回公开的内容")
    return save(session, actor, need, version, "need.visibility", {"visibility": levels, "listed": openness.listed})


def delete_need(session: Session, actor: Actor, need_id: str, version: int, today: date) -> StoredNeed:
    """Remove a need and the consents to it for good; what it was. Errors as for `own_need`, and Outdated."""
    need = own_need(session, actor, need_id, today)
    if need.version != version or not delete_row(session, need.id, version):
        raise _outdated()
    record_act(session, actor, "need.delete", "need", need.id)
    tell(session, need, None)
    return need


def save(
    session: Session, actor: Actor, need: StoredNeed, version: int, action: str, changes: Mapping[str, Any]
) -> StoredNeed:
    """Change a need that the caller saw in this version, with its audit entry and, last, the change log.

    Raises:
        Outdated: it has another version, or got one meanwhile.
    """
    if need.version != version or not change_row(session, need.id, version, **changes):
        raise _outdated()
    if SEEN_BY & changes.keys():
        forget_vectors(session, need.id)
    after = find_need(session, need.id)
    if after is None:
        raise missing_need(need.id)
    changed = sorted(name for name, value in changes.items() if value != getattr(need, name))
    record_act(session, actor, action, "need", need.id, changed=changed, version=after.version)
    tell(session, need, after)
    return after


def tell(session: Session, before: StoredNeed | None, after: StoredNeed | None) -> None:
    """Note in the change log what strangers can see change, and nothing else: not even that something changed.

    Of an unlisted need that opens, those hear that were consented to before.
    """
    was, now_is = _public(before), _public(after)
    about = after or before
    if was != now_is and about is not None:
        record_change(session, "need", about.id, "gone" if now_is is None else "shown")
    elif _opens(before, after) and after is not None and consented(session, after.id):
        record_change(session, "need", after.id, "consented")


def missing_need(need_id: str) -> NotFound:
    """What is said of a need that is not there, and of one that this caller may not know of."""
    return NotFound(f"没有编号为 {need_id[:64]} 的需求", hint="它可能已关闭或不对您开放", field="need_id")


def _found(session: Session, actor: Actor, need_id: str, today: date) -> tuple[StoredNeed, Relation]:
    need = find_need(session, need_id)
    if need is None:
        raise missing_need(need_id)
    how = relation(need, actor, consented(session, need.id))
    if not is_seen(need, how, today):
        raise missing_need(need_id)
    return need, how


def _public(need: StoredNeed | None) -> SeenNeed | None:
    """What strangers see, whatever the day: that the last day of a need has passed is noted when it expires."""
    return seen(need, "stranger") if need and need.listed and need.state in OPEN else None


def _opens(before: StoredNeed | None, after: StoredNeed | None) -> bool:
    return after is not None and after.state in OPEN and (before is None or before.state not in OPEN)


def _outdated() -> Outdated:
    return Outdated("需求已被修改", hint="请取回最新版本,合并您的修改后再提交")


def _order(sort: str) -> tuple[Any, ...]:
    name = sort.removeprefix("-")
    if name not in _COLUMNS:
        raise InvalidInput(f"不能按 {sort[:40]} 排序", hint=f"可用:{'、'.join(SORTS)},前加 - 为倒序", field="sort")
    column = _COLUMNS[name]
    # What has no such day comes last either way; the two databases disagree on where by default.
    return (column.is_(None), column.desc() if sort.startswith("-") else column.asc(), NeedRow.id)
