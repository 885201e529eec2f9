"""`/v1` as the pages call it: in this process, with the cookie, address and token of the page's own request.

So a page can do nothing that a program can't, and every rule (who may, what is valid, what is written down) is held in
one place. A call costs about a millisecond beside its work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import Request
from starlette.types import Receive, Scope, Send

from api.counting import TALLY
from api.requests import INNER, REQUEST_ID
from api.security import CSRF_HEADER

#: Headers of the page's request that `/v1` looks at; `Origin` and `Sec-Fetch-Site` were looked at before.
PASSED_ON = ("cookie", "x-forwarded-for", "accept-language", "host")
#: Longer than any endpoint takes; a preview that has to measure first takes most of a minute.
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answered: `json` is None where the body is none; `content` the bytes as they came."""

    status: int
    json: Any
    headers: Mapping[str, str]
    content: bytes = b""
    cookies: tuple[str, ...] = ()

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")


class Refused(Exception):
    """An endpoint refused: `error` is the inside of the one error body."""

    def __init__(self, status: int, error: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        super().__init__(f"{status} {error.get('code')}")
        self.status = status
        self.code: str = error.get("code", "")
        self.message: str = error.get("message", "")
        self.field: str | None = error.get("field")
        self.hint: str | None = error.get("hint")
        self.headers = headers


class Client:
    """Calls endpoints on behalf of whoever asked for the page.

    Args:
        csrf: the token of the caller's session, for calls that change something.
    """

    def __init__(self, request: Request, csrf: str | None) -> None:
        self._request = request
        self._headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        if csrf is not None:
            self._headers[CSRF_HEADER] = csrf
        given = request.headers.get(REQUEST_ID)
        if given is not None:
            self._headers[REQUEST_ID] = given

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET; values of None are left out of the query, lists are repeated.

        Raises:
            Refused: the endpoint answered 4xx or 5xx.
        """
        return (await self.call("GET", path, query=query)).json

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        etag: str | None = None,
        once: str | None = None,
    ) -> Answer:
        """Any call. `etag` goes out as If-Match, `once` as Idempotency-Key: a form sent twice does one thing.

        Raises:
            Refused: the endpoint answered 4xx or 5xx.
        """
        given = dict(self._headers)
        given |= {"if-match": etag} if etag else {}
        given |= {"idempotency-key": once} if once else {}
        # What came in headers are bytes of any kind; and what stands in a hidden field somebody may have changed.
        headers = {name.encode(): value.encode("latin-1", "replace") for name, value in given.items()}
        values = {name: value for name, value in (query or {}).items() if value not in (None, "", [])}
        async with httpx2.AsyncClient(transport=self._transport(), base_url="http://portal", timeout=SECONDS) as http:
            came = await http.request(
                method, path, headers=headers, params=values, json=json, data=data, files=files, follow_redirects=False
            )
        is_json = came.headers.get("content-type", "").startswith("application/json") and came.content
        body = came.json() if is_json else None
        if came.status_code >= 400:
            error = body.get("error", {}) if isinstance(body, dict) else {}
            raise Refused(came.status_code, error, came.headers)
        cookies = tuple(came.headers.get_list("set-cookie"))
        return Answer(came.status_code, body, came.headers, came.content, cookies)

    def _transport(self) -> httpx2.ASGITransport:
        app, scope_of_page = self._request.app, self._request.scope
        client = self._request.client

        async def inner(scope: Scope, receive: Receive, send: Send) -> None:
            # A page that fails after its match is one request without an answer.
            await app({**scope, INNER: True, TALLY: scope_of_page[TALLY]}, receive, send)

        return httpx2.ASGITransport(inner, client=(client.host, client.port) if client else ("127.0.0.1", 0))
