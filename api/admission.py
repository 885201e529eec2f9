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
#: In line for each that runs, as long as nobody knows how fast the line moves.
WAITING_EACH: Final = 32
#: In line at most: what moves through in this share of the deadline at the pace of late, and never more than so many.
SHARE_OF_DEADLINE, WAITING_MOST = 0.7, 1000
#: How much of the pace each new turn is: some thirty of them are remembered.
NEWEST: Final = 0.06
#: A line of that length is gone by then.
COME_BACK_SECONDS: Final = 2


class Busy(NotNow):
    """More is asked for than this process can answer in time."""

    code = "busy"


class Admission:
    """Lets so many in at once, and so many wait for it in the order in which they came, on whatever event loops.

    Args:
        queue: how many may wait; None is as many as can be served within the deadline, by the pace of the line.
        deadline: seconds from the arrival of a request, after which it is refused instead of begun.
        clock: in seconds, as `time.monotonic`.
    """

    def __init__(
        self, at_once: int, queue: int | None, deadline: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._free, self._queue, self._deadline, self._clock = at_once, queue, deadline, clock
        self._unknown = WAITING_EACH * at_once
        self._line: deque[asyncio.Future[None]] = deque()
        self._counting = threading.Lock()
        self._pace: float | None = None
        self._moved: float | None = None

    @classmethod
    def of(cls, settings: Settings) -> Admission:
        """What the settings say, or else what this machine's cores allow."""
        at_once = settings.at_once or available_cores() + SPARE
        return cls(at_once, settings.queue, settings.deadline)

    @property
    def waiting(self) -> int:
        """Requests in line."""
        return len(self._line)

    @property
    def room(self) -> int:
        """Requests that may be in line."""
        if self._queue is not None:
            return self._queue
        if self._pace is None:
            return self._unknown
        return max(1, min(WAITING_MOST, int(SHARE_OF_DEADLINE * self._deadline / max(self._pace, 1e-6))))

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
            self._note_pace()
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
            if len(self._line) >= self.room:
                hint = f"请 {COME_BACK_SECONDS} 秒后再试"
                raise Busy("服务繁忙,排队已满", hint=hint, retry_seconds=COME_BACK_SECONDS)
            turn = asyncio.get_running_loop().create_future()
            self._line.append(turn)
            return turn

    def _note_pace(self) -> None:
        """How long from one turn to the next, for as long as somebody waits."""
        now = self._clock()
        if self._moved is not None:
            took = now - self._moved
            self._pace = took if self._pace is None else self._pace + NEWEST * (took - self._pace)
        self._moved = now if self._line else None

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
