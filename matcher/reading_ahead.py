"""Reads listings for the re-ranker ahead of any match, in the time that is left: who meets one first need not wait."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable

from embeddings.state_file import MOST
from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.records import Listing

#: Of one core, while there is something to read: matches that run meanwhile lose a tenth of two cores at most.
SHARE = 0.2
#: How often to look whether the catalogue has changed.
LOOK_SECONDS = 1.0
#: A process that has just started has other things to do.
FIRST_SECONDS = 2.0

_log = logging.getLogger(__name__)


class ReadingAhead:
    """Reads every listing of a `LiveMatcher` once, and again when it changes; what another process has read is there.

    Args:
        stopping: set when it is to end. wait: seconds → whether to end, as `threading.Event.wait`.
        most: a catalogue of more listings is not read ahead: what was read first would be forgotten again.
    """

    def __init__(
        self,
        live: LiveMatcher,
        stopping: threading.Event,
        wait: Callable[[float], bool] | None = None,
        most: int = MOST,
    ) -> None:
        self._live, self._stopping, self._most = live, stopping, most
        self._wait = stopping.wait if wait is None else wait
        self._seen: dict[str, Listing] = {}
        self._matcher: Matcher | None = None
        self._unread: list[Listing] = []

    def run(self) -> None:
        """Read until `stopping` is set."""
        self._wait(FIRST_SECONDS)
        while not self._stopping.is_set():
            if not self.step():
                self._wait(LOOK_SECONDS)

    def step(self) -> bool:
        """Read one listing, and rest so long that it is `SHARE` of the time; whether there was one.

        Never raises: a listing that can't be read ahead is read when it is met, and errors are told there.
        """
        matcher = self._live.current
        if matcher is not self._matcher:
            self._look(matcher)
        if not self._unread or not matcher.reads_pairs:
            return False
        listing, began = self._unread.pop(), time.perf_counter()
        try:
            was_new = matcher.read_ahead(listing)
        except Exception:  # a model or a disk may fail in any way
            _log.warning("预读条目 %s 失败,遇到时再读", listing.id, exc_info=True)
            was_new = True
        self._seen[listing.id] = listing
        if was_new:
            self._wait((time.perf_counter() - began) * (1 / SHARE - 1))
        return True

    def _look(self, matcher: Matcher) -> None:
        supply = matcher.catalogue.supply
        self._matcher = matcher
        self._seen = {one.id: one for one in supply if self._seen.get(one.id) is one}
        self._unread = [one for one in supply if one.id not in self._seen] if len(supply) <= self._most else []
        # In any order, so that several processes share the work.
        random.shuffle(self._unread)
