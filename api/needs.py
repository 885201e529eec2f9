"""`/v1/needs`: a requester's stored needs, who may see what of them, and the wall of those that are listed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from starlette.responses import Response

from api.admission import Admitted
from api.answering import AskingDep, presented_json
from api.answers import MatchesAnswer
from api.dependencies import ActorDep, MatcherDep, ReaderDep, ReadingDep, SessionDep, may_match
from api.errors import responses
from api.etags import IfMatchDep, etag
from api.idempotency import IdempotencyDep
from api.need_answers import (
    BoardAnswer,
    ConsentAnswer,
    ConsentsAnswer,
    OwnNeedAnswer,
    OwnNeedsAnswer,
    SeenNeedAnswer,
    board_json,
    consent_json,
    own_need_json,
    own_needs_json,
    seen_need_json,
)
from api.need_bodies import (
    NEW_NEED_EXAMPLES,
    BoardQuery,
    NeedInput,
    NewNeedBody,
    OutsideQuery,
    OwnNeedsQuery,
    TopQuery,
    VisibilityBody,
)
from api.need_sessions import AuditedDep, TodayDep
from api.replies import reply
from matcher.catalogue.needs.board import Wanted, board, seen_needs
from matcher.catalogue.needs.consents import consents, give_consent, take_back_consent
from matcher.catalogue.needs.content import content_from, need_of
from matcher.catalogue.needs.states import OPEN
from matcher.catalogue.needs.store import (
    add_need,
    delete_need,
    edit_need,
    open_fields,
    own_need,
    own_needs,
    read_need,
    reading_own_need,
)
from matcher.catalogue.needs.stored import StoredNeed
from matcher.catalogue.needs.visibility import seen

router = APIRouter(prefix="/v1/needs", tags=["needs"], responses=responses(401, 403, 422, 503))


@router.post(
    "", summary="保存或发布一个需求", status_code=201, response_model=OwnNeedAnswer, responses=responses(409, 413)
)
def create(
    body: Annotated[NewNeedBody, Body(openapi_examples=NEW_NEED_EXAMPLES)],
    session: SessionDep,
    actor: ActorDep,
    reader: ReaderDep,
    today: TodayDep,
    once: IdempotencyDep,
) -> Response:
    """Keep a need; nothing of it is open but what the body opens."""
    actor.needs_role("requester", "broker")

    def work() -> Response:
        publish = body.state == "published"
        if publish:
            reader.read(need_of(content_from(body.draft().fields)))
        need = add_need(session, actor, body.draft(), today, openness=body.openness(), publish=publish)
        return own_reply(need, 201)

    return once.run(work)


@router.get("", summary="我的需求", response_model=OwnNeedsAnswer)
def listed(query: Annotated[OwnNeedsQuery, Query()], session: AuditedDep, actor: ActorDep) -> Response:
    """One page of the caller's needs; for admins also of everybody's."""
    page, size = query.page, query.size
    found = own_needs(session, actor, state=query.state, sort=query.sort, page=page, size=size, everyone=query.everyone)
    return reply(own_needs_json(found, page, size))


@router.get("/board", summary="需求墙", response_model=BoardAnswer)
def wall(query: Annotated[BoardQuery, Query()], session: ReadingDep, actor: ActorDep, today: TodayDep) -> Response:
    """Listed needs as abstracts with what is open to the caller; filters and counts know nothing else."""
    actor.needs_scope("read")
    wanted = Wanted(query.industry, query.province, query.kind, query.q)
    found = board(seen_needs(session, actor, today), wanted, query.page, query.size)
    return reply(board_json(found, query.page, query.size))


@router.get("/{need_id}", summary="一个需求", response_model=OwnNeedAnswer | SeenNeedAnswer, responses=responses(404))
def one(need_id: str, session: AuditedDep, actor: ActorDep, today: TodayDep) -> Response:
    """All of a need for its owner; for others what is open to them, without version."""
    need = read_need(session, actor, need_id, today)
    return own_reply(need) if isinstance(need, StoredNeed) else reply(seen_need_json(need))


@router.put("/{need_id}", summary="改写一个需求", response_model=OwnNeedAnswer, responses=responses(404, 409, 412, 413))
def replace(
    need_id: str,
    body: NeedInput,
    session: SessionDep,
    actor: ActorDep,
    reader: ReaderDep,
    today: TodayDep,
    if_match: IfMatchDep,
) -> Response:
    """Replace the content; what is left out is emptied. Who sees it stays as it is."""
    need = own_need(session, actor, need_id, today)
    version = if_match.required()
    draft = body.draft()
    if need.state in OPEN:
        reader.read(need_of(content_from(draft.fields)))
    return own_reply(edit_need(session, actor, need_id, version, draft, today))


@router.patch(
    "/{need_id}", summary="修改需求的几项", response_model=OwnNeedAnswer, responses=responses(404, 409, 412, 413)
)
def patch(
    need_id: str,
    body: NeedInput,
    session: SessionDep,
    actor: ActorDep,
    reader: ReaderDep,
    today: TodayDep,
    if_match: IfMatchDep,
) -> Response:
    """Replace the fields that are given; null or [] empties one."""
    need = own_need(session, actor, need_id, today)
    version = if_match.required()
    draft = body.patched(need)
    if need.state in OPEN:
        reader.read(need_of(content_from(draft.fields)))
    return own_reply(edit_need(session, actor, need_id, version, draft, today))


@router.delete("/{need_id}", summary="删除一个需求", status_code=204, responses=responses(404, 412))
def delete(need_id: str, session: SessionDep, actor: ActorDep, today: TodayDep, if_match: IfMatchDep) -> Response:
    """Remove a need for good."""
    own_need(session, actor, need_id, today)
    delete_need(session, actor, need_id, if_match.required(), today)
    return Response(status_code=204)


@router.put(
    "/{need_id}/visibility",
    summary="设定各字段对谁公开",
    response_model=OwnNeedAnswer,
    responses=responses(404, 412),
)
def visibility(
    need_id: str, body: VisibilityBody, session: SessionDep, actor: ActorDep, today: TodayDep, if_match: IfMatchDep
) -> Response:
    """Set who may see which field, and whether the need is on the wall."""
    own_need(session, actor, need_id, today)
    return own_reply(open_fields(session, actor, need_id, if_match.required(), body.openness(), today))


@router.get("/{need_id}/outside", summary="别人看到的样子", response_model=SeenNeedAnswer, responses=responses(404))
def outside(
    need_id: str, query: Annotated[OutsideQuery, Query()], session: AuditedDep, actor: ActorDep, today: TodayDep
) -> Response:
    """The need as others would read it once it is on the wall: for its owner, before anything is opened."""
    return reply(seen_need_json(seen(reading_own_need(session, actor, need_id, today), query.to)))


@router.get("/{need_id}/consents", summary="已同意的单位", response_model=ConsentsAnswer, responses=responses(404))
def consented(need_id: str, session: AuditedDep, actor: ActorDep, today: TodayDep) -> Response:
    """The organisations that may read the chosen fields."""
    return reply({"consents": [consent_json(one) for one in consents(session, actor, need_id, today)]})


@router.put(
    "/{need_id}/consents/{organisation_id}",
    summary="同意一个单位查看",
    response_model=ConsentAnswer,
    responses=responses(404, 409),
)
def consent(need_id: str, organisation_id: str, session: SessionDep, actor: ActorDep, today: TodayDep) -> Response:
    """Let an organisation read the chosen fields."""
    return reply(consent_json(give_consent(session, actor, need_id, organisation_id, today)))


@router.delete("/{need_id}/consents/{organisation_id}", summary="收回同意", status_code=204, responses=responses(404))
def no_consent(need_id: str, organisation_id: str, session: SessionDep, actor: ActorDep, today: TodayDep) -> Response:
    """End an organisation's right to read the chosen fields."""
    take_back_consent(session, actor, need_id, organisation_id, today)
    return Response(status_code=204)


@router.post(
    "/{need_id}/matches",
    summary="为已存的需求匹配供给",
    response_model=MatchesAnswer,
    responses=responses(404, 429),
    dependencies=[Depends(may_match), Admitted],
)
def matches(
    need_id: str,
    query: Annotated[TopQuery, Query()],
    session: AuditedDep,
    actor: ActorDep,
    matcher: MatcherDep,
    today: TodayDep,
    asking: AskingDep,
) -> Response:
    """Rank the catalogue for all of a stored need: for its owner. An API key needs to match and to read."""
    need = reading_own_need(session, actor, need_id, today)
    return reply(presented_json(asking.answer(matcher, need.need, query.top), actor))


def own_reply(need: StoredNeed, status: int = 200) -> Response:
    """All of a need, with its version as ETag."""
    response = reply(own_need_json(need))
    response.status_code = status
    response.headers["ETag"] = etag(need.version)
    if status == 201:
        response.headers["Location"] = f"/v1/needs/{need.id}"
    return response
