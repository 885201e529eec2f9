"""The matches of one request, counted when it has ended: what is made of an answer may still fail."""

from __future__ import annotations

import time
from collections.abc import Callable

from matcher.catalogue.watching.counting import Counters, Ranking
from matcher.records import Matches


class Tally:
    """What one request comes to: its answers, or one failure and none of them. Without a match it comes to nothing."""

    def __init__(self) -> None:
        self._answers: list[tuple[Matches, float]] = []
        self._ranking: Ranking | None = None
        self._failed = False

    def matched(self, answer: Callable[[], Matches], ranking: Ranking | None = None, *, is_new: bool = True) -> Matches:
        """What `answer` gives, noted with the time that it took.

        Args:
            ranking: the profile in use, to whose account a failure goes; None is the one that the answer names, and
                nobody where there is none. is_new: whether it counts as an answer; a failure counts in any case.
        """
        self._ranking = ranking
        began = time.perf_counter()
        found = answer()
        took = (time.perf_counter() - began) * 1000
        self._ranking = ranking or (found.profile, found.profile_version)
        if is_new:
            self._answers.append((found, took))
        return found

    def fail(self) -> None:
        """The request ended, or broke off, without an answer, and the requester was not to blame."""
        self._failed = True

    def add(self, part: Tally) -> None:
        """Take over what a part of the request came to; one that failed without a match is none of ours."""
        if part._ranking is None:
            return
        self._ranking = part._ranking
        self._failed = self._failed or part._failed
        self._answers += part._answers

    def count(self, counters: Counters) -> None:
        """The request has ended."""
        if not self._failed:
            for found, ms in self._answers:
                counters.answered(found, ms)
        elif self._ranking is not None:
            counters.failed(self._ranking)
