"""What people see where something is refused or breaks: a page in plain words, and never what they typed gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from api.dependencies import known_caller
from api.errors import REFUSALS, answer_to, status_of
from api.portal.client import Refused
from api.portal.forms import Form, SignInNeeded, Unconfirmed, kept_values, new_once, packed
from api.portal.headers import is_page
from api.portal.languages import later
from api.portal.rendering import Page
from api.portal.wording import in_words
from api.security import COOKIE, StaleForm
from matcher.catalogue.accounts.callers import STRANGER
from matcher.errors import NotSignedIn, PilotMatchError

#: Of what can't be told apart on purpose: hidden, gone, never there.
TITLES: Final = {
    403: later("没有权限"),
    404: later("没有找到这个页面"),
    405: later("这里不能这样打开"),
    409: later("与已有内容冲突"),
    412: later("内容已被他人修改"),
    413: later("文件或内容过大"),
    422: later("内容无法读取"),
    429: later("操作过于频繁"),
    500: later("出错了"),
    503: later("服务正在准备或繁忙"),
}
#: Fields that forms carry for themselves: not what anybody typed.
TECHNICAL: Final = frozenset({"act", "etag", "id", "next", "version", "language"})
NOT_FOUND_HINT: Final = later("它可能已下架、不公开或从未存在。请从首页或目录重新查找。")


def install(app: FastAPI) -> None:
    """Errors of pages as pages; those of `/v1` stay as they are. Call it after `api.errors.install`."""
    for kind in (PilotMatchError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _either)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(SignInNeeded, _sign_in_needed)
    app.add_exception_handler(Unconfirmed, _unconfirmed)


async def _either(request: Request, error: Exception) -> Response:
    if not is_page(request.url.path):
        return answer_to(request, error)
    if isinstance(error, StaleForm):
        form = await request.form()
        return await _confirmation(request, kept_values(form))
    if isinstance(error, NotSignedIn):
        return await _sign_in_needed(request, SignInNeeded())
    if isinstance(error, PilotMatchError):
        # What a program would be answered: it logs what is for the operator, and knows when to come back.
        headers = dict(answer_to(request, error).headers)
        said = in_words(error.field, error.message, error.hint)
        return await _failure(request, status_of(error), *said, headers)
    if isinstance(error, HTTPException):
        return await _failure(request, error.status_code)
    return await _failure(request, 404 if request.method == "GET" else 422)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    if error.status == 401:
        return await _sign_in_needed(request, SignInNeeded())
    said = in_words(error.field, error.message, error.hint)
    return await _failure(request, error.status, *said, dict(error.headers))


async def _sign_in_needed(request: Request, error: Exception) -> Response:
    """To the sign-in page and back; what was typed goes along and is shown again, to be sent once more."""
    assert isinstance(error, SignInNeeded)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET":
        return RedirectResponse(f"/sign-in?next={quote(path, safe='/')}", 303)
    values: Sequence[tuple[str, str]] = error.values
    if not values:
        values = kept_values(await _form_of(request))
    page = Page(request, STRANGER, request.app.state.settings)
    return page.render("sign_in.html", 401, next=path, kept=packed(values), form=Form(), single=False)


async def _unconfirmed(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unconfirmed)
    return await _confirmation(request, error.values)


async def _confirmation(request: Request, values: Sequence[tuple[str, str]]) -> Response:
    page = await _page(request)
    return page.render("confirm.html", 403, target=request.url.path, values=values, hidden=TECHNICAL, once=new_once())


async def _failure(
    request: Request,
    status: int,
    message: str | None = None,
    hint: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The page for a status; message and hint are those of the error, where they are for people to read."""
    known = status if status in TITLES else 500
    page = await _page(request)
    if known == 404:
        # One page for what is hidden, gone or never was: the message of the error could tell which.
        message, hint = None, page.text(NOT_FOUND_HINT)
    elif known >= 500:
        message, hint = page.text(REFUSALS[known][1]), page.text(REFUSALS[known][2] or "")
    response = page.render("failure.html", status, title=page.text(TITLES[known]), message=message, hint=hint)
    for name in ("retry-after",):
        if headers and name in headers:
            response.headers[name] = headers[name]
    return response


async def _page(request: Request) -> Page:
    """A page for whoever asks; a stranger's where the database can't tell who it is."""
    caller = STRANGER
    settings = request.app.state.settings
    if COOKIE in request.cookies:
        try:
            # In a thread: whoever waits for the database here must not keep all others waiting.
            caller = await run_in_threadpool(known_caller, _reading(request), settings, None)
        except PilotMatchError:
            caller = STRANGER
    return Page(request, caller, settings)


def _reading(request: Request) -> Request:
    """The request as one that changes nothing, so that asking who sent it needs no token."""
    return Request({**request.scope, "method": "GET"})


async def _form_of(request: Request) -> FormData:
    try:
        return await request.form()
    except (RuntimeError, HTTPException):
        return FormData()
