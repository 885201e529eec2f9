"""`/v1/session`: signing in and out, and who is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.account_answers import SessionAnswer, SignInBody, user_answer
from api.dependencies import (
    ActorDep,
    CallerDep,
    DatabaseDep,
    LimitsDep,
    ReadingDep,
    SessionDep,
    SettingsDep,
    may_try_sign_in,
)
from api.errors import domain_response, responses
from api.replies import model_reply
from api.security import clear_session_cookie, session_token, set_session_cookie
from matcher.catalogue.access import SCOPES
from matcher.catalogue.accounts.callers import STRANGER
from matcher.catalogue.accounts.passwords import hash_password, needs_rehash, verify_password
from matcher.catalogue.accounts.signing_in import (
    NewSession,
    credentials,
    end_session,
    end_sessions,
    finish_sign_in,
    store_rehash,
)
from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.accounts.users import get_user

router = APIRouter(prefix="/v1/session", tags=["session"], responses=responses(401, 403, 413, 422, 503))
NO_STORE = {"Cache-Control": "no-store"}


@router.post("", summary="登录", response_model=SessionAnswer, responses=responses(429))
def sign_in(
    request: Request,
    body: SignInBody,
    database: DatabaseDep,
    session: SessionDep,
    settings: SettingsDep,
    limits: LimitsDep,
    whose: Annotated[str, Depends(may_try_sign_in)],
) -> Response:
    """Sign in with e-mail and password: a new session each time, so that none can be planted beforehand."""
    with database.reading() as reading:
        known = credentials(reading, body.email)
    is_right = verify_password(known.password_hash, body.password)
    rehashed = hash_password(body.password) if is_right and needs_rehash(known.password_hash or "") else None
    made = finish_sign_in(session, known, is_right)
    if not isinstance(made, NewSession):
        limits.sign_in_failures.spend(whose)
        return domain_response(made)
    if rehashed is not None:
        store_rehash(session, known, rehashed)
    if (old := session_token(request, settings)) is not None:
        end_session(session, hash_of(old))
    user = user_answer(get_user(session, made.actor, made.actor.needs_sign_in()))
    response = model_reply(SessionAnswer(user=user, csrf_token=made.csrf, scopes=None), headers=NO_STORE)
    set_session_cookie(response, made.token, settings)
    return response


@router.get("", summary="当前登录状态", response_model=SessionAnswer)
def session(caller: CallerDep, reading: ReadingDep) -> Response:
    """Who is signed in, and the token that changes need; all null for a stranger."""
    if caller == STRANGER:
        return model_reply(SessionAnswer(user=None, csrf_token=None, scopes=None), headers=NO_STORE)
    actor = caller.actor
    user = user_answer(get_user(reading, actor, actor.needs_sign_in()))
    scopes = None if actor.scopes is None else [one for one in SCOPES if one in actor.scopes]
    return model_reply(SessionAnswer(user=user, csrf_token=caller.csrf, scopes=scopes), headers=NO_STORE)


@router.delete("", status_code=204, summary="退出登录")
def sign_out(
    caller: CallerDep,
    actor: ActorDep,
    session: SessionDep,
    settings: SettingsDep,
    everywhere: Annotated[bool, Query(description="同时退出其他设备上的登录")] = False,
) -> Response:
    """End this session, or all of the account's."""
    user_id = actor.needs_person()
    if everywhere:
        end_sessions(session, user_id)
    elif caller.session_hash is not None:
        end_session(session, caller.session_hash)
    response = Response(status_code=204)
    clear_session_cookie(response, settings)
    return response
