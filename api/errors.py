"""Errors on the wire: one table from domain words to statuses, and one body for every refusal.

{"error": {"code": "invalid_input", "message": "…", "field": "top", "hint": "…"}}
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from api.loading import NotNow
from api.validation import describe, names_of
from matcher.errors import (
    BrokenArtefact,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Outdated,
    PilotMatchError,
    TooLarge,
    TooMany,
    Unavailable,
)

#: Subclasses take the status of their nearest base.
STATUSES: dict[type[PilotMatchError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    NotSignedIn: 401,
    Forbidden: 403,
    Conflict: 409,
    Outdated: 412,
    TooLarge: 413,
    TooMany: 429,
    BrokenArtefact: 503,
    Unavailable: 503,
    PilotMatchError: 500,
}
#: Code, message and hint of what the framework refuses before any of our code runs.
REFUSALS: dict[int, tuple[str, str, str | None]] = {
    401: ("unauthorised", "需要登录", "请先登录或附上 API 密钥"),
    403: ("forbidden", "没有权限", None),
    404: ("not_found", "没有这个地址", "全部接口见 /openapi.json"),
    405: ("method_not_allowed", "这个地址不支持该请求方法", "全部接口见 /openapi.json"),
    409: ("conflict", "与已有内容冲突", None),
    412: ("outdated", "内容已被他人修改", "请取回最新版本,合并您的修改后再提交"),
    413: ("too_large", "请求体过大", "JSON 不能超过 1 MB,文件不能超过 20 MB"),
    422: ("invalid_input", "请求内容无法读取", "请求体应为 UTF-8 编码的 JSON"),
    429: ("too_many_requests", "请求过于频繁", "请稍后再试"),
    500: ("internal_error", "服务内部出错", "请稍后重试;若仍出错,请将响应头 X-Request-ID 告知管理员"),
    503: ("unavailable", "服务暂时不可用", "请稍后再试"),
}
#: Paths that are for programs; all else is pages.
PROGRAMS = ("/v1/", "/health/", "/openapi.json")
#: Long enough for a model of a few hundred listings to load, short enough not to keep a client waiting.
RETRY_SECONDS = "5"

_log = logging.getLogger("pilotmatch")


class ErrorDetail(BaseModel):
    """What went wrong, in words for people, and a code for programs."""

    code: str
    message: str
    field: str | None = None
    hint: str | None = None


class ErrorBody(BaseModel):
    """The one body of every error."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "invalid_input",
                        "message": "top 不能大于 100",
                        "field": "top",
                        "hint": "请填 1–100 之间的整数",
                    }
                }
            ]
        }
    )

    error: ErrorDetail


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an endpoint declares in OpenAPI for the refusals it can give."""
    return {status: {"model": ErrorBody, "description": REFUSALS[status][1]} for status in statuses}


def error_response(
    status: int,
    code: str,
    message: str,
    *,
    field: str | None = None,
    hint: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The one body; `field` and `hint` are left out where there are none."""
    detail = {"code": code, "message": message, "field": field, "hint": hint}
    body = {"error": {name: value for name, value in detail.items() if value is not None}}
    # A field name comes from the caller and may hold half a surrogate pair, which UTF-8 can't write.
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, headers, media_type="application/json")


def refusal(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The body for a status of `REFUSALS`."""
    code, message, hint = REFUSALS[status]
    return error_response(status, code, message, hint=hint, headers=headers)


def broken(path: str, status: int = 500, headers: Mapping[str, str] | None = None) -> Response:
    """What is answered where our own code failed: for a page in words alone, for whatever makes pages may be broken."""
    if path.startswith(PROGRAMS):
        return refusal(status, headers)
    _, message, hint = REFUSALS[status]
    text = (
        f"<!doctype html><html lang=zh-CN><title>{message}</title><h1>{message}</h1><p>{hint}</p><p><a href=/>首页</a>"
    )
    safe = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
    return HTMLResponse(text, status, {**safe, **(headers or {})})


def status_of(error: PilotMatchError) -> int:
    """The status of a domain error, by its nearest base in `STATUSES`."""
    return next(STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES)


def install(app: FastAPI) -> None:
    """Make `app` answer every error with the one body."""
    app.add_exception_handler(PilotMatchError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _framework_error)


def answer_to(request: Request, error: Exception) -> Response:
    """The one body for whatever was raised on the way of a request."""
    if isinstance(error, PilotMatchError):
        return _domain_error(request, error)
    if isinstance(error, RequestValidationError):
        return _validation_error(request, error)
    return _framework_error(request, error)


def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PilotMatchError)
    return domain_response(error)


def domain_response(error: PilotMatchError) -> Response:
    """The answer for a domain error; endpoints that must keep what they have written return it instead of raising."""
    status = status_of(error)
    if status < 500:
        wait = {"Retry-After": str(error.retry_seconds)} if isinstance(error, TooMany) else None
        return error_response(status, error.code, error.message, field=error.field, hint=error.hint, headers=wait)
    headers = {"Retry-After": RETRY_SECONDS} if status == 503 else None
    if isinstance(error, NotNow):
        headers = {"Retry-After": str(error.retry_seconds)}
        return error_response(status, error.code, error.message, hint=error.hint, headers=headers)
    # Paths and addresses of the installation are for its operator, not for whoever asks.
    _log.error("%s: %s", error.code, error)
    return refusal(status, headers)


def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fault = describe(error.errors()[0], names_of(request.scope.get("route")))
    return error_response(422, InvalidInput.code, fault.message, field=fault.field, hint=fault.hint)


def _framework_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # FastAPI says 400 for one thing only: a body that it could not decode. Malformed input is 422 everywhere else.
    status = 422 if error.status_code == 400 else error.status_code
    return refusal(status if status in REFUSALS else 500, error.headers)
