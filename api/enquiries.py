"""`/v1/enquiries`: a requester approaches the operator of a listing, who answers; both see how it stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from starlette.responses import Response

from api.counting import EnquiredDep
from api.dependencies import ActorDep, SessionDep, SettingsDep
from api.enquiry_answers import EnquiriesAnswer, EnquiryAnswer, enquiries_json, enquiry_json
from api.enquiry_bodies import (
    ENQUIRY_EXAMPLES,
    EnquiriesQuery,
    EnquiryMessageBody,
    EnquiryStateBody,
    ForwardingBody,
    NewEnquiryBody,
)
from api.errors import responses
from api.etags import IfMatchDep, etag
from api.idempotency import IdempotencyDep
from api.need_sessions import AuditedDep, TodayDep
from api.replies import reply
from matcher.catalogue.access import Actor
from matcher.catalogue.database import Session
from matcher.catalogue.enquiries.outcomes import record_outcome
from matcher.catalogue.enquiries.records import SeenEnquiry, Step
from matcher.catalogue.enquiries.store import forward_enquiry, move_enquiry, send_enquiry, write_message
from matcher.catalogue.enquiries.views import page_of_enquiries, read_enquiry, seen_enquiry
from matcher.sending.enquiring import announce
from matcher.settings import Settings
from matcher.today import now

router = APIRouter(prefix="/v1/enquiries", tags=["enquiries"], responses=responses(401, 403, 404, 422, 503))


class Telling:
    """What follows each step in its transaction: the other side hears of it, and the ranking learns from it."""

    def __init__(self, session: SessionDep, settings: SettingsDep, actor: ActorDep) -> None:
        self._session: Session = session
        self._settings: Settings = settings
        self._actor: Actor = actor

    def answer(self, step: Step, status: int = 200) -> Response:
        """Tell of a step; the enquiry as the actor sees it now."""
        announce(self._session, step, self._settings, now())
        record_outcome(self._session, step)
        return enquiry_reply(seen_enquiry(self._session, self._actor, step.enquiry.id), status)


TellingDep = Annotated[Telling, Depends(Telling)]


@router.post(
    "", summary="提出对接申请", status_code=201, response_model=EnquiryAnswer, responses=responses(409, 413, 429)
)
def send(
    body: Annotated[NewEnquiryBody, Body(openapi_examples=ENQUIRY_EXAMPLES)],
    session: SessionDep,
    actor: ActorDep,
    today: TodayDep,
    telling: TellingDep,
    once: IdempotencyDep,
    enquired: EnquiredDep,
) -> Response:
    """Approach the operator of a listing with a need of one's own or a few words.

    Contact data and the fields in `share` go to the organisation that gets the enquiry, and to nobody else.
    """
    actor.needs_role("requester", "broker")

    def work() -> Response:
        answer = telling.answer(send_enquiry(session, actor, body.draft(), today), 201)
        enquired()
        return answer

    return once.run(work)


@router.get("", summary="浏览对接申请", response_model=EnquiriesAnswer)
def listed(query: Annotated[EnquiriesQuery, Query()], session: AuditedDep, actor: ActorDep) -> Response:
    """One page of those that the caller sent or the caller's organisation got; for admins of all. News first."""
    found = page_of_enquiries(session, actor, query.filter(), page=query.page, size=query.size)
    return reply(enquiries_json(found, query.page, query.size))


@router.get("/{enquiry_id}", summary="一份对接申请", response_model=EnquiryAnswer)
def one(enquiry_id: str, session: AuditedDep, actor: ActorDep) -> Response:
    """An enquiry with its thread, as the caller may see it."""
    return enquiry_reply(read_enquiry(session, actor, enquiry_id))


@router.post(
    "/{enquiry_id}/state",
    summary="改变对接申请的状态",
    response_model=EnquiryAnswer,
    responses=responses(409, 412, 413, 429),
)
def state(
    enquiry_id: str,
    body: EnquiryStateBody,
    session: SessionDep,
    actor: ActorDep,
    today: TodayDep,
    telling: TellingDep,
    if_match: IfMatchDep,
) -> Response:
    """Lead an enquiry on; `moves` says where to the caller may."""
    version = if_match.optional()
    step = move_enquiry(session, actor, enquiry_id, body.state, today, note=body.note, version=version)
    return telling.answer(step)


@router.post(
    "/{enquiry_id}/messages",
    summary="在对接申请中留言",
    status_code=201,
    response_model=EnquiryAnswer,
    responses=responses(409, 413, 429),
)
def message(
    enquiry_id: str,
    body: EnquiryMessageBody,
    session: SessionDep,
    actor: ActorDep,
    today: TodayDep,
    telling: TellingDep,
    once: IdempotencyDep,
) -> Response:
    """Say something; the operator's first words answer the enquiry."""
    actor.needs_sign_in()
    return once.run(lambda: telling.answer(write_message(session, actor, enquiry_id, body.text, today), 201))


@router.post(
    "/{enquiry_id}/forwarding",
    summary="转交暂无人认领的对接申请",
    response_model=EnquiryAnswer,
    responses=responses(409, 412, 413),
)
def forwarding(
    enquiry_id: str,
    session: SessionDep,
    actor: ActorDep,
    telling: TellingDep,
    if_match: IfMatchDep,
    body: Annotated[ForwardingBody | None, Body()] = None,
) -> Response:
    """Hand an enquiry on to an organisation; for admins, while no organisation has it."""
    actor.needs_admin()
    to, note = (body.organisation_id, body.note) if body is not None else (None, None)
    version = if_match.optional()
    step = forward_enquiry(session, actor, enquiry_id, organisation_id=to, note=note, version=version)
    return telling.answer(step)


def enquiry_reply(enquiry: SeenEnquiry, status: int = 200) -> Response:
    """An enquiry with its version as ETag."""
    response = reply(enquiry_json(enquiry))
    response.status_code = status
    response.headers["ETag"] = etag(enquiry.version)
    if status == 201:
        response.headers["Location"] = f"/v1/enquiries/{enquiry.id}"
    return response
