"""`/v1/outbox`: what waits to be sent outside and what was given up, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.alert_answers import OutboxAnswer, OutboxQuery, WaitingAnswer, waiting_answer
from api.dependencies import ActorDep, ReadingDep, SessionDep
from api.errors import responses
from api.replies import model_reply
from matcher.catalogue.alerts import outbox
from matcher.catalogue.audit import record_act
from matcher.catalogue.tables.base import now

router = APIRouter(prefix="/v1/outbox", tags=["outbox"], responses=responses(401, 403, 422, 503))


@router.get("", summary="待发送与发送失败", response_model=OutboxAnswer)
def waiting(query: Annotated[OutboxQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """How many deliveries are in each state, how late the outbox is, and one page of a state; never what they say."""
    actor.needs_admin()
    counts = outbox.counts(session, now())
    total, rows = outbox.page(session, query.state, query.page, query.size)
    return model_reply(
        OutboxAnswer(
            waiting=counts.waiting,
            sent=counts.sent,
            given_up=counts.given_up,
            late_seconds=counts.late_seconds,
            total=total,
            page=query.page,
            size=query.size,
            deliveries=[waiting_answer(one) for one in rows],
        )
    )


@router.post("/{delivery_id}/retry", summary="重新发送", response_model=WaitingAnswer, responses=responses(404, 409))
def retry(delivery_id: str, session: SessionDep, actor: ActorDep) -> Response:
    """Try one again now, with all its tries before it."""
    actor.needs_admin()
    found = outbox.retry(session, delivery_id, now())
    record_act(session, actor, "outbox.retry", "delivery", found.id)
    return model_reply(waiting_answer(found))
