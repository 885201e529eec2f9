"""Counts what goes out: the only thing that is known afterwards of a stranger's match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.dependencies import ServingDep
from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.tally import Tally
from matcher.records import Matches

#: In the scope of every request: what it comes to. Calls that a page makes in this process come with that of the page.
TALLY = "pilotmatch.tally"
Counted = Callable[[Callable[[], Matches], bool], Matches]


class CountedRequests:
    """Ends the tally of each request: one that matched and got no answer, for whatever reason, is one failure."""

    def __init__(self, app: ASGIApp, counters: Counters) -> None:
        self.app, self._counters = app, counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        whole: Tally | None = scope.get(TALLY)
        tally = scope[TALLY] = Tally()

        async def send_seen(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 500:
                tally.fail()
            await send(message)

        try:
            await self.app(scope, receive, send_seen)
        except Exception:
            tally.fail()
            raise
        finally:
            if whole is None:
                tally.count(self._counters)
            else:
                whole.add(tally)


async def _counted(request: Request, serving: ServingDep) -> Counted:
    tally = cast(Tally, request.scope[TALLY])
    return lambda answer, is_new: tally.matched(answer, serving.ranking(), is_new=is_new)


#: Gives what a match gives, and counts it when the request has ended, as an answer if it is new: for answers by the
#: published profile, to whoever asks.
CountedDep = Annotated[Counted, Depends(_counted)]


async def _enquired(request: Request, serving: ServingDep) -> Callable[[], None]:
    def enquired() -> None:
        ranking = serving.ranking()
        if ranking is not None:
            cast(Counters, request.app.state.counters).enquired(ranking)

    return enquired


#: To be called once for each enquiry that is sent.
EnquiredDep = Annotated[Callable[[], None], Depends(_enquired)]
