"""Work in parts that a second thread helps with where it can: a match alone on the machine ends sooner, and beside
others nobody waits for a thread that has no core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from embeddings.encoded import available_cores

_Part = TypeVar("_Part")


def do_parts(work: Callable[[_Part], None], parts: Sequence[_Part]) -> None:
    """Calls `work` once for each part, in two threads; raises what one of the calls raises.

    Whoever is free takes the next part: a helper that comes late, or never, leaves the caller with more of them and
    waiting for one at most. It pays where `work` lets go of the interpreter for most of its time.
    """
    helper = _helper() if len(parts) > 1 else None
    # Steps of a list's iterator are whole to other threads.
    waiting = iter(list(parts))

    def take() -> None:
        for part in waiting:
            work(part)

    helping = helper.submit(take) if helper else None
    try:
        take()
    finally:
        if helping and not helping.cancel():
            helping.result()


@cache
def _helper() -> ThreadPoolExecutor | None:
    cores = available_cores()
    return ThreadPoolExecutor(cores, "scores") if cores > 1 else None
