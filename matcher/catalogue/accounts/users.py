"""Users: who may sign in, as what, and for which organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final, cast

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import ROLE_NAMES, ROLES, Actor, Role
from matcher.catalogue.accounts.emails import normal_email
from matcher.catalogue.accounts.lines import clean_line, optional_line
from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.accounts.versions import change_row, check_unique, conflicts, missing, remove_row
from matcher.catalogue.audit import record_act
from matcher.catalogue.tables.accounts import OrganisationRow, SessionRow, SignInFailureRow, UserRow
from matcher.catalogue.tables.base import new_key, now
from matcher.errors import Conflict, InvalidInput

NAME_LENGTH: Final = 100
ID_LENGTH: Final = 64
LANGUAGES: Final = ("zh-CN", "en")
_EMAIL_TAKEN = "这个邮箱已有账号"


@dataclass(frozen=True, slots=True)
class UserFields:
    """What an admin can write of an account; operators need an organisation."""

    email: str
    name: str
    role: Role = "requester"
    organisation_id: str | None = None
    active: bool = True
    language: str = "zh-CN"

    def cleaned(self) -> UserFields:
        """In the form that is stored.

        Raises:
            InvalidInput: e-mail, name, role or language can't be used; an operator without organisation.
        """
        if self.role not in ROLES:
            raise InvalidInput("role 的值不可用", hint=f"可用的值:{'、'.join(ROLES)}", field="role")
        if self.language not in LANGUAGES:
            raise InvalidInput("language 的值不可用", hint=f"可用的值:{'、'.join(LANGUAGES)}", field="language")
        if self.role == "operator" and not self.organisation_id:
            raise InvalidInput(
                "供给方账号须属于一个单位", hint="请先登记单位,再填 organisation_id", field="organisation_id"
            )
        name = clean_line(self.name, "name", NAME_LENGTH)
        organisation_id = optional_line(self.organisation_id, "organisation_id", ID_LENGTH)
        return replace(self, email=normal_email(self.email), name=name, organisation_id=organisation_id)


@dataclass(frozen=True, slots=True)
class User:
    """An account. `has_password`: it can sign in with one; `linked`: through single sign-on."""

    id: str
    fields: UserFields
    email_verified: bool
    has_password: bool
    linked: bool
    version: int
    created_at: datetime
    updated_at: datetime


def add_user(
    session: Session,
    actor: Actor,
    fields: UserFields,
    *,
    password_hash: str | None = None,
    email_verified: bool = False,
) -> User:
    """A new account; who may open which is the caller's to decide (see `create_user`, `sign_up`).

    Raises:
        InvalidInput: as for `UserFields.cleaned`, or no such organisation. Conflict: the e-mail has an account.
    """
    wanted = fields.cleaned()
    _check_organisation(session, wanted)
    check_unique(session, UserRow, "email", wanted.email, but=None, said=_EMAIL_TAKEN)
    row = UserRow(id=new_key("user"), **asdict(wanted), password_hash=password_hash, email_verified=email_verified)
    session.add(row)
    with conflicts(_EMAIL_TAKEN, "请直接登录,或请管理员重置密码"):
        session.flush()
    record_act(session, actor, "user.create", "user", row.id, role=wanted.role)
    return record_of(row)


def create_user(session: Session, actor: Actor, fields: UserFields) -> User:
    """A new account by an admin, who vouches for the e-mail; errors as for `add_user`, and NotSignedIn, Forbidden."""
    actor.needs_admin()
    return add_user(session, actor, fields, email_verified=True)


def get_user(session: Session, actor: Actor, id: str) -> User:
    """One that the actor may see: itself, and for admins all.

    Raises:
        NotFound: none, or not for this actor.
    """
    row = session.get(UserRow, id, populate_existing=True)
    if row is None or not (actor.is_admin or actor.user_id == id):
        raise missing("账号", id)
    return record_of(row)


def user_by_email(session: Session, email: str) -> User | None:
    """The account with this address, for the command line and signing in."""
    row = session.scalars(select(UserRow).where(UserRow.email == normal_email(email))).one_or_none()
    return None if row is None else record_of(row)


def list_users(
    session: Session,
    actor: Actor,
    *,
    words: str | None = None,
    role: Role | None = None,
    organisation_id: str | None = None,
    active: bool | None = None,
    first: int = 0,
    size: int = 20,
) -> tuple[int, Sequence[User]]:
    """How many accounts there are, and some of them by e-mail, for admins; `words` stand in name or e-mail.

    Raises:
        NotSignedIn, Forbidden: not an admin.
    """
    actor.needs_admin()
    query = select(UserRow)
    if words:
        found_in = (UserRow.name, UserRow.email)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in found_in)))
    for column, value in ((UserRow.role, role), (UserRow.organisation_id, organisation_id), (UserRow.active, active)):
        if value is not None:
            query = query.where(column == value)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(UserRow.email).offset(first).limit(size))
    return total, [record_of(row) for row in rows]


def change_user(
    session: Session, actor: Actor, id: str, fields: UserFields, *, seen: int, single_sign_on: bool = False
) -> User:
    """Write all fields, by an admin. Where role, organisation or use change, the sessions of the account end.

    Args:
        single_sign_on: whether linked accounts can sign in without a password.

    Raises:
        NotFound, Outdated, InvalidInput, NotSignedIn, Forbidden: as above.
        Conflict: the e-mail has an account; no admin who can sign in would be left.
    """
    actor.needs_admin()
    before = get_user(session, actor, id)
    wanted = fields.cleaned()
    _check_organisation(session, wanted)
    check_unique(session, UserRow, "email", wanted.email, but=id, said=_EMAIL_TAKEN)
    if before.fields.role == "admin" and (wanted.role != "admin" or not wanted.active):
        _check_another_admin(session, id, single_sign_on)
    values = asdict(wanted) | ({"email_verified": True} if wanted.email != before.fields.email else {})
    with conflicts(_EMAIL_TAKEN, "请核对邮箱"):
        change_row(session, UserRow, id, seen, values)
    changed = sorted(name for name, value in asdict(wanted).items() if value != asdict(before.fields)[name])
    if not {"role", "organisation_id", "active"}.isdisjoint(changed):
        session.execute(delete(SessionRow).where(SessionRow.user_id == id))
    record_act(session, actor, "user.change", "user", id, fields=changed, role=wanted.role, active=wanted.active)
    return get_user(session, actor, id)


def change_profile(
    session: Session, actor: Actor, *, name: str | None = None, language: str | None = None, seen: int
) -> User:
    """Write one's own name or language; None leaves it.

    Raises:
        NotSignedIn: nobody is signed in. Outdated, InvalidInput: as above.
    """
    user = get_user(session, actor, actor.needs_sign_in())
    fields = replace(user.fields, name=name or user.fields.name, language=language or user.fields.language).cleaned()
    change_row(session, UserRow, user.id, seen, {"name": fields.name, "language": fields.language})
    return get_user(session, actor, user.id)


def remove_user(session: Session, actor: Actor, id: str, *, seen: int, single_sign_on: bool = False) -> None:
    """Delete an account that owns nothing, by an admin; `single_sign_on` as for `change_user`.

    Raises:
        Conflict: it has needs or the like, or no admin who can sign in would be left.
        NotFound, Outdated, NotSignedIn, Forbidden.
    """
    actor.needs_admin()
    if get_user(session, actor, id).fields.role == "admin":
        _check_another_admin(session, id, single_sign_on)
    with conflicts("这个账号还有需求、导入记录或对接申请", "请将账号停用(active: false)"):
        remove_row(session, UserRow, id, seen)
    record_act(session, actor, "user.remove", "user", id)


def record_of(row: UserRow) -> User:
    """The row as a record: no hash leaves this package."""
    role = cast(Role, row.role)
    fields = UserFields(row.email, row.name, role, row.organisation_id, row.active, row.language)
    is_linked = row.issuer is not None
    has_password = row.password_hash is not None
    return User(
        row.id, fields, row.email_verified, has_password, is_linked, row.version, row.created_at, row.updated_at
    )


def _check_organisation(session: Session, fields: UserFields) -> None:
    if fields.organisation_id is not None and session.get(OrganisationRow, fields.organisation_id) is None:
        raise InvalidInput("没有这个单位", hint="编号见 GET /v1/organisations", field="organisation_id")


def _check_another_admin(session: Session, id: str, single_sign_on: bool) -> None:
    """Another admin is left who can sign in, where this one can; another one at all, where not.

    Locks the admins, so that two can't remove each other at once.
    """
    query = select(UserRow).where(UserRow.role == "admin", UserRow.active).order_by(UserRow.id).with_for_update()
    admins = session.scalars(query.execution_options(populate_existing=True)).all()
    able = {row.id for row in admins if _can_sign_in(session, row, single_sign_on)}
    if id in able and not able - {id}:
        hint = "请先指定另一个管理员,并等其设好密码、登录过" if len(admins) > 1 else "请先指定另一个管理员"
        raise Conflict(f"至少要留一个能登录的{ROLE_NAMES['admin']}账号", hint=hint)
    if not {row.id for row in admins} - {id}:
        raise Conflict(f"至少要留一个{ROLE_NAMES['admin']}账号", hint="请先指定另一个管理员")


def _can_sign_in(session: Session, row: UserRow, single_sign_on: bool) -> bool:
    """Whether the account of an admin in use opens today: nobody has yet accepted an invitation without a password."""
    if single_sign_on and row.issuer is not None:
        return True
    if row.password_hash is None:
        return False
    failures = session.get(SignInFailureRow, hash_of(row.email), populate_existing=True)
    return failures is None or failures.locked_until is None or failures.locked_until <= now()
