"""`/v1/experiments`: a draft beside the published profile on live requests; for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import ActorDep, ReadingDep, SessionDep, SettingsDep
from api.errors import responses
from api.experiment_answers import (
    EndingBody,
    ExperimentAnswer,
    ExperimentBody,
    ExperimentsAnswer,
    ExperimentsQuery,
    experiment_answer,
)
from api.idempotency import IdempotencyDep
from api.replies import model_reply
from matcher.catalogue.feedback.experiments import get, page_of, start, stop
from matcher.catalogue.profiles.drafts import find
from matcher.errors import Conflict

router = APIRouter(prefix="/v1/experiments", tags=["experiments"], responses=responses(401, 403, 422, 503))


@router.get("", summary="全部试验", response_model=ExperimentsAnswer)
def experiments(query: Annotated[ExperimentsQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """The latest first."""
    actor.needs_admin()
    total, found = page_of(session, state=query.state, first=query.first, size=query.size)
    shown = [experiment_answer(session, one) for one in found]
    return model_reply(ExperimentsAnswer(total=total, page=query.page, size=query.size, experiments=shown))


@router.post("", summary="开始一个试验", status_code=201, response_model=ExperimentAnswer,
             responses=responses(404, 409))  # fmt: skip
def begin(
    body: ExperimentBody, session: SessionDep, actor: ActorDep, settings: SettingsDep, once: IdempotencyDep
) -> Response:
    """Rank a share of the requests by a draft too: unseen, or row by row in one list with the published profile."""
    actor.needs_admin()

    def work() -> Response:
        if not settings.feedback_days:
            raise Conflict("已设为不保存反馈,不能做试验", hint="请将 PILOTMATCH_FEEDBACK_DAYS 设为大于 0 并重启")
        draft = find(session, body.profile)
        made = start(session, actor, body.what, draft.id, body.share, body.reason, body.alpha)
        return model_reply(experiment_answer(session, made), 201, {"Location": f"/v1/experiments/{made.id}"})

    return once.run(work)


@router.get("/{experiment_id}", summary="一个试验", response_model=ExperimentAnswer, responses=responses(404))
def experiment(experiment_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """What it has shown so far."""
    actor.needs_admin()
    return model_reply(experiment_answer(session, get(session, experiment_id)))


@router.post("/{experiment_id}/ending", summary="停止试验", response_model=ExperimentAnswer,
             responses=responses(404, 409))  # fmt: skip
def end(experiment_id: str, body: EndingBody, session: SessionDep, actor: ActorDep) -> Response:
    """All workers take no more part in it within a second; what it has shown stays."""
    actor.needs_admin()
    return model_reply(experiment_answer(session, stop(session, actor, experiment_id, body.reason)))
