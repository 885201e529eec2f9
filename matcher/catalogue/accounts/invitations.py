"""Links that let their holder set a password once: invitations and resets."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.signing_in import Credentials, credentials_of, forget_failures, store_password
from matcher.catalogue.accounts.tokens import hash_of, new_token
from matcher.catalogue.accounts.users import User, get_user
from matcher.catalogue.audit import record_act
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import AccountTokenRow, UserRow
from matcher.errors import Conflict, InvalidInput

Purpose = Literal["invitation", "reset"]
#: An invitation waits for somebody's next working week; a reset was asked for now.
LIVES: Final[dict[Purpose, timedelta]] = {"invitation": timedelta(days=7), "reset": timedelta(hours=1)}


def invite(session: Session, actor: Actor, user_id: str) -> str:
    """A token with which the user sets a password, by an admin who hands it over; earlier ones are void.

    Raises:
        NotSignedIn, Forbidden: not an admin. NotFound: no such account. Conflict: the account is not in use.
    """
    actor.needs_admin()
    user = get_user(session, actor, user_id)
    if not user.fields.active:
        raise Conflict("账号已停用", hint="请先启用账号")
    record_act(session, actor, "user.invite", "user", user_id)
    return make_token(session, user_id, purpose_for(user))


def purpose_for(user: User) -> Purpose:
    """An invitation as long as no password was ever set."""
    return "reset" if user.has_password else "invitation"


def make_token(session: Session, user_id: str, purpose: Purpose) -> str:
    """A new token; earlier ones of the user are void."""
    now = base.now()
    session.execute(delete(AccountTokenRow).where(AccountTokenRow.user_id == user_id))
    session.execute(delete(AccountTokenRow).where(AccountTokenRow.expires_at <= now))
    token = new_token()
    row = AccountTokenRow(token_hash=hash_of(token), user_id=user_id, purpose=purpose, expires_at=now + LIVES[purpose])
    session.add(row)
    session.flush()
    return token


def holder(session: Session, token: str) -> Credentials:
    """Whose token it is.

    Raises:
        InvalidInput: unknown, used or expired, or the account is not in use.
    """
    where = (AccountTokenRow.token_hash == hash_of(token), AccountTokenRow.expires_at > base.now())
    user_id = session.scalar(select(AccountTokenRow.user_id).where(*where))
    known = user_id and credentials_of(session, user_id)
    if not known or not known.active:
        raise InvalidInput("链接无效或已过期", hint="请重新申请重置密码,或请管理员再发邀请", field="token")
    return known


def redeem(session: Session, token: str, password_hash: str) -> str:
    """Set the password; the token is spent, locks and sessions end, and the e-mail counts as the user's. The user's id.

    Raises:
        InvalidInput: as for `holder`; of two at once the second.
    """
    known = holder(session, token)
    spent = session.execute(
        delete(AccountTokenRow).where(AccountTokenRow.token_hash == hash_of(token)).returning(AccountTokenRow.user_id)
    ).scalar_one_or_none()
    if spent is None:
        raise InvalidInput("链接无效或已过期", hint="请重新申请重置密码,或请管理员再发邀请", field="token")
    session.execute(update(UserRow).where(UserRow.id == spent).values(email_verified=True))
    store_password(session, Actor(user_id=spent), spent, password_hash, but=None)
    forget_failures(session, known.email)
    return spent
