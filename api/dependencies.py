"""What endpoints ask for, as typed aliases."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from api.loading import Answering, Loading
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
