"""What endpoints ask for, as typed aliases."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.follow import Serving
from api.limits import Limits, bucket_of
from api.loading import Answering, Loading
from api.security import (
    COOKIE,
    SAFE_METHODS,
    api_key,
    check_csrf,
    check_same_site,
    client_address,
    csrf_given,
    session_token,
)
from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.callers import STRANGER, Caller, caller_by_key, caller_by_session, touch
from matcher.catalogue.database import Database, Session
from matcher.catalogue.profiles.drafts import find
from matcher.errors import InvalidInput, NotFound, Unavailable
from matcher.settings import Settings
from matcher.understanding.reading import Reader


async def _loading(request: Request) -> Loading:
    return cast(Loading, request.app.state.loading)


LoadingDep = Annotated[Loading, Depends(_loading)]


async def _matcher(loading: LoadingDep) -> Answering:
    return loading.matcher()


async def _serving(request: Request) -> Serving:
    return cast(Serving, request.app.state.serving)


ServingDep = Annotated[Serving, Depends(_serving)]
MatcherDep = Annotated[Answering, Depends(_matcher)]


def _reader(request: Request) -> Reader:
    return cast(Reader, request.app.state.reader())


#: Reads needs without the matcher: ready at once. Its tables are read at the first use, off the event loop.
ReaderDep = Annotated[Reader, Depends(_reader)]


def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database())


DatabaseDep = Annotated[Database, Depends(_database)]


async def _by_profile(request: Request, serving: ServingDep) -> Callable[[str], Answering]:
    def matcher(named: str) -> Answering:
        with _database(request).reading() as session:
            stored = find(session, named)
        return serving.ranked_by(stored)

    return matcher


#: From a profile's name to a matcher that ranks by it; it costs nothing, and opens no database, where nobody asks.
ByProfileDep = Annotated[Callable[[str], Answering], Depends(_by_profile)]


def _committed(request: Request) -> Callable[[], None]:
    return cast(Callable[[], None], request.app.state.committed)


def _session(database: DatabaseDep, committed: Annotated[Callable[[], None], Depends(_committed)]) -> Iterator[Session]:
    with database.session() as session:
        yield session
    committed()


def _reading(database: DatabaseDep) -> Iterator[Session]:
    with database.reading() as session:
        yield session


#: One transaction for the request, the only place that commits: before the answer is sent, so that what was answered is
#: stored. After it the index of this process catches up, so that the next answer knows of it.
SessionDep = Annotated[Session, Depends(_session, scope="function")]
#: For requests that change nothing.
ReadingDep = Annotated[Session, Depends(_reading, scope="function")]


async def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


SettingsDep = Annotated[Settings, Depends(_settings)]


async def _caller(request: Request, settings: SettingsDep, csrf: Annotated[str | None, Depends(csrf_given)]) -> Caller:
    # A stranger's match needs neither a database nor another thread.
    if "authorization" not in request.headers and COOKIE not in request.cookies:
        return STRANGER
    return await run_in_threadpool(known_caller, request, settings, csrf)


def known_caller(request: Request, settings: Settings, csrf: str | None) -> Caller:
    """Who the request's cookie or key is of; errors as for `CallerDep`. Asks the database."""
    key, token = api_key(request), session_token(request, settings)
    if key is None and token is None:
        return STRANGER
    database = _database(request)
    with database.reading() as session:
        caller = caller_by_key(session, key) if key else caller_by_session(session, token or "")
    if caller.csrf is not None and request.method not in SAFE_METHODS:
        check_same_site(request)
        check_csrf(caller.csrf, csrf)
    if caller.is_stale:
        # The time of the last use is not worth failing for while somebody else writes.
        with contextlib.suppress(Unavailable), database.session() as session:
            touch(session, caller)
    return caller


#: Who sends the request and by what; a browser's session that changes something has shown its CSRF token.
CallerDep = Annotated[Caller, Depends(_caller)]


async def _actor(caller: CallerDep) -> Actor:
    return caller.actor


#: Who acts: from the session cookie or an API key, `ANONYMOUS` without either; a key that is no good is refused (401).
ActorDep = Annotated[Actor, Depends(_actor)]


async def _limits(request: Request) -> Limits:
    return cast(Limits, request.app.state.limits)


LimitsDep = Annotated[Limits, Depends(_limits)]


async def may_match(request: Request, actor: ActorDep, limits: LimitsDep) -> None:
    """For everything that matches or reads needs: open to everybody, but not without end; a key needs the scope."""
    actor.needs_scope("match")
    limits.match.take(actor.user_id or bucket_of(client_address(request)))


async def may_read(actor: ActorDep) -> None:
    """For what everybody may read; a key needs the scope."""
    actor.needs_scope("read")


async def may_try_sign_in(request: Request, limits: LimitsDep) -> str:
    """For whatever takes a password or opens an account: from our own pages, and not too often; the sender's bucket."""
    check_same_site(request)
    whose = bucket_of(client_address(request))
    limits.sign_in_failures.check(whose)
    limits.sign_in.take(whose)
    return whose


async def may_try_sign_in_by_link(request: Request, limits: LimitsDep) -> None:
    """The same for single sign-on, whose way back begins on another site."""
    limits.sign_in.take(bucket_of(client_address(request)))


async def plain_address(request: Request) -> None:
    """Refuse NUL in path and query before they reach a database: PostgreSQL can't compare with it."""
    if "\x00" in request.scope["path"]:
        raise NotFound("没有这个地址", hint="全部接口见 /openapi.json")
    for name, value in request.query_params.multi_items():
        if "\x00" in name + value:
            raise InvalidInput("含有空字符(NUL)", hint="请去掉 %00", field=name.replace("\x00", ""))
