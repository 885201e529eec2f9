"""`/v1/sign-on`: single sign-on by OpenID Connect, where `PILOTMATCH_OIDC_…` is set."""

from __future__ import annotations

import hmac
import re
from dataclasses import asdict
from functools import cache
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import RedirectResponse, Response

from api.dependencies import SessionDep, SettingsDep, may_try_sign_in_by_link
from api.errors import responses
from api.security import session_token, set_session_cookie
from matcher.catalogue.accounts.linking import account_for
from matcher.catalogue.accounts.openid import Attempt, Provider, checked_code
from matcher.catalogue.accounts.signing_in import end_session, start_session
from matcher.catalogue.accounts.tokens import hash_of
from matcher.errors import InvalidInput
from matcher.secret import secret_of
from matcher.settings import Settings

router = APIRouter(prefix="/v1/sign-on", tags=["session"], responses=responses(401, 403, 404, 409, 422, 429, 503))
COOKIE: Final = "pilotmatch_sign_on"
PATH: Final = "/v1/sign-on"
#: Time to type a password and a second factor at the provider.
ATTEMPT_SECONDS: Final = 600
#: Pages of this site only: `//host` and `/\host` are other sites to a browser.
_PAGE = re.compile(r"/(?:[^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?")


@router.get("/start", status_code=303, summary="开始单点登录", response_class=RedirectResponse)
def start(
    request: Request,
    settings: SettingsDep,
    _: Annotated[None, Depends(may_try_sign_in_by_link)],
    page: Annotated[str, Query(alias="next", max_length=500, description="登录后打开的本站页面")] = "/",
) -> Response:
    """Send the browser to the provider, with a cookie that binds the answer to it."""
    provider, attempt = provider_of(settings), Attempt.new()
    response = RedirectResponse(provider.address(attempt, _redirect_uri(request, settings)), 303)
    kept = _serializer(settings).dumps(asdict(attempt) | {"next": page if _PAGE.fullmatch(page) else "/"})
    secure = settings.env == "production"
    response.set_cookie(COOKIE, kept, ATTEMPT_SECONDS, path=PATH, httponly=True, samesite="lax", secure=secure)
    return response


@router.get("/callback", status_code=303, summary="单点登录返回", response_class=RedirectResponse)
def callback(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    _: Annotated[None, Depends(may_try_sign_in_by_link)],
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str | None, Query(max_length=4000)] = None,
    error: Annotated[str | None, Query(max_length=200)] = None,
    issuer: Annotated[str | None, Query(alias="iss", max_length=300)] = None,
) -> Response:
    """The browser comes back from the provider: check, find or open the account, and start a session."""
    provider = provider_of(settings)
    attempt, page = _attempt(request, settings, state)
    identity = provider.identity(checked_code(code, error, issuer, settings), attempt, _redirect_uri(request, settings))
    made = start_session(session, account_for(session, identity, settings.oidc_role))
    if (old := session_token(request, settings)) is not None:
        end_session(session, hash_of(old))
    response = RedirectResponse(page, 303)
    set_session_cookie(response, made.token, settings)
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax", secure=settings.env == "production")
    return response


@cache
def provider_of(settings: Settings) -> Provider:
    """The provider of these settings, with what it has told of itself; NotFound where none is set."""
    return Provider(settings)


@cache
def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_of(settings), salt="pilotmatch.sign-on")


def _attempt(request: Request, settings: Settings, state: str) -> tuple[Attempt, str]:
    """What this browser began, and the page to open afterwards.

    Raises:
        InvalidInput: nothing, too long ago, or not the attempt that comes back.
    """
    fault = InvalidInput("单点登录已过期,或不是从这个浏览器开始的", hint="请重新登录", field="state")
    try:
        kept = _serializer(settings).loads(request.cookies.get(COOKIE, ""), max_age=ATTEMPT_SECONDS)
    except BadSignature:
        raise fault from None
    page = kept.pop("next")
    attempt = Attempt(**kept)
    if not hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace")):
        raise fault
    return attempt, page


def _redirect_uri(request: Request, settings: Settings) -> str:
    site = settings.public_url or str(request.base_url).rstrip("/")
    return f"{site}{PATH}/callback"
