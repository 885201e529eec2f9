"""Who is inside, and nobody new once the door closes: what was begun is finished, and others are told to come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import broken
from api.requests import INNER

#: A restart of a few hundred listings is over by then; of many, the next answer says so again.
COME_BACK_SECONDS: Final = 5
#: Says no more than that the process lives; it does while it stops.
ALWAYS: Final = frozenset({"/health/live"})


class Door:
    """The requests inside one application.

    Attributes:
        inside: requests that have begun and are not answered. is_open: whether others may begin.
        is_last_call: whether connections end with the next answer, so that none of them waits here for another request.
        shuns: whether they should end because others are less busy. Connections that are kept alive stay where they
            were accepted: without this one of several processes may have a line while another has nothing to do.
    """

    def __init__(self) -> None:
        self.inside = 0
        self.is_open = True
        self.is_last_call = False
        self.shuns: Callable[[], bool] = lambda: False

    def close(self) -> None:
        """Nobody else may begin."""
        self.is_open, self.is_last_call = False, True


class DoorKeeper:
    """Counts requests, and refuses them with 503 and a time to come back where the door is closed."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What a page asks of `/v1` belongs to a request that is inside.
        if scope["type"] != "http" or INNER in scope:
            await self.app(scope, receive, send)
            return
        app = self.app
        if not self._door.is_open and scope["path"] not in ALWAYS:
            app = broken(scope["path"], 503, {"Retry-After": str(COME_BACK_SECONDS)})

        async def send_with_end(message: Message) -> None:
            if message["type"] == "http.response.start" and (self._door.is_last_call or self._door.shuns()):
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        self._door.inside += 1
        try:
            await app(scope, receive, send_with_end)
        finally:
            self._door.inside -= 1
