"""`POST /v1/needs/{id}/…`: a need on its way through its states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body
from starlette.responses import Response

from api.dependencies import ActorDep, ReaderDep, SessionDep
from api.errors import responses
from api.etags import IfMatchDep
from api.need_answers import OwnNeedAnswer
from api.need_bodies import OpeningBody
from api.need_sessions import TodayDep
from api.needs import own_reply
from matcher.catalogue.needs.life import move_need
from matcher.catalogue.needs.states import Act
from matcher.catalogue.needs.store import own_need

router = APIRouter(prefix="/v1/needs", tags=["needs"], responses=responses(401, 403, 404, 409, 412, 422, 503))
#: No body at all is as good as an empty one.
OpeningDep = Annotated[OpeningBody | None, Body()]


@router.post("/{need_id}/publication", summary="发布需求,或结束洽谈恢复发布", response_model=OwnNeedAnswer)
def publication(
    need_id: str,
    session: SessionDep,
    actor: ActorDep,
    reader: ReaderDep,
    today: TodayDep,
    if_match: IfMatchDep,
    body: OpeningDep = None,
) -> Response:
    """Publish a draft; or, after talks that came to nothing, look on."""
    need = own_need(session, actor, need_id, today)
    reader.read(need.need)
    version = if_match.optional() or need.version
    day = body.day() if body else None
    return own_reply(move_need(session, actor, need_id, version, "publish", today, expires_on=day))


@router.post("/{need_id}/reopening", summary="重新开放需求", response_model=OwnNeedAnswer)
def reopening(
    need_id: str,
    session: SessionDep,
    actor: ActorDep,
    reader: ReaderDep,
    today: TodayDep,
    if_match: IfMatchDep,
    body: OpeningDep = None,
) -> Response:
    """Publish again what was matched, closed or has expired."""
    need = own_need(session, actor, need_id, today)
    reader.read(need.need)
    version = if_match.optional() or need.version
    day = body.day() if body else None
    return own_reply(move_need(session, actor, need_id, version, "reopen", today, expires_on=day))


def _act(act: Act) -> Callable[..., Response]:
    def endpoint(need_id: str, session: SessionDep, actor: ActorDep, today: TodayDep, if_match: IfMatchDep) -> Response:
        version = if_match.optional() or own_need(session, actor, need_id, today).version
        return own_reply(move_need(session, actor, need_id, version, act, today))

    return endpoint


for _path, _name, _summary in (
    ("talks", "talk", "转入洽谈"),
    ("match", "match", "标为已对接"),
    ("closing", "close", "关闭需求"),
):
    router.add_api_route(
        f"/{{need_id}}/{_path}",
        _act(_name),  # type: ignore[arg-type]  # the three literals above
        methods=["POST"],
        name=_path,
        summary=_summary,
        response_model=OwnNeedAnswer,
    )
