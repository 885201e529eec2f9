"""Memory that nobody uses any more, given back to the machine.

Each change of a catalogue copies arrays of its size. What is let go of stays in the heaps of the C library, in pieces
that do not fit the next copies: 40 MB after 300 changes of a catalogue of 943.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from typing import Final

#: Giving back takes some ten milliseconds, in which others may have to wait for memory.
EVERY_SECONDS: Final = 30.0


def give_back() -> None:
    """Give back what is free, where the C library can (glibc); elsewhere nothing happens."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):  # another C library, or none that can be opened so
        return


class FreeMemory:
    """Gives memory back after changes, but not all the time; for one thread.

    Args:
        clock: in seconds, as `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, give: Callable[[], None] = give_back) -> None:
        self._clock, self._give = clock, give
        self._change, self._last = 0, clock()

    def after(self, change: int) -> None:
        """The catalogue stands at this change: where it is another one, memory is given back if the time has come."""
        now = self._clock()
        if change != self._change and now - self._last >= EVERY_SECONDS:
            self._give()
            self._change, self._last = change, self._clock()
