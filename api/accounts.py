"""`/v1/account`: one's own account; opening one, its profile and its password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.account_answers import (
    PasswordBody,
    ProfileBody,
    ResetBody,
    ResetRequestBody,
    SignUpBody,
    UserAnswer,
    user_answer,
)
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
from api.etags import IfMatchDep, etag
from api.idempotency import IdempotencyDep
from api.replies import model_reply
from matcher.catalogue.access import ANONYMOUS
from matcher.catalogue.accounts.invitations import holder, redeem
from matcher.catalogue.accounts.passwords import check_password, hash_password, verify_password
from matcher.catalogue.accounts.resets import send_reset
from matcher.catalogue.accounts.signing_in import check_lock, credentials_of, record_failure, store_password
from matcher.catalogue.accounts.users import User, UserFields, add_user, change_profile, get_user
from matcher.errors import Forbidden, InvalidInput, Unavailable
from matcher.secret import secret_of
from matcher.sending.sealing import Seal

router = APIRouter(prefix="/v1/account", tags=["account"], responses=responses(401, 403, 413, 422, 503))


@router.post("", status_code=201, summary="注册需求方账号", response_model=UserAnswer, responses=responses(409, 429))
def sign_up(
    body: SignUpBody,
    session: SessionDep,
    settings: SettingsDep,
    once: IdempotencyDep,
    _: Annotated[str, Depends(may_try_sign_in)],
) -> Response:
    """Open an account for a requester; then sign in."""
    if not settings.sign_up:
        raise Forbidden("本站不开放注册", hint="请联系管理员开设账号")
    fields = UserFields(body.email, body.name).cleaned()
    check_password(body.password, email=fields.email, name=fields.name)
    # Before the transaction begins: see `signing_in`.
    password_hash = hash_password(body.password)
    return once.run(lambda: _answer(add_user(session, ANONYMOUS, fields, password_hash=password_hash), 201))


@router.get("", summary="本人账号", response_model=UserAnswer)
def account(session: ReadingDep, actor: ActorDep) -> Response:
    """One's own account."""
    user_id = actor.needs_sign_in()
    actor.needs_scope("read")
    return _answer(get_user(session, actor, user_id))


@router.patch("", summary="修改本人资料", response_model=UserAnswer, responses=responses(412))
def change(body: ProfileBody, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Write one's name or language; an admin changes the rest."""
    actor.needs_person()
    seen = if_match.required()
    return _answer(change_profile(session, actor, name=body.name, language=body.language, seen=seen))


@router.put("/password", status_code=204, summary="修改密码", responses=responses(429))
def password(
    body: PasswordBody,
    database: DatabaseDep,
    session: SessionDep,
    caller: CallerDep,
    limits: LimitsDep,
    whose: Annotated[str, Depends(may_try_sign_in)],
) -> Response:
    """Set another password; this session stays, all others end."""
    user_id = caller.actor.needs_person()
    with database.reading() as reading:
        known = credentials_of(reading, user_id)
    check_password(body.new, email=known.email, name=known.name or "", field="new")
    is_right = known.password_hash is None or verify_password(known.password_hash, body.current or "")
    password_hash = hash_password(body.new)
    if (locked := check_lock(session, known.email)) is not None:
        return domain_response(locked)
    if not is_right:
        # Returned, not raised: the failure must be kept.
        record_failure(session, known.email)
        limits.sign_in_failures.spend(whose)
        return domain_response(InvalidInput("现在的密码不对", hint="忘记密码请重置", field="current"))
    store_password(session, caller.actor, user_id, password_hash, but=caller.session_hash)
    return Response(status_code=204)


@router.post("/password-reset", status_code=202, summary="申请重置密码邮件", responses=responses(429))
def request_reset(
    body: ResetRequestBody,
    session: SessionDep,
    settings: SettingsDep,
    _: Annotated[str, Depends(may_try_sign_in)],
) -> Response:
    """Have a link sent to the address; the answer is the same whether it has an account or not."""
    if settings.smtp_url is None:
        raise Unavailable("本站没有设置邮件服务器", hint="请联系管理员重置密码")
    send_reset(session, body.email, settings.public_url, Seal(secret_of(settings)))
    return Response(status_code=202)


@router.put("/password-reset", status_code=204, summary="用邀请或重置令牌设置密码", responses=responses(429))
def reset(
    body: ResetBody,
    database: DatabaseDep,
    session: SessionDep,
    _: Annotated[str, Depends(may_try_sign_in)],
) -> Response:
    """Set a password with a token from an invitation or a reset; the token is spent. Then sign in."""
    with database.reading() as reading:
        known = holder(reading, body.token)
    check_password(body.password, email=known.email, name=known.name or "")
    redeem(session, body.token, hash_password(body.password))
    return Response(status_code=204)


def _answer(user: User, status: int = 200) -> Response:
    headers = {"ETag": etag(user.version), "Location": "/v1/account", "Cache-Control": "no-store"}
    return model_reply(user_answer(user), status, headers)
