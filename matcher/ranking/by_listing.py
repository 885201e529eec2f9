"""What is made of a listing once and kept: found by which object it is, as its hash would run over all that it says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from matcher.records import Listing

_Made = TypeVar("_Made")


class ByListing(Generic[_Made]):
    """`make` of a listing, remembered for as many listings as `most`; of more, those made first are forgotten.

    Another listing that is equal is made anew: a catalogue keeps the objects of what did not change. Threads may share
    it; two that ask for a new one at once may both make it.
    """

    def __init__(self, make: Callable[[Listing], _Made], most: int) -> None:
        self._make, self._most = make, most
        # A listing that is held here stays alive, so nothing else gets its number.
        self._held: dict[int, tuple[Listing, _Made]] = {}
        self._writing = threading.Lock()

    def __call__(self, listing: Listing) -> _Made:
        held = self._held.get(id(listing))
        if held is None:
            held = listing, self._make(listing)
            with self._writing:
                while len(self._held) >= self._most:
                    del self._held[next(iter(self._held))]
                self._held[id(listing)] = held
        return held[1]

    def __len__(self) -> int:
        return len(self._held)
