"""What endpoints ask for, as typed aliases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, cast

from fastapi import Depends, Request

from api.loading import Answering, Loading
from matcher.catalogue.database import Database, Session
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
