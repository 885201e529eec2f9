"""`/v1/messages`: what this site has told its user."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.alert_answers import MarkedAnswer, MessageAnswer, MessagesAnswer, MessagesQuery, message_answer
from api.dependencies import ActorDep, ReadingDep, SessionDep
from api.errors import responses
from api.replies import model_reply
from matcher.catalogue.alerts.messages import inbox, mark_all_read, read_message
from matcher.today import today

router = APIRouter(prefix="/v1/messages", tags=["messages"], responses=responses(401, 403, 422, 503))


@router.get("", summary="浏览本人的消息", response_model=MessagesAnswer)
def messages(query: Annotated[MessagesQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """One page of the caller's messages, latest first, and how many are unread."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    found = inbox(session, actor, today(), unread=query.unread, page=query.page, size=query.size)
    answers = [message_answer(one) for one in found.messages]
    return model_reply(
        MessagesAnswer(total=found.total, unread=found.unread, page=query.page, size=query.size, messages=answers)
    )


@router.post("/read", summary="全部标为已读", response_model=MarkedAnswer)
def mark_all(session: SessionDep, actor: ActorDep) -> Response:
    """Mark every message of the caller's as read."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    return model_reply(MarkedAnswer(marked=mark_all_read(session, actor)))


@router.post("/{message_id}/read", summary="标为已读", response_model=MessageAnswer, responses=responses(404))
def mark(message_id: str, session: SessionDep, actor: ActorDep) -> Response:
    """Mark one message as read."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    return model_reply(message_answer(read_message(session, actor, message_id, today())))
