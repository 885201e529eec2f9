"""Around every request: its id, one line in the access log, a limit on its body, and an answer to the unexpected."""

from __future__ import annotations

import logging
import re
import time
import traceback
import uuid
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import broken
from matcher.understanding.documents import MAX_BYTES

REQUEST_ID = "X-Request-ID"
#: In the scope of a call that a page makes in this process.
INNER = "pilotmatch.inner"
#: In the scope of every request: when it came, by `time.monotonic`.
ARRIVED = "pilotmatch.arrived"
#: A need of 20,000 characters with all structured fields is under 200 kB.
BODY_MAX = 1_000_000
#: A file with the boundaries and headers of its form around it.
UPLOAD_MAX = MAX_BYTES + 64_000
UPLOADS = re.compile(r"/v1/(?:documents|imports|judgement-sets/[^/]+/imports(?:/confirmation)?)|/(?!v1/).+/files")
#: A decision for each of the 100,000 rows of the largest file, with the longest keys that are taken.
DECISIONS_BYTES = 6_000_000
CONFIRMATIONS = re.compile(r"/v1/imports/[^/]+/confirmation")

#: Ids from a proxy are kept if they can't break a log line.
_PLAIN_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)

_access = logging.getLogger("pilotmatch.access")
_log = logging.getLogger("pilotmatch")


class RequestLog:
    """Gives each request an id, logs method, path, status and time; a bug becomes the error body or a plain page.

    Neither query strings nor bodies are logged: needs are business secrets. For the same reason a bug is logged with
    its place in the code and its type but without its message, which may quote the need.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault(ARRIVED, time.monotonic())
        # What a page asks of `/v1` is part of the page's request, which is in the log.
        if scope["type"] != "http" or INNER in scope:
            await self.app(scope, receive, send)
            return
        request_id = _id_of(scope)
        began = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            _log.error(
                "%s: %s\n%s", request_id, type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
            )
            if status:  # too late for another answer: the server must cut the connection
                raise
            await broken(scope["path"])(scope, receive, send_with_id)
        finally:
            took = 1000 * (time.perf_counter() - began)
            _access.info("%s %s %d %.1f ms %s", scope["method"], quote(scope["path"]), status, took, request_id)


class BodyLimit:
    """Refuses with 413 a body beyond what its path may have (`body_limit`), announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = body_limit(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        too_large = announced.isdecimal() and int(announced) > limit
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            # Raised where the body is read, so that it passes the handlers that give every error the one body.
            if too_large:
                raise HTTPException(413)
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_within_limit, send)


def body_limit(path: str) -> int:
    """How many bytes the body of a request to a path may have."""
    if UPLOADS.fullmatch(path):
        return UPLOAD_MAX
    return DECISIONS_BYTES if CONFIRMATIONS.fullmatch(path) else BODY_MAX


def _id_of(scope: Scope) -> str:
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given if _PLAIN_ID.fullmatch(given) else uuid.uuid4().hex
