"""API keys: random, shown once, kept as hashes, with scopes and an end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import SCOPES, Actor, Scope
from matcher.catalogue.accounts.lines import clean_line
from matcher.catalogue.accounts.tokens import hash_of, new_token
from matcher.catalogue.accounts.versions import missing
from matcher.catalogue.audit import record_act
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import ApiKeyRow
from matcher.catalogue.tables.base import new_key
from matcher.errors import Forbidden, InvalidInput

PREFIX: Final = "pm_"
#: Enough for its owner to tell keys apart, far too little to use one.
SHOWN: Final = 10
NAME_LENGTH: Final = 100
#: A key that nobody looks after ends with the year.
DAYS_DEFAULT: Final = 365
DAYS_MAX: Final = 730


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret; `shown` are its first characters."""

    id: str
    user_id: str
    name: str
    shown: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def add_key(
    session: Session, actor: Actor, name: str, scopes: Collection[Scope], days: int = DAYS_DEFAULT
) -> tuple[ApiKey, str]:
    """A new key of the actor's own, and its secret, which can't be had again.

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: with a key in use, or a scope beyond the actor's role.
        InvalidInput: no or unknown scopes; name or days can't be used.
    """
    user_id = actor.needs_person()
    wanted = _check(actor, scopes, days)
    secret = new_token(PREFIX)
    row = ApiKeyRow(
        id=new_key("key"),
        user_id=user_id,
        name=clean_line(name, "name", NAME_LENGTH),
        shown=secret[:SHOWN],
        secret_hash=hash_of(secret),
        scopes=list(wanted),
        expires_at=base.now() + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    record_act(session, actor, "api_key.create", "api_key", row.id, scopes=list(wanted))
    return _record(row), secret


def list_keys(session: Session, actor: Actor, user_id: str | None = None) -> Sequence[ApiKey]:
    """The keys of a user, latest first, revoked ones too; one's own, and for admins anybody's.

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: somebody else's.
    """
    own = actor.needs_sign_in()
    if user_id not in (None, own):
        actor.needs_admin()
    query = select(ApiKeyRow).where(ApiKeyRow.user_id == (user_id or own))
    return [_record(row) for row in session.scalars(query.order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id))]


def revoke_key(session: Session, actor: Actor, id: str) -> None:
    """End a key at once; doing so again changes nothing.

    Raises:
        NotFound: none, or not the actor's. NotSignedIn: nobody is signed in. Forbidden: with a key in use.
    """
    actor.needs_person()
    row = session.get(ApiKeyRow, id)
    if row is None or (row.user_id != actor.user_id and not actor.is_admin):
        raise missing("密钥", id)
    where = (ApiKeyRow.id == id, ApiKeyRow.revoked_at.is_(None))
    session.execute(update(ApiKeyRow).where(*where).values(revoked_at=base.now()))
    record_act(session, actor, "api_key.revoke", "api_key", id)


def _check(actor: Actor, scopes: Collection[Scope], days: int) -> tuple[Scope, ...]:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise InvalidInput("scopes 的值不可用", hint=f"可用的值:{'、'.join(SCOPES)}", field="scopes")
    if not 1 <= days <= DAYS_MAX:
        raise InvalidInput(f"days 应在 1–{DAYS_MAX} 之间", hint="密钥到期后请新建一个", field="days")
    if "admin" in scopes and not actor.is_admin:
        raise Forbidden("权限 admin 只有管理员的密钥可以有", hint="请去掉 admin")
    return tuple(scope for scope in SCOPES if scope in scopes)


def _record(row: ApiKeyRow) -> ApiKey:
    scopes = tuple(cast(list[Scope], row.scopes))
    times = (row.created_at, row.expires_at, row.revoked_at, row.last_used_at)
    return ApiKey(row.id, row.user_id, row.name, row.shown, scopes, *times)
