"""Enquiries in the database: sent, answered, led through their states, handed on by the platform."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.enquiries.content import checked_draft, text_from
from matcher.catalogue.enquiries.limits import check_enquiries, check_messages
from matcher.catalogue.enquiries.records import EnquiryDraft, Step, What
from matcher.catalogue.enquiries.rows import add_entry, found, new_row, record_of, state_of
from matcher.catalogue.enquiries.sharing import end_sharing, share_fields
from matcher.catalogue.enquiries.standing import check_writer, party_of
from matcher.catalogue.enquiries.states import LOST, NEEDS_NOTE, OPEN, EnquiryState, Side, check_move, moves_from
from matcher.catalogue.listings.published import in_sight
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.needs.store import own_need
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.enquiries import EnquiryRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, Outdated
from matcher.records import SUPPLY_KINDS


def send_enquiry(session: Session, actor: Actor, draft: EnquiryDraft, today: date) -> Step:
    """Send an enquiry to the operator of a listing, or to the platform where nobody has claimed it.

    What the draft shares of the need, the operator's organisation may read from now on.

    Raises:
        NotSignedIn, Forbidden: requesters and brokers only, and with a need of their own. NotFound: no such listing in
        sight, or no such need. InvalidInput: as `checked_draft`; a case or policy. Conflict: one is open already, the
        need is over, or the listing is of the sender's own organisation. TooMany: as many as a day may have.
    """
    user_id = actor.needs_role("requester", "broker")
    actor.needs_scope("needs")
    draft = checked_draft(draft)
    check_enquiries(session, user_id, today)
    organisation_id = _addressee(session, actor, draft.listing_id)
    _check_need(session, actor, draft.need_id, today)
    _refuse_second(session, draft.need_id or user_id, draft.listing_id)
    row = new_row(draft, actor, organisation_id)
    session.add(row)
    session.flush()
    add_entry(session, row, user_id, "requester", "sent", None)
    _share(session, row)
    record_act(
        session, actor, "enquiry.create", "enquiry", row.id, listing_id=row.listing_id,
        organisation_id=organisation_id, share=list(draft.share),
    )  # fmt: skip
    return Step(record_of(row), "sent", "requester", user_id)


def move_enquiry(
    session: Session,
    actor: Actor,
    enquiry_id: str,
    to: EnquiryState,
    today: date,
    *,
    note: str | None = None,
    version: int | None = None,
) -> Step:
    """Lead an enquiry to a state: see `states.MOVES`.

    Args:
        note: for both sides to read; why, where it is declined. version: the one that the caller saw, if they say so.

    Raises:
        NotSignedIn; NotFound: none that this caller may know of; Forbidden, Conflict: as `check_move`, or an API key
        without the scope; Outdated; InvalidInput: the reason is missing, or `note` can't be used; TooMany.
    """
    check_writer(actor)
    note = text_from(note, "note")
    row, side = found(session, actor, enquiry_id, lock=True)
    user_id = check_writer(actor, side)
    check_move(state_of(row), to, party_of(side, record_of(row)))
    _check_version(row, version)
    if to in NEEDS_NOTE and note is None:
        raise InvalidInput("缺少理由", hint="请写明理由,需求方会看到", field="note")
    check_messages(session, user_id, today)
    return _lead(session, actor, row, side, to, note)


def write_message(session: Session, actor: Actor, enquiry_id: str, text: str, today: date) -> Step:
    """Say something in an enquiry; the first words of who got it answer it.

    Raises:
        as `move_enquiry`; Conflict: it came to nothing; InvalidInput: no words, or they can't be used.
    """
    check_writer(actor)
    said = text_from(text, "text")
    if said is None:
        raise InvalidInput("text 不能为空", hint="请填写内容", field="text")
    row, side = found(session, actor, enquiry_id, lock=True)
    user_id = check_writer(actor, side)
    if state_of(row) in LOST:
        raise Conflict("对接申请已结束,不能留言", hint="如需继续,请由需求方重新发起", field="state")
    check_messages(session, user_id, today)
    if "answered" in moves_from(state_of(row), party_of(side, record_of(row))):
        return _lead(session, actor, row, side, "answered", said)
    return _note(session, actor, row, side, "message", said)


def forward_enquiry(
    session: Session,
    actor: Actor,
    enquiry_id: str,
    *,
    organisation_id: str | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Step:
    """Hand an enquiry that the platform keeps to an organisation, by an admin; what it shares goes with it.

    Args:
        organisation_id: None for the one that has claimed the listing since.

    Raises:
        NotSignedIn, Forbidden: admins only. NotFound: no such enquiry. Conflict: an organisation has it already, or it
        is over. InvalidInput: no such organisation that is active, or nobody has claimed the listing. Outdated.
    """
    actor.needs_admin()
    note = text_from(note, "note")
    row, _ = found(session, actor, enquiry_id, lock=True)
    _check_version(row, version)
    if row.organisation_id is not None:
        raise Conflict("对接申请已有单位受理", hint="只能转交暂无人认领的申请", field="organisation_id")
    if state_of(row) not in OPEN:
        raise Conflict("对接申请已结束,不能转交", field="state")
    row.organisation_id = _receiver(session, row.listing_id, organisation_id)
    # That somebody has read it is said of who has it now.
    row.state = "sent" if row.state == "read" else row.state
    _share(session, row)
    return _note(session, actor, row, "platform", "forwarded", note)


def _lead(session: Session, actor: Actor, row: EnquiryRow, side: Side, to: EnquiryState, note: str | None) -> Step:
    row.state = to
    if to in LOST:
        end_sharing(session, row)
    return _note(session, actor, row, side, to, note)


def _note(session: Session, actor: Actor, row: EnquiryRow, side: Side, what: What, text: str | None) -> Step:
    user_id = actor.needs_sign_in()
    add_entry(session, row, user_id, side, what, text)
    # Words are for the two sides; the audit log says that there were some.
    record_act(
        session, actor, f"enquiry.{what}", "enquiry", row.id, side=side, version=row.version,
        organisation_id=row.organisation_id,
    )  # fmt: skip
    return Step(record_of(row), what, side, user_id)


def _addressee(session: Session, actor: Actor, listing_id: str) -> str | None:
    query = select(ListingRow.kind, ListingRow.organisation_id).where(ListingRow.id == listing_id, in_sight())
    row = session.execute(query).one_or_none() if is_id(listing_id) else None
    if row is None:
        raise NotFound(f"没有编号为 {listing_id[:64]} 的条目", hint="编号见 /v1/listings", field="listing_id")
    if row.kind not in SUPPLY_KINDS:
        raise InvalidInput("案例和政策不接受对接申请", hint="请选择平台、设备、代工厂或解决方案", field="listing_id")
    if row.organisation_id is not None and row.organisation_id == actor.organisation_id:
        raise Conflict("不能向本单位的条目提出对接申请", field="listing_id")
    organisation_id: str | None = row.organisation_id
    return organisation_id if _is_active(session, organisation_id) else None


def _check_need(session: Session, actor: Actor, need_id: str | None, today: date) -> None:
    if need_id is None:
        return
    need = own_need(session, actor, need_id, today)
    if need.user_id != actor.user_id:
        raise Forbidden("没有权限", hint="只能用自己的需求提出对接申请", field="need_id")
    if need.state != "draft" and not need.is_open(today):
        raise Conflict("需求已结束", hint="请先重新开放", field="need_id")


def _refuse_second(session: Session, subject: str, listing_id: str) -> None:
    first = session.scalar(
        select(EnquiryRow.id).where(
            EnquiryRow.subject == subject, EnquiryRow.listing_id == listing_id, EnquiryRow.state.in_(OPEN)
        )
    )
    if first is not None:
        raise Conflict(
            f"已向该条目发出对接申请 {first}", hint=f"请在 /v1/enquiries/{first} 中继续,或先撤回", field="listing_id"
        )


def _receiver(session: Session, listing_id: str, organisation_id: str | None) -> str:
    wanted = organisation_id or session.scalar(select(ListingRow.organisation_id).where(ListingRow.id == listing_id))
    if wanted is None:
        raise InvalidInput("该条目暂无人认领", hint="请填转交给哪个单位", field="organisation_id")
    if not is_id(wanted) or not _is_active(session, wanted):
        raise InvalidInput("没有这个单位,或已停用", hint="单位编号见 /v1/organisations", field="organisation_id")
    return wanted


def _is_active(session: Session, organisation_id: str | None) -> bool:
    row = session.get(OrganisationRow, organisation_id) if organisation_id is not None else None
    return row is not None and row.active


def _share(session: Session, row: EnquiryRow) -> None:
    if row.need_id is not None and row.organisation_id is not None:
        share_fields(session, row.need_id, row.organisation_id, row.share)


def _check_version(row: EnquiryRow, version: int | None) -> None:
    if version is not None and version != row.version:
        raise Outdated("对接申请已有变化", hint="请取回最新内容后再提交", field="If-Match")
