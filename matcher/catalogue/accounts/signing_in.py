"""Signing in with a password: locks after failures, sessions, and what ends them.

A password is checked outside any transaction (`credentials`, then `verify_password`): it takes 20 ms or more, in which
nobody else could write to SQLite. What follows is one transaction, which refuses whatever a lock has overtaken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.callers import actor_of
from matcher.catalogue.accounts.emails import normal_email
from matcher.catalogue.accounts.tokens import hash_of, new_token
from matcher.catalogue.accounts.users import User
from matcher.catalogue.audit import record_act
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import SessionRow, SignInFailureRow, UserRow
from matcher.errors import InvalidInput, NotSignedIn, TooMany

#: However it is used, a session ends a week after the sign-in.
SESSION_LIFE: Final = timedelta(days=7)
#: Typing errors are forgiven; from then on each failure doubles the wait.
FREE_FAILURES: Final = 5
FIRST_LOCK: Final = timedelta(seconds=30)
LONGEST_LOCK: Final = timedelta(hours=1)
#: Failures in a row are forgotten a day after the last one.
FORGOTTEN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against; without account all but `email` is None."""

    email: str
    user_id: str | None = None
    name: str | None = None
    password_hash: str | None = None
    active: bool = False


@dataclass(frozen=True, slots=True)
class NewSession:
    """A sign-in that succeeded; `token` goes into the cookie and is not kept."""

    actor: Actor
    token: str
    csrf: str


def credentials(session: Session, email: str) -> Credentials:
    """What is stored for an address, known or not; an address that can't be one has no account either."""
    try:
        normal = normal_email(email)
    except InvalidInput:
        return Credentials(hash_of(email))
    return _credentials(normal, session.scalars(select(UserRow).where(UserRow.email == normal)).one_or_none())


def credentials_of(session: Session, user_id: str) -> Credentials:
    """The same for an account that is signed in and changes its password; NotSignedIn where it is gone."""
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotSignedIn("需要登录", hint="请重新登录")
    return _credentials(row.email, row)


def finish_sign_in(session: Session, known: Credentials, is_right: bool) -> NewSession | NotSignedIn | TooMany:
    """Start a session, or write down the failure.

    A refusal is returned rather than raised: raised, it would undo the record of the failure with the transaction.
    """
    locked = check_lock(session, known.email)
    if locked is not None:
        return locked
    if not is_right or not known.active or known.user_id is None:
        record_failure(session, known.email)
        # One answer for every cause: it tells nobody which addresses have accounts.
        return NotSignedIn("邮箱或密码不对", hint="忘记密码请用“重置密码”或联系管理员")
    forget_failures(session, known.email)
    return start_session(session, known.user_id)


def start_session(session: Session, user_id: str) -> NewSession:
    """A session with a token of its own; ended ones are cleared away.

    Raises:
        NotSignedIn: the account is gone or not in use.
    """
    session.execute(delete(SessionRow).where(SessionRow.expires_at <= base.now()))
    user = session.get(UserRow, user_id, populate_existing=True)
    if user is None or not user.active:
        raise NotSignedIn("账号已停用", hint="请联系管理员")
    token, csrf = new_token(), new_token()
    now = base.now()
    row = SessionRow(token_hash=hash_of(token), user_id=user_id, csrf=csrf, expires_at=now + SESSION_LIFE)
    session.add(row)
    session.flush()
    return NewSession(actor_of(session, user), token, csrf)


def end_session(session: Session, session_hash: str) -> None:
    """Sign out here."""
    session.execute(delete(SessionRow).where(SessionRow.token_hash == session_hash))


def end_sessions(session: Session, user_id: str, *, but: str | None = None) -> None:
    """Sign out everywhere; `but` is the hash of a session that stays."""
    query = delete(SessionRow).where(SessionRow.user_id == user_id)
    session.execute(query if but is None else query.where(SessionRow.token_hash != but))


def store_password(session: Session, actor: Actor, user_id: str, password_hash: str, *, but: str | None) -> None:
    """A new password: every other session ends, for whoever had the old one may be in one."""
    session.execute(update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash))
    end_sessions(session, user_id, but=but)
    record_act(session, actor, "user.password", "user", user_id)


def store_rehash(session: Session, known: Credentials, password_hash: str) -> None:
    """The same password under today's parameters, unless it has been changed meanwhile."""
    where = (UserRow.id == known.user_id, UserRow.password_hash == known.password_hash)
    session.execute(update(UserRow).where(*where).values(password_hash=password_hash))


def check_lock(session: Session, email: str) -> TooMany | None:
    """The refusal while an address is locked."""
    row = session.get(SignInFailureRow, hash_of(email), with_for_update=True, populate_existing=True)
    if row is None or row.locked_until is None:
        return None
    left = row.locked_until - base.now()
    if left <= timedelta():
        return None
    seconds = int(left.total_seconds()) + 1
    return TooMany("登录失败次数过多,暂时锁定", hint=f"请 {seconds} 秒后再试,或请管理员解锁", retry_seconds=seconds)


def record_failure(session: Session, email: str) -> None:
    """One more failure; from the fifth on the address is locked, each time for twice as long."""
    now = base.now()
    session.execute(delete(SignInFailureRow).where(SignInFailureRow.last_at < now - FORGOTTEN))
    where = SignInFailureRow.email_hash == hash_of(email)
    counted = update(SignInFailureRow).where(where).values(count=SignInFailureRow.count + 1, last_at=now)
    count = session.execute(counted.returning(SignInFailureRow.count)).scalar_one_or_none()
    if count is None:
        try:
            with session.begin_nested():
                session.add(SignInFailureRow(email_hash=hash_of(email), count=1, last_at=now))
            count = 1
        except IntegrityError:  # two first failures at once
            count = session.execute(counted.returning(SignInFailureRow.count)).scalar_one()
    if count >= FREE_FAILURES:
        session.execute(update(SignInFailureRow).where(where).values(locked_until=now + lock_for(count)))


def lock_for(failures: int) -> timedelta:
    """How long an address is locked after so many failures in a row: 30 s at the fifth, then doubled, at most 1 h."""
    doubled: int = 2 ** min(failures - FREE_FAILURES, 20)
    return min(FIRST_LOCK * doubled, LONGEST_LOCK)


def forget_failures(session: Session, email: str) -> None:
    """Start counting anew: after a sign-in, or when an admin unlocks the account."""
    session.execute(delete(SignInFailureRow).where(SignInFailureRow.email_hash == hash_of(email)))


def unlock(session: Session, actor: Actor, user: User) -> None:
    """Let a user try again at once, by an admin.

    Raises:
        NotSignedIn, Forbidden: not an admin.
    """
    actor.needs_admin()
    forget_failures(session, user.fields.email)
    record_act(session, actor, "user.unlock", "user", user.id)


def _credentials(email: str, row: UserRow | None) -> Credentials:
    if row is None:
        return Credentials(email)
    return Credentials(email, row.id, row.name, row.password_hash, row.active)
