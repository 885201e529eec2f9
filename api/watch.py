"""`/v1/watch`, `/v1/alarms`, `/v1/publications`, `/v1/exposure`: what published profiles do; for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import ActorDep, ReadingDep, SessionDep
from api.errors import responses
from api.etags import IfMatchDep, etag
from api.idempotency import IdempotencyDep
from api.profile_answers import HistoryQuery
from api.replies import model_reply
from api.watch_answers import (
    AcknowledgementBody,
    AlarmAnswer,
    AlarmsAnswer,
    AlarmsQuery,
    ExposureAnswer,
    ExposureQuery,
    PublicationsAnswer,
    ThresholdsAnswer,
    ThresholdsBody,
    WatchAnswer,
    alarm_answer,
    exposure_answer,
    recorded_answer,
    thresholds_answer,
    watch_answer,
)
from matcher.catalogue.watching.alarms import acknowledge, alarms
from matcher.catalogue.watching.comparing import exposure_around, watched
from matcher.catalogue.watching.exposure import exposure, month_from, month_of
from matcher.catalogue.watching.months import month_written
from matcher.catalogue.watching.record import recorded
from matcher.catalogue.watching.thresholds import put_thresholds, thresholds, thresholds_from
from matcher.errors import NotFound
from matcher.today import now, today

router = APIRouter(prefix="/v1", tags=["watch"], responses=responses(401, 403, 422, 503))


@router.get("/watch", summary="发布前后的对照", response_model=WatchAnswer, responses=responses(404))
def watch(session: ReadingDep, actor: ActorDep) -> Response:
    """The figures of the last publication and of what ranked before, each against its threshold; seconds old."""
    actor.needs_admin()
    present = now()
    seen = watched(session, present)
    if seen is None:
        raise NotFound("还没有已发布的排序方案", hint="服务首次启动时会发布随程序附带的方案")
    return model_reply(watch_answer(seen, *exposure_around(session, seen, present)))


@router.get("/watch/thresholds", summary="报警设置", response_model=ThresholdsAnswer)
def thresholds_now(session: ReadingDep, actor: ActorDep) -> Response:
    """When alarms ring, and which of them roll back."""
    actor.needs_admin()
    found, version = thresholds(session)
    return model_reply(thresholds_answer(found, version), headers={"ETag": etag(version)})


@router.put("/watch/thresholds", summary="修改报警设置", response_model=ThresholdsAnswer, responses=responses(412))
def change_thresholds(body: ThresholdsBody, session: SessionDep, actor: ActorDep, match: IfMatchDep) -> Response:
    """Put other thresholds in place of those that the caller saw."""
    actor.needs_admin()
    seen, wanted = match.required(), thresholds_from(body.model_dump() | {"metrics": _given(body)})
    version = put_thresholds(session, actor, wanted, seen)
    return model_reply(thresholds_answer(wanted, version), headers={"ETag": etag(version)})


@router.get("/alarms", summary="报警", response_model=AlarmsAnswer)
def alarms_now(query: Annotated[AlarmsQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """Alarms, the latest first."""
    actor.needs_admin()
    found = alarms(session, only_open=query.open, first=query.first, size=query.size)
    shown = [alarm_answer(one) for one in found.alarms]
    return model_reply(AlarmsAnswer(total=found.total, open=found.open, page=query.page, size=query.size, alarms=shown))


@router.post("/alarms/{alarm_id}/acknowledgement", summary="确认报警", status_code=201, response_model=AlarmAnswer,
             responses=responses(404, 409))  # fmt: skip
def acknowledgement(
    alarm_id: str,
    session: SessionDep,
    actor: ActorDep,
    once: IdempotencyDep,
    body: AcknowledgementBody | None = None,
) -> Response:
    """Write down that the caller has seen it."""
    actor.needs_admin()
    note = body.note if body is not None else None
    return once.run(lambda: model_reply(alarm_answer(acknowledge(session, actor, alarm_id, note)), 201))


@router.get("/publications", summary="每次发布做了什么", response_model=PublicationsAnswer)
def publications(query: Annotated[HistoryQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """Who published or rolled back what, when and why, what it changed, and the figures before and after it."""
    actor.needs_admin()
    # One more than asked for tells whether there is a next page.
    found = recorded(session, now(), query.size + 1, before=query.before)
    page = [recorded_answer(one) for one in found[: query.size]]
    more = page[-1].publication.number if len(found) > query.size else None
    return model_reply(PublicationsAnswer(publications=page, next=more))


@router.get("/exposure", summary="一个月的曝光", response_model=ExposureAnswer)
def exposure_of(query: Annotated[ExposureQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """How much each operator and region was seen in a month, and how unequally."""
    actor.needs_admin()
    month = month_from(query.month) if query.month is not None else month_of(today())
    found, written = exposure(session, month), month_written(session, month)
    return model_reply(exposure_answer(month, found, query.operators, written))


def _given(body: ThresholdsBody) -> dict[str, object]:
    return {name: one for name, one in body.metrics.model_dump().items() if one is not None}
