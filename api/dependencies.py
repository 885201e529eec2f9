"""What endpoints ask for, as typed aliases."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Annotated, cast

from fastapi import Depends, Request

from api.loading import Answering, Loading
from api.security import SAFE_METHODS, api_key, check_csrf, check_same_site, csrf_given, session_token
from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.callers import STRANGER, Caller, caller_by_key, caller_by_session, touch
from matcher.catalogue.database import Database, Session
from matcher.errors import Unavailable
from matcher.settings import Settings
from matcher.understanding.reading import Reader


async def _loading(request: Request) -> Loading:
    return cast(Loading, request.app.state.loading)


LoadingDep = Annotated[Loading, Depends(_loading)]


async def _matcher(loading: LoadingDep) -> Answering:
    return loading.matcher()


MatcherDep = Annotated[Answering, Depends(_matcher)]


def _reader(request: Request) -> Reader:
    return cast(Reader, request.app.state.reader())


#: Reads needs without the matcher: ready at once. Its tables are read at the first use, off the event loop.
ReaderDep = Annotated[Reader, Depends(_reader)]


def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database())


DatabaseDep = Annotated[Database, Depends(_database)]


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


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


SettingsDep = Annotated[Settings, Depends(_settings)]


def _caller(request: Request, settings: SettingsDep, csrf: Annotated[str | None, Depends(csrf_given)]) -> Caller:
    key, token = api_key(request), session_token(request, settings)
    if key is None and token is None:
        return STRANGER
    # Not a dependency: a stranger's match needs no database.
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


def _actor(caller: CallerDep) -> Actor:
    return caller.actor


#: Who acts: from the session cookie or an API key, `ANONYMOUS` without either; a key that is no good is refused (401).
ActorDep = Annotated[Actor, Depends(_actor)]
