"""Organisations: operators' and requesters' employers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor, may_change_organisation
from matcher.catalogue.accounts.credit_code import normal_credit_code
from matcher.catalogue.accounts.lines import clean_line, optional_line
from matcher.catalogue.accounts.versions import change_row, check_unique, conflicts, missing, remove_row
from matcher.catalogue.audit import record_act
from matcher.catalogue.place_fields import check_place_fields
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.base import new_key
from matcher.errors import Forbidden

NAME_LENGTH = 200
PLACE_LENGTH = 100
_NAME_TAKEN = "已有同名的单位"
_CODE_TAKEN = "这个统一社会信用代码已登记"


@dataclass(frozen=True, slots=True)
class OrganisationFields:
    """What can be written; `credit_code` is the 统一社会信用代码."""

    name: str
    credit_code: str | None = None
    province: str | None = None
    city: str | None = None
    active: bool = True

    def cleaned(self) -> OrganisationFields:
        """In the form that is stored.

        Raises:
            InvalidInput: a text is empty, too long or with control characters; the credit code does not check.
        """
        return OrganisationFields(
            clean_line(self.name, "name", NAME_LENGTH),
            normal_credit_code(self.credit_code) if self.credit_code and self.credit_code.strip() else None,
            optional_line(self.province, "province", PLACE_LENGTH),
            optional_line(self.city, "city", PLACE_LENGTH),
            self.active,
        )


@dataclass(frozen=True, slots=True)
class Organisation:
    id: str
    fields: OrganisationFields
    version: int
    created_at: datetime
    updated_at: datetime


def add_organisation(session: Session, actor: Actor, fields: OrganisationFields) -> Organisation:
    """A new one, by an admin.

    Raises:
        InvalidInput: as for `OrganisationFields.cleaned` and `check_place_fields`. Conflict: the name or the credit
            code is taken.
        NotSignedIn, Forbidden: not an admin.
    """
    actor.needs_admin()
    wanted = fields.cleaned()
    check_place_fields(wanted.province, wanted.city)
    _check_unique(session, wanted, but=None)
    row = OrganisationRow(id=new_key("org"), **asdict(wanted))
    session.add(row)
    with conflicts(_NAME_TAKEN, "请核对是否已经登记"):
        session.flush()
    record_act(session, actor, "organisation.create", "organisation", row.id, name=wanted.name)
    return _record(row)


def get_organisation(session: Session, actor: Actor, id: str) -> Organisation:
    """One that the actor may see: those in use, and for admins all.

    Raises:
        NotFound: none, or not for this actor.
    """
    row = session.get(OrganisationRow, id, populate_existing=True)
    if row is None or not (row.active or actor.is_admin):
        raise missing("单位", id)
    return _record(row)


def list_organisations(
    session: Session,
    actor: Actor,
    *,
    words: str | None = None,
    province: str | None = None,
    first: int = 0,
    size: int = 20,
) -> tuple[int, Sequence[Organisation]]:
    """How many the actor may see, and some of them by name; `words` stand in the name or are the credit code."""
    query = select(OrganisationRow)
    if not actor.is_admin:
        query = query.where(OrganisationRow.active)
    if words:
        by_name = OrganisationRow.name.contains(words, autoescape=True)
        query = query.where(or_(by_name, OrganisationRow.credit_code == words.upper()))
    if province:
        query = query.where(OrganisationRow.province == province)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(OrganisationRow.name, OrganisationRow.id).offset(first).limit(size))
    return total, [_record(row) for row in rows]


def replace_organisation(
    session: Session, actor: Actor, id: str, fields: OrganisationFields, seen: int
) -> Organisation:
    """Write all fields; its own operators may change where it is, admins everything.

    Raises:
        NotFound: as for `get_organisation`. Outdated: not at version `seen`. Forbidden: not this actor's to change.
        InvalidInput, Conflict: as for `add_organisation`.
    """
    actor.needs_sign_in()
    before = get_organisation(session, actor, id)
    wanted = fields.cleaned()
    if not may_change_organisation(actor, id):
        raise Forbidden("不能修改这个单位", hint="只能修改本单位的资料")
    if not actor.is_admin and _identity(wanted) != _identity(before.fields):
        raise Forbidden("单位名称、统一社会信用代码与状态由管理员修改", hint="请联系管理员")
    if (wanted.province, wanted.city) != (before.fields.province, before.fields.city):
        check_place_fields(wanted.province, wanted.city)
    _check_unique(session, wanted, but=id)
    with conflicts(_NAME_TAKEN, "请核对是否已经登记"):
        change_row(session, OrganisationRow, id, seen, asdict(wanted))
    changed = sorted(name for name, value in asdict(wanted).items() if value != asdict(before.fields)[name])
    record_act(session, actor, "organisation.change", "organisation", id, fields=changed)
    return get_organisation(session, actor, id)


def remove_organisation(session: Session, actor: Actor, id: str, *, seen: int) -> None:
    """Delete one that nothing belongs to, by an admin.

    Raises:
        Conflict: users, listings or needs belong to it. NotFound, Outdated, NotSignedIn, Forbidden: as above.
    """
    actor.needs_admin()
    get_organisation(session, actor, id)
    with conflicts("还有账号、供给条目或需求属于这个单位", "请先移走它们,或将单位停用"):
        remove_row(session, OrganisationRow, id, seen)
    record_act(session, actor, "organisation.remove", "organisation", id)


def _identity(fields: OrganisationFields) -> tuple[object, ...]:
    return fields.name, fields.credit_code, fields.active


def _check_unique(session: Session, fields: OrganisationFields, *, but: str | None) -> None:
    check_unique(session, OrganisationRow, "name", fields.name, but=but, said=_NAME_TAKEN)
    check_unique(session, OrganisationRow, "credit_code", fields.credit_code, but=but, said=_CODE_TAKEN)


def _record(row: OrganisationRow) -> Organisation:
    fields = OrganisationFields(row.name, row.credit_code, row.province, row.city, row.active)
    return Organisation(row.id, fields, row.version, row.created_at, row.updated_at)
