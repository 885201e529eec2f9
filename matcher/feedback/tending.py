"""Looks after experiments in the background: counts what has settled, ends what has come to an end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from matcher.catalogue.database import Database
from matcher.catalogue.feedback.experiments import WHAT_NAMES, running, tend

#: Answers settle after half an hour: a few seconds more don't matter, and an idle database is left alone.
EVERY: Final = timedelta(seconds=5)

_log = logging.getLogger("pilotmatch.feedback")


class Tending:
    """Of one process. Several at once do no harm; `clock` is the present, UTC."""

    def __init__(self, database: Database, clock: Callable[[], datetime], every: timedelta = EVERY) -> None:
        self._database, self._clock, self._every = database, clock, every
        self._next: datetime | None = None

    def tend(self) -> bool:
        """What is due; whether there is more to do now. Errors as for `Database.session`."""
        now = self._clock()
        if self._next is not None and now < self._next:
            return False
        self._next = now + self._every
        with self._database.reading() as session:
            if not running(session):
                return False
        with self._database.session() as session:
            ended = tend(session, now)
        if ended is None:
            return False
        _log.info("%s %s 结束:%s", WHAT_NAMES[ended.what], ended.id, ended.ending)
        self._next = None
        return True
