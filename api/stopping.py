"""uvicorn's server, which ends in two ways: it stops, and says so to whoever comes; or it leaves the work to others."""

from __future__ import annotations

import time
from types import FrameType
from typing import Final

import uvicorn

from api.door import Door

#: For connections that are kept alive: their next request is answered here, and the one after that elsewhere.
LAST_CALL_SECONDS: Final = 1.0
#: What uvicorn waits for after our own wait, for the last bytes to be sent.
SENDING_SECONDS: Final = 1


class Server(uvicorn.Server):
    """Serves until a first signal, and then until what has begun is done.

    Args:
        door: of the application. seconds: for what has begun; a client that hangs must not keep a restart waiting.

    Attributes:
        ticked: when the event loop last came by, by `time.monotonic`; None before it serves.
    """

    def __init__(self, config: uvicorn.Config, door: Door, seconds: float) -> None:
        config.timeout_graceful_shutdown = SENDING_SECONDS
        super().__init__(config)
        self._door, self._seconds = door, seconds
        self._ending_since: float | None = None
        self.ticked: float | None = None

    @property
    def is_ending(self) -> bool:
        """Whether it has been told to end."""
        return self._ending_since is not None

    def stop(self) -> None:
        """Finish what has begun; others are answered with 503 meanwhile, for nobody else may be there to answer."""
        self._door.close()
        self._begin_to_end()

    def retire(self) -> None:
        """Finish what has begun; others listen on the same socket and take what comes."""
        self._door.is_last_call = True
        self._begin_to_end()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal stops; a second one ends the waiting."""
        if not self.is_ending:
            self.stop()
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """As uvicorn's, ten times a second: whether to end now."""
        self.ticked = time.monotonic()
        if await super().on_tick(counter):
            return True
        if self._ending_since is None:
            return False
        waited = self.ticked - self._ending_since
        if self._door.is_open:
            # Retiring: no new connections, while those that are alive end with their next answer.
            for one in self.servers:
                one.close()
            if waited < LAST_CALL_SECONDS:
                return False
        return self._door.inside == 0 or waited > self._seconds

    def _begin_to_end(self) -> None:
        if self._ending_since is None:
            self._ending_since = time.monotonic()
