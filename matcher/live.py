"""The matcher that is served, while its catalogue changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock

from matcher.match import Matcher
from matcher.records import Listing


class LiveMatcher:
    """Holds the matcher of the moment. Readers take `current` once a request and keep it to the end of it.

    Changes come one after another, from any thread, and none is lost; the matcher in place serves until the next one
    is whole. One that fails leaves it where it is, and the error goes to the caller.
    """

    def __init__(self, matcher: Matcher) -> None:
        self._changing = Lock()
        self._current = matcher

    @property
    def current(self) -> Matcher:
        """The matcher of the moment: one that never changes."""
        return self._current

    def apply(self, upserts: Iterable[Listing] = (), removals: Iterable[str] = ()) -> Matcher:
        """Puts listings in or in place of those of their ids, takes others out, and returns the matcher that has them.

        May be repeated: a listing that is there as it is, or an id that is not, costs nothing. An id among both stays,
        as upserted; of several upserts of an id the last one counts. Errors as for `Matcher.with_changes`.
        """
        return self.replace(lambda matcher: matcher.with_changes(upserts, removals))

    def replace(self, change: Callable[[Matcher], Matcher]) -> Matcher:
        """Puts in place what `change` makes of the matcher of the moment, and returns it."""
        with self._changing:
            self._current = change(self._current)
            return self._current
