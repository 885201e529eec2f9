"""What a request shows of its sender: signed cookie, API key, address, and whether our own pages sent it."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import cast
from urllib.parse import urlsplit

from fastapi import Request
from itsdangerous import BadSignature, Signer
from starlette.responses import Response

from matcher.errors import Forbidden, NotSignedIn
from matcher.secret import secret_of
from matcher.settings import Settings

COOKIE = "pilotmatch_session"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
#: As RFC 9110 §9.2.1: these change nothing, so no other site gains by making a browser send them.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KEY_PREFIX = "pm_"
#: The longest text of an IPv6 address.
ADDRESS_LENGTH = 45
Network = IPv4Network | IPv6Network
#: Begins a token that is masked; no token of a session has a dot.
MASKED = "m."
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@cache
def _signer(settings: Settings) -> Signer:
    return Signer(secret_of(settings), salt="pilotmatch.session")


def session_token(request: Request, settings: Settings) -> str | None:
    """The token in the session cookie; None without one, or where its signature is not ours."""
    signed = request.cookies.get(COOKIE)
    if not signed:
        return None
    try:
        return _signer(settings).unsign(signed.encode("utf-8", "replace")).decode("ascii")
    except (BadSignature, UnicodeDecodeError):
        return None


def set_session_cookie(response: Response, token: str, settings: Settings) -> None:
    """Give the browser its session: no script may read the cookie, no other site's form sends it."""
    signed = _signer(settings).sign(token).decode()
    response.set_cookie(COOKIE, signed, httponly=True, samesite="lax", secure=settings.env == "production", path="/")


def clear_session_cookie(response: Response, settings: Settings) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=settings.env == "production", path="/")


def api_key(request: Request) -> str | None:
    """The API key; None where there is no `Authorization` header.

    Raises:
        NotSignedIn: the header holds something else.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer" or not key.strip().startswith(KEY_PREFIX):
        raise NotSignedIn("Authorization 请求头无法使用", hint=f"请用 Authorization: Bearer {KEY_PREFIX}…")
    return key.strip()


def client_address(request: Request) -> str:
    """Where the request comes from; what `X-Forwarded-For` says counts only from `PILOTMATCH_PROXIES`.

    Each proxy adds to the right whom it heard from; the first from there that is no proxy of ours is the client.
    """
    settings = cast(Settings, request.app.state.settings)
    proxies = _networks(settings.proxies or "")
    address = request.client.host if request.client else ""
    forwarded = [one.strip() for line in request.headers.getlist("x-forwarded-for") for one in line.split(",")]
    while forwarded and _is_within(address, proxies):
        address = forwarded.pop()
    return address[:ADDRESS_LENGTH]


@cache
def _networks(proxies: str) -> tuple[Network, ...]:
    return tuple(ip_network(one.strip(), strict=False) for one in proxies.split(",") if one.strip())


def _is_within(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks)


def check_same_site(request: Request) -> None:
    """Refuse what another site made a browser send; programs, which send neither header, pass.

    Raises:
        Forbidden: `Sec-Fetch-Site` or `Origin` names another site.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise Forbidden("请求来自其他网站", hint="请在本站页面内操作")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() not in _own_hosts(request):
        raise Forbidden("请求来自其他网站", hint="请在本站页面内操作")


def _own_hosts(request: Request) -> set[str]:
    """Names that this site goes by: a proxy may put another `Host` than the one people typed."""
    settings = cast(Settings, request.app.state.settings)
    return {request.headers.get("host", "").lower(), urlsplit(settings.public_url or "").netloc.lower()} - {""}


def check_csrf(expected: str, given: str | None) -> None:
    """Compare the token of a form or header with that of the session.

    Raises:
        Forbidden: missing or another.
    """
    if not hmac.compare_digest(expected.encode(), unmasked(given or "").encode("utf-8", "replace")):
        raise StaleForm("缺少或错误的 CSRF 令牌", hint=f"请取 GET /v1/session 的 csrf_token,放入请求头 {CSRF_HEADER}")


class StaleForm(Forbidden):
    """The token is missing or another: of a page opened before signing in anew, or of no page of ours."""


def masked(token: str) -> str:
    """The token as pages carry it, other letters each time: compression must not tell it letter by letter."""
    mask = secrets.token_bytes(len(token))
    hidden = bytes(one ^ other for one, other in zip(token.encode("ascii"), mask, strict=True))
    return MASKED + base64.urlsafe_b64encode(mask + hidden).decode("ascii")


def unmasked(given: str) -> str:
    """The token itself, from either form; nonsense stays nonsense."""
    if not given.startswith(MASKED):
        return given
    try:
        both = base64.urlsafe_b64decode(given.removeprefix(MASKED).encode("utf-8", "replace"))
    except (binascii.Error, ValueError):
        return ""
    half = len(both) // 2
    return bytes(one ^ other for one, other in zip(both[:half], both[half:], strict=False)).decode("ascii", "replace")


async def csrf_given(request: Request) -> str | None:
    """The token in the header, else in a form; a form is read only where it is needed."""
    given = request.headers.get(CSRF_HEADER)
    if given is not None or request.method in SAFE_METHODS or COOKIE not in request.cookies:
        return given
    if not request.headers.get("content-type", "").lower().startswith(FORMS):
        return None
    field = (await request.form()).get(CSRF_FIELD)
    return field if isinstance(field, str) else None
