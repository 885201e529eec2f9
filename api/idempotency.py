"""`Idempotency-Key` for POSTs that create: a repeated request gets the stored answer and does nothing again.

def create(body: …, session: SessionDep, actor: ActorDep, once: IdempotencyDep) -> Response:
    return once.run(lambda: reply(…))
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from api.dependencies import ActorDep, SessionDep, SettingsDep
from api.security import client_address
from matcher.catalogue.database import Session
from matcher.catalogue.idempotency import FIELD, StoredAnswer, claim, keep, release
from matcher.errors import InvalidInput
from matcher.secret import secret_of

REPLAYED = "Idempotent-Replayed"
KEY_LENGTH = 200
#: Of an answer these are its own; the rest is added to every answer anew.
KEPT_HEADERS = ("content-type", "etag", "location")

_KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_LENGTH}}}")


class Once:
    """Does the work of one request at most once for a key; without a key, each time."""

    def __init__(self, session: Session, owner: str, key: str | None, request_hash: str) -> None:
        self._session = session
        self._owner = owner
        self._key = key
        self._hash = request_hash

    def run(self, work: Callable[[], Response], *, secrets: tuple[str, ...] = ()) -> Response:
        """The answer of `work`, or the one that the same request got before.

        The answer is stored in the transaction of the work; an error undoes both, and the key is free again.

        Args:
            work: does everything in the request's session and makes the answer.
            secrets: fields of the answer that are given out once only: null in what is stored.

        Raises:
            Conflict: the key was used for another request; and whatever `work` raises.
        """
        if self._key is None:
            return work()
        stored = claim(self._session, self._owner, self._key, self._hash)
        if stored is not None:
            return Response(stored.body, stored.status, {**stored.headers, REPLAYED: "true"})
        response = work()
        if response.status_code < 400:
            keep(self._session, self._owner, self._key, _stored(response, secrets))
        else:
            release(self._session, self._owner, self._key)
        return response


def _stored(response: Response, secrets: tuple[str, ...]) -> StoredAnswer:
    body = bytes(response.body).decode()
    if secrets:
        body = json.dumps(json.loads(body) | dict.fromkeys(secrets), ensure_ascii=False)
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return StoredAnswer(response.status_code, headers, body)


def _key(
    key: Annotated[
        str | None, Header(alias=FIELD, description="重发同一请求时带同一个键,不会重复创建;24 小时内有效")
    ] = None,
) -> str | None:
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidInput(
            "Idempotency-Key 无法使用", hint=f"请用 1–{KEY_LENGTH} 个字母、数字或符号,如一个 UUID", field=FIELD
        )
    return key


async def _request_hash(request: Request, settings: SettingsDep, key: Annotated[str | None, Depends(_key)]) -> str:
    if key is None:
        return ""
    # Keyed with our secret: a plain hash of a body with a password in it could be guessed at from a stolen database.
    digest = hmac.new((await run_in_threadpool(secret_of, settings)).encode(), digestmod=hashlib.sha256)
    digest.update(f"{request.method} {request.url.path}?{request.url.query}\n".encode("utf-8", "replace"))
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        # The boundary is another each time, and the bytes have been read by now: the parts tell what was sent.
        for name, value in (await request.form()).multi_items():
            digest.update(f"{name}\n".encode("utf-8", "replace"))
            digest.update(await _part(value))
    else:
        digest.update(await request.body())
    return digest.hexdigest()


async def _part(value: UploadFile | str) -> bytes:
    if isinstance(value, str):
        return hashlib.sha256(value.encode("utf-8", "replace")).digest()
    await value.seek(0)
    digest = hashlib.sha256((value.filename or "").encode("utf-8", "replace"))
    digest.update(await value.read())
    await value.seek(0)
    return digest.digest()


def _once(
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    key: Annotated[str | None, Depends(_key)],
    request_hash: Annotated[str, Depends(_request_hash)],
) -> Once:
    return Once(session, actor.user_id or f"address:{client_address(request)}", key, request_hash)


IdempotencyDep = Annotated[Once, Depends(_once)]
