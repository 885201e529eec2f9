"""How many matches run at once in this process: a few, some more in line, and nobody else; nobody waits for ever.

A match takes a core. More of them at once than there are cores make each slower and none faster, and fill the threads
that pages and everything else need. So who can't be served in time is told so at once, with a time to come back.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final, cast

from fastapi import Depends, Request

from api.loading import NotNow
from api.requests import ARRIVED
from embeddings.encoded import available_cores
from matcher.settings import Settings

#: One more than cores: while one match waits for the database or hands over, another can go on.
SPARE: Final = 1
#: In line for each that runs: at 0.2 s a match with the re-ranker six seconds of work, within the deadline.
WAITING_EACH: Final = 32
#: A line of that length is gone by then.
COME_BACK_SECONDS: Final = 2


class Busy(NotNow):
    """More is asked for than this process can answer in time."""

    code = "busy"


class Admission:
    """Lets so many in at once, and so many wait for it in the order in which they came, on whatever event loops.

    Args:
        deadline: seconds from the arrival of a request, after which it is refused instead of begun.
        clock: in seconds, as `time.monotonic`.
    """

    def __init__(self, at_once: int, queue: int, deadline: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._queue, self._deadline, self._clock = at_once, queue, deadline, clock
        self._line: deque[asyncio.Future[None]] = deque()
        self._counting = threading.Lock()

    @classmethod
    def of(cls, settings: Settings) -> Admission:
        """What the settings say, or else what this machine's cores allow."""
        at_once = settings.at_once or available_cores() + SPARE
        queue = WAITING_EACH * at_once if settings.queue is None else settings.queue
        return cls(at_once, queue, settings.deadline)

    @property
    def waiting(self) -> int:
        """Requests in line."""
        return len(self._line)

    async def enter(self, arrived: float) -> None:
        """Waits for a place; whoever got one gives it back by `leave`.

        Args:
            arrived: when the request came, by the clock.

        Raises:
            Busy: the line is full, or the deadline passes before it is this one's turn.
        """
        turn = self._turn()
        if turn is None:
            return
        try:
            async with asyncio.timeout(arrived + self._deadline - self._clock()):
                await turn
        except TimeoutError:
            self._withdraw(turn)
            raise _too_late() from None
        except asyncio.CancelledError:
            self._withdraw(turn)
            raise
        if self._clock() - arrived > self._deadline:
            self.leave()
            raise _too_late()

    def leave(self) -> None:
        """Gives the place to the first in line."""
        with self._counting:
            while self._line:
                turn = self._line.popleft()
                with contextlib.suppress(RuntimeError):  # its loop is closed, and nobody waits there
                    turn.get_loop().call_soon_threadsafe(self._give, turn)
                    return
            self._free += 1

    def _turn(self) -> asyncio.Future[None] | None:
        """A place in line; None where one may enter at once."""
        with self._counting:
            if self._free and not self._line:
                self._free -= 1
                return None
            if len(self._line) >= self._queue:
                hint = f"请 {COME_BACK_SECONDS} 秒后再试"
                raise Busy("服务繁忙,排队已满", hint=hint, retry_seconds=COME_BACK_SECONDS)
            turn = asyncio.get_running_loop().create_future()
            self._line.append(turn)
            return turn

    def _give(self, turn: asyncio.Future[None]) -> None:
        if turn.done():  # whoever waited went away meanwhile
            self.leave()
        else:
            turn.set_result(None)

    def _withdraw(self, turn: asyncio.Future[None]) -> None:
        with self._counting:
            if turn in self._line:
                self._line.remove(turn)
                return
        if not turn.cancelled():
            self.leave()  # the place came while the waiting ended: it is the next one's


def _too_late() -> Busy:
    hint = f"请 {COME_BACK_SECONDS} 秒后再试;若经常如此,请管理员增加进程"
    return Busy("服务繁忙,未能及时处理", hint=hint, retry_seconds=COME_BACK_SECONDS)


async def _admitted(request: Request) -> AsyncIterator[None]:
    admission = cast(Admission, request.app.state.admission)
    await admission.enter(request.scope.get(ARRIVED, time.monotonic()))
    try:
        yield
    finally:
        admission.leave()


#: For every endpoint that ranks or reads needs. The place is held to the end of the endpoint, not of the sending.
Admitted = Depends(_admitted, scope="function")
