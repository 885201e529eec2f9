"""Work in parts that a second thread helps with where it can: a match alone on the machine ends sooner, and beside
others nobody waits for a thread that has no core."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import TypeVar

from embeddings.encoded import available_cores

_Part = TypeVar("_Part")

#: Parts by which the others are judged: the first one finds nothing in the core's caches.
_TRIED = 2

#: Seconds of work left below which a helper costs more than it does: it has to be woken, and the two wait for the
#: interpreter in turn. With AMX 13,000 tokens take 1.2 ms in one thread and 1.7 in two.
WORTH_SHARING = 0.003


def do_parts(work: Callable[[_Part], None], parts: Sequence[_Part]) -> None:
    """Calls `work` once for each part, in two threads; raises what one of the calls raises.

    Whoever is free takes the next part: a helper that comes late, or never, leaves the caller with more of them and
    waiting for one at most. It pays where `work` lets go of the interpreter for most of its time, and where what the
    first parts took promises that there is enough of it.
    """
    # Steps of a list's iterator are whole to other threads.
    waiting = iter(list(parts))
    left = min((_took(work, part) for part in islice(waiting, _TRIED)), default=0.0) * (len(parts) - _TRIED)
    helper = _helper() if left > WORTH_SHARING else None

    def take() -> None:
        for part in waiting:
            work(part)

    helping = helper.submit(take) if helper else None
    try:
        take()
    finally:
        if helping and not helping.cancel():
            helping.result()


def _took(work: Callable[[_Part], None], part: _Part) -> float:
    began = time.perf_counter()
    work(part)
    return time.perf_counter() - began


@cache
def _helper() -> ThreadPoolExecutor | None:
    cores = available_cores()
    return ThreadPoolExecutor(cores, "scores") if cores > 1 else None
