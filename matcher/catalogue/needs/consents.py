"""Consents: a requester lets an organisation read the fields of a need whose visibility is `chosen`.

An enquiry consents to single fields instead (`enquiries.sharing`); both are listed here, and taken back here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import record_change
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.needs.store import own_need, reading_own_need
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.needs import ConsentRow
from matcher.errors import Conflict, Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Consent:
    """An organisation that may read more of a need, and since when.

    Attributes:
        chosen: all fields whose visibility is `chosen`. fields: single ones, in the requester's enquiries.
    """

    organisation_id: str
    organisation: str
    at: datetime
    chosen: bool
    fields: tuple[str, ...]


def give_consent(session: Session, actor: Actor, need_id: str, organisation_id: str, today: date) -> Consent:
    """Let an organisation read the chosen fields; given again it stays as it was.

    Raises:
        as `own_need`; Forbidden: an admin, for another's need; NotFound: no such organisation that is active;
        Conflict: the need is over.
    """
    need = own_need(session, actor, need_id, today)
    if actor.user_id != need.user_id:
        raise Forbidden("没有权限", hint="只有需求方本人可以同意")
    if need.state != "draft" and not need.is_open(today):
        raise Conflict("需求已结束", hint="请先重新开放")
    organisation = session.get(OrganisationRow, organisation_id) if is_id(organisation_id) else None
    if organisation is None or not organisation.active:
        raise NotFound(f"没有编号为 {organisation_id[:64]} 的单位", hint="请核对单位编号", field="organisation_id")
    row = session.get(ConsentRow, (need_id, organisation_id))
    if row is None or not row.chosen:
        row = row or ConsentRow(need_id=need_id, organisation_id=organisation_id, fields=[])
        row.chosen = True
        session.add(row)
        record_act(session, actor, "need.consent", "need", need_id, organisation_id=organisation_id)
        session.flush()
        if need.is_open(today):
            record_change(session, "need", need_id, "consented")
    return Consent(organisation.id, organisation.name, row.at, row.chosen, tuple(row.fields))


def take_back_consent(session: Session, actor: Actor, need_id: str, organisation_id: str, today: date) -> None:
    """End an organisation's right to read more than others, at once.

    Raises:
        as `own_need`; NotFound: there was no consent.
    """
    own_need(session, actor, need_id, today)
    row = session.get(ConsentRow, (need_id, organisation_id)) if is_id(organisation_id) else None
    if row is None:
        raise NotFound(f"没有给单位 {organisation_id[:64]} 的同意", hint="已同意的单位见列表", field="organisation_id")
    session.delete(row)
    record_act(session, actor, "need.consent_end", "need", need_id, organisation_id=organisation_id)
    session.flush()


def consents(session: Session, actor: Actor, need_id: str, today: date) -> tuple[Consent, ...]:
    """The organisations consented to, by name; an admin's look is audited. Errors as for `own_need`."""
    reading_own_need(session, actor, need_id, today)
    found = session.execute(
        select(OrganisationRow.id, OrganisationRow.name, ConsentRow.at, ConsentRow.chosen, ConsentRow.fields)
        .join(ConsentRow, ConsentRow.organisation_id == OrganisationRow.id)
        .where(ConsentRow.need_id == need_id)
        .order_by(OrganisationRow.name, OrganisationRow.id)
    )
    return tuple(Consent(one, name, at, chosen, tuple(fields)) for one, name, at, chosen, fields in found)
