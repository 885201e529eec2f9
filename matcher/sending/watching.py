"""The part of the background work that watches: counts are kept, alarms rung, months put into the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from matcher.catalogue.database import Database
from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.exposure import Month, month_of
from matcher.catalogue.watching.flushing import flush
from matcher.catalogue.watching.months import GRACE, due_months, write_month
from matcher.sending.alarming import sound
from matcher.settings import Settings
from matcher.today import day_of

#: What a process that is killed has not put into the database yet is lost: a few seconds of counts.
KEEP_EVERY: Final = timedelta(seconds=2)
#: A profile that fails is gone some seconds after it has failed often enough to tell.
LOOK_EVERY: Final = timedelta(seconds=5)


class Watching:
    """Of one process; called from its background thread.

    Args:
        counters: what this process counts; None counts nothing. clock: the present, UTC.
    """

    def __init__(
        self, database: Database, settings: Settings, counters: Counters | None, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._settings, self._counters, self._clock = database, settings, counters, clock
        self._kept_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._month: Month | None = None

    def keep(self) -> bool:
        """Put the counts of this process into the database, every few seconds: for every process."""
        if self._counters is not None and _is_time(self._kept_at, KEEP_EVERY, self._clock()):
            self._kept_at = self._clock()
            self.keep_all()
        return False

    def keep_all(self) -> bool:
        """The same, now: before a process ends."""
        if self._counters is not None:
            flush(self._database, self._counters)
        return False

    def look(self) -> bool:
        """Ring alarms that are due, and put months that are over into the ledger: for whoever has the turn."""
        now = self._clock()
        if _is_time(self._looked_at, LOOK_EVERY, now):
            self._looked_at = now
            sound(self._database, self._settings, now)
            self._close_months(now)
        return False

    def _close_months(self, now: datetime) -> None:
        month = month_of(day_of(now - GRACE))
        if month == self._month:
            return
        with self._database.reading() as session:
            due = due_months(session, now)
        for one in due:
            with self._database.session() as session:
                write_month(session, one, now)
        self._month = month


def _is_time(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every or now < last
