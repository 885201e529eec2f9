"""From what a request carries to who it comes from: a session's token or an API key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import ANONYMOUS, Actor, Role, Scope
from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import ApiKeyRow, OrganisationRow, SessionRow, UserRow
from matcher.errors import NotSignedIn

#: A forgotten browser in an office stays signed in no longer than a working day.
IDLE: Final = timedelta(hours=12)
#: The last use is written down at most this often, so that reading costs no write.
TOUCH: Final = timedelta(minutes=1)
KEY_HINT: Final = "请检查密钥是否完整,或在“API 密钥”中新建一个"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, and by what.

    Attributes:
        csrf: what a form of this session must carry; None without a session.
        session_hash, key_id: of the session or the API key in use.
        is_stale: the last use on record is more than a minute ago: see `touch`.
    """

    actor: Actor = ANONYMOUS
    csrf: str | None = None
    session_hash: str | None = None
    key_id: str | None = None
    is_stale: bool = False


STRANGER: Final = Caller()


def caller_by_session(session: Session, token: str) -> Caller:
    """The caller with this session; a stranger where it has ended, as a page for everybody must still open."""
    query = select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id)
    found = session.execute(query.where(SessionRow.token_hash == hash_of(token))).one_or_none()
    if found is None:
        return STRANGER
    row, user = found
    now = base.now()
    if not user.active or row.expires_at <= now or row.seen_at + IDLE <= now:
        return STRANGER
    return Caller(actor_of(session, user), row.csrf, row.token_hash, None, row.seen_at + TOUCH <= now)


def caller_by_key(session: Session, key: str) -> Caller:
    """The caller with this API key.

    Raises:
        NotSignedIn: no such key, expired or revoked, or its owner may no longer sign in. Never taken for a stranger:
            a program should hear that its key is no good.
    """
    query = select(ApiKeyRow, UserRow).join(UserRow, UserRow.id == ApiKeyRow.user_id)
    found = session.execute(query.where(ApiKeyRow.secret_hash == hash_of(key))).one_or_none()
    if found is None:
        raise NotSignedIn("API 密钥无效", hint=KEY_HINT)
    row, user = found
    now = base.now()
    if row.revoked_at is not None or not user.active:
        raise NotSignedIn("API 密钥已停用", hint=KEY_HINT)
    if row.expires_at is not None and row.expires_at <= now:
        raise NotSignedIn("API 密钥已过期", hint=KEY_HINT)
    scopes = frozenset(cast(list[Scope], row.scopes))
    is_stale = row.last_used_at is None or row.last_used_at + TOUCH <= now
    return Caller(replace(actor_of(session, user), scopes=scopes), key_id=row.id, is_stale=is_stale)


def touch(session: Session, caller: Caller) -> None:
    """Write down that the caller's session or key is in use now."""
    if caller.session_hash is not None:
        where = SessionRow.token_hash == caller.session_hash
        session.execute(update(SessionRow).where(where).values(seen_at=base.now()))
    if caller.key_id is not None:
        session.execute(update(ApiKeyRow).where(ApiKeyRow.id == caller.key_id).values(last_used_at=base.now()))


def actor_of(session: Session, user: UserRow) -> Actor:
    """The user as one who acts; of an organisation only while that one is active."""
    is_active = user.organisation_id is not None and session.scalar(
        select(OrganisationRow.active).where(OrganisationRow.id == user.organisation_id)
    )
    return Actor(user.id, cast(Role, user.role), user.organisation_id if is_active else None)
