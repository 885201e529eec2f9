"""Which account an identity from single sign-on belongs to."""

from __future__ import annotations

import dataclasses

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import ANONYMOUS, Actor, Role
from matcher.catalogue.accounts.emails import normal_email
from matcher.catalogue.accounts.openid import Identity
from matcher.catalogue.accounts.users import NAME_LENGTH, UserFields, add_user
from matcher.catalogue.accounts.versions import conflicts
from matcher.catalogue.audit import record_act
from matcher.catalogue.tables.accounts import UserRow
from matcher.errors import Conflict, Forbidden, InvalidInput

ISSUER_LENGTH = 300
SUBJECT_LENGTH = 255
_ASK = "请联系管理员"


def account_for(session: Session, identity: Identity, role: Role) -> str:
    """The id of the account: the one linked to it, else the one with its e-mail, else a new one. No role ever rises.

    Args:
        role: of a new account.

    Raises:
        Forbidden: the account is not in use, or the provider vouches for no e-mail.
        Conflict: the e-mail's account is linked to somebody else, or nobody has ever shown that the address is theirs:
            whoever opened it beforehand would share it from then on.
        InvalidInput: the provider's identifiers are too long.
    """
    if len(identity.issuer) > ISSUER_LENGTH or len(identity.subject) > SUBJECT_LENGTH or "\x00" in identity.subject:
        raise InvalidInput("身份提供方给出的标识无法使用", hint=_ASK)
    where = (UserRow.issuer == identity.issuer, UserRow.subject == identity.subject)
    row = session.scalars(select(UserRow).where(*where)).one_or_none()
    if row is None:
        row = _by_email(session, identity) or _new(session, identity, role)
        row.issuer, row.subject = identity.issuer, identity.subject
        with conflicts("这个身份正在关联另一个账号", "请重新登录"):
            session.flush()
        record_act(session, Actor(user_id=row.id), "user.link", "user", row.id, issuer=identity.issuer)
    if not row.active:
        raise Forbidden("账号已停用", hint=_ASK)
    return row.id


def _by_email(session: Session, identity: Identity) -> UserRow | None:
    if identity.email is None:
        raise Forbidden("身份提供方没有给出经过验证的邮箱", hint=_ASK)
    row = session.scalars(select(UserRow).where(UserRow.email == normal_email(identity.email))).one_or_none()
    if row is None:
        return None
    if row.issuer is not None:
        raise Conflict("这个邮箱的账号已关联另一个身份", hint=_ASK)
    if not row.email_verified:
        raise Conflict("这个邮箱已有账号,但邮箱未经验证", hint="请先用密码重置邮件验证邮箱,或联系管理员")
    return row


def _new(session: Session, identity: Identity, role: Role) -> UserRow:
    email = normal_email(identity.email or "")
    fields = UserFields(email, email.partition("@")[0], role)
    try:
        named = dataclasses.replace(fields, name=(identity.name or fields.name)[:NAME_LENGTH]).cleaned()
    except InvalidInput:  # a name that can't be stored is no reason to keep its owner out
        named = fields
    user = add_user(session, ANONYMOUS, named, email_verified=True)
    return session.get_one(UserRow, user.id)
