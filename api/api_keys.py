"""`/v1/api-keys`: keys for programs, made and revoked by a person who is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.account_answers import ApiKeyBody, ApiKeysAnswer, NewApiKeyAnswer, key_answer
from api.dependencies import ActorDep, ReadingDep, SessionDep
from api.errors import responses
from api.idempotency import IdempotencyDep
from api.replies import model_reply
from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.api_keys import add_key, list_keys, revoke_key
from matcher.catalogue.database import Session

router = APIRouter(prefix="/v1/api-keys", tags=["api-keys"], responses=responses(401, 403, 413, 422, 503))


@router.get("", summary="API 密钥", response_model=ApiKeysAnswer)
def keys(
    session: ReadingDep,
    actor: ActorDep,
    user_id: Annotated[str | None, Query(max_length=64, description="管理员可查看他人的密钥")] = None,
) -> Response:
    """One's own keys, latest first, without their secrets."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    return model_reply(ApiKeysAnswer(keys=[key_answer(one) for one in list_keys(session, actor, user_id)]))


@router.post("", status_code=201, summary="新建 API 密钥", response_model=NewApiKeyAnswer, responses=responses(409))
def create(body: ApiKeyBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep) -> Response:
    """A new key; its secret is in this answer only."""
    actor.needs_person()
    return once.run(lambda: _created(session, actor, body), secrets=("secret",))


@router.delete("/{key_id}", status_code=204, summary="吊销 API 密钥", responses=responses(404))
def revoke(key_id: str, session: SessionDep, actor: ActorDep) -> None:
    """End a key at once."""
    revoke_key(session, actor, key_id)


def _created(session: Session, actor: Actor, body: ApiKeyBody) -> Response:
    key, secret = add_key(session, actor, body.name, body.scopes, body.days)
    return model_reply(NewApiKeyAnswer(key=key_answer(key), secret=secret), 201)
