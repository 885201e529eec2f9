"""`/v1/users`: accounts, kept by admins. One's own is at `/v1/account`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.account_answers import (
    InvitationAnswer,
    NewUserAnswer,
    UserAnswer,
    UserBody,
    UserChangeBody,
    UsersAnswer,
    UsersQuery,
    user_answer,
)
from api.dependencies import ActorDep, ReadingDep, SessionDep, SettingsDep
from api.errors import responses
from api.etags import IfMatchDep, etag
from api.idempotency import IdempotencyDep
from api.replies import model_reply
from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.invitations import LIVES, invite, purpose_for
from matcher.catalogue.accounts.signing_in import unlock
from matcher.catalogue.accounts.users import (
    User,
    UserFields,
    change_user,
    create_user,
    get_user,
    list_users,
    remove_user,
)
from matcher.catalogue.database import Session

router = APIRouter(prefix="/v1/users", tags=["users"], responses=responses(401, 403, 413, 422, 503))


@router.get("", summary="浏览账号", response_model=UsersAnswer)
def users(query: Annotated[UsersQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """One page of the accounts by e-mail, for admins."""
    actor.needs_admin()
    chosen = query.model_dump(include={"role", "organisation_id", "active"})
    total, found = list_users(session, actor, words=query.q, first=query.first, size=query.size, **chosen)
    page = [user_answer(one) for one in found]
    return model_reply(UsersAnswer(total=total, page=query.page, size=query.size, users=page))


@router.get("/{user_id}", summary="一个账号", response_model=UserAnswer, responses=responses(404))
def user(user_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """One account by its id, for admins."""
    actor.needs_admin()
    return _answer(get_user(session, actor, user_id))


@router.post("", status_code=201, summary="开设账号", response_model=NewUserAnswer, responses=responses(409))
def create(body: UserBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep) -> Response:
    """A new account, and the invitation with which its user sets a password."""
    actor.needs_admin()
    fields = UserFields(**body.model_dump())
    return once.run(lambda: _created(session, actor, fields), secrets=("invitation",))


@router.patch("/{user_id}", summary="修改账号", response_model=UserAnswer, responses=responses(404, 409, 412))
def change(
    user_id: str,
    body: UserChangeBody,
    session: SessionDep,
    actor: ActorDep,
    settings: SettingsDep,
    if_match: IfMatchDep,
) -> Response:
    """Write what is given; with another role, organisation or out of use, the account is signed out everywhere."""
    actor.needs_admin()
    before = get_user(session, actor, user_id).fields
    given = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    if "organisation_id" in body.model_fields_set:
        given["organisation_id"] = body.organisation_id
    wanted, seen = replace(before, **given), if_match.required()
    sso = settings.oidc_issuer is not None
    return _answer(change_user(session, actor, user_id, wanted, seen=seen, single_sign_on=sso))


@router.delete("/{user_id}", status_code=204, summary="删除账号", responses=responses(404, 409, 412))
def remove(user_id: str, session: SessionDep, actor: ActorDep, settings: SettingsDep, if_match: IfMatchDep) -> None:
    """Delete an account that owns nothing; others are put out of use instead."""
    actor.needs_admin()
    get_user(session, actor, user_id)
    sso = settings.oidc_issuer is not None
    remove_user(session, actor, user_id, seen=if_match.required(), single_sign_on=sso)


@router.post(
    "/{user_id}/invitation",
    status_code=201,
    summary="生成邀请或重置密码的令牌",
    response_model=InvitationAnswer,
    responses=responses(404, 409),
)
def invitation(user_id: str, session: SessionDep, actor: ActorDep) -> Response:
    """A token with which the user sets a password; earlier ones are void."""
    actor.needs_admin()
    purpose = purpose_for(get_user(session, actor, user_id))
    token = invite(session, actor, user_id)
    hours = int(LIVES[purpose].total_seconds() // 3600)
    return model_reply(InvitationAnswer(token=token, purpose=purpose, hours=hours), 201)


@router.post("/{user_id}/unlock", status_code=204, summary="解除登录锁定", responses=responses(404))
def unlock_user(user_id: str, session: SessionDep, actor: ActorDep) -> None:
    """Let the user try again at once after too many failures."""
    actor.needs_admin()
    unlock(session, actor, get_user(session, actor, user_id))


def _created(session: Session, actor: Actor, fields: UserFields) -> Response:
    made = create_user(session, actor, fields)
    token = invite(session, actor, made.id)
    return model_reply(NewUserAnswer(user=user_answer(made), invitation=token), 201, _headers(made))


def _answer(user: User) -> Response:
    return model_reply(user_answer(user), 200, _headers(user))


def _headers(user: User) -> dict[str, str]:
    return {"ETag": etag(user.version), "Location": f"/v1/users/{user.id}"}
