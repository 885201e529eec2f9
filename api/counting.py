"""Counts what goes out: the only thing that is known afterwards of a stranger's match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request

from api.dependencies import ServingDep
from matcher.catalogue.watching.counting import Counters
from matcher.records import Matches

Counted = Callable[[Callable[[], Matches]], Matches]


async def _counted(request: Request, serving: ServingDep) -> Counted:
    counters = cast(Counters, request.app.state.counters)
    return lambda answer: counters.counted(answer, serving.ranking())


#: Gives what a match gives, and counts it: for answers by the published profile, to whoever asks.
CountedDep = Annotated[Counted, Depends(_counted)]


async def _enquired(request: Request, serving: ServingDep) -> Callable[[], None]:
    def enquired() -> None:
        ranking = serving.ranking()
        if ranking is not None:
            cast(Counters, request.app.state.counters).enquired(ranking)

    return enquired


#: To be called once for each enquiry that is sent.
EnquiredDep = Annotated[Callable[[], None], Depends(_enquired)]
