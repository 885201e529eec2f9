"""The thread that tells: finds what fits, writes messages, empties the outbox, sends the feed, moves the clock.

Several processes may each have one; a lease in the database lets one at a time work, and when it dies another takes
over within `LEASE`. What is right does not hang on the lease: cursors, pairs and deliveries are each claimed in the
database, so two that work at once do nothing twice but look.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from matcher.catalogue.alerts import cursors, outbox
from matcher.catalogue.change_log import Changes
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import forget_feedback
from matcher.catalogue.listings.clock import tick as tick_listings
from matcher.catalogue.listings.imports import forget_old_imports
from matcher.catalogue.needs.life import tick as tick_needs
from matcher.catalogue.searches.store import forget_searches
from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.flushing import settle
from matcher.errors import PilotMatchError
from matcher.feedback.tending import Tending
from matcher.secret import secret_of
from matcher.sending.draining import LEASE as SENDING_LEASE
from matcher.sending.draining import Outbox
from matcher.sending.finding import Fits, find
from matcher.sending.following_feed import Followers
from matcher.sending.reminding import remind
from matcher.sending.sealing import Seal
from matcher.sending.telling import tell
from matcher.sending.watching import Watching
from matcher.settings import Settings
from matcher.today import day_of

#: Whoever holds this cursor works.
TURN: Final = "background"
#: The number of this one is the day, as an ordinal, to which the clock has been moved.
CLOCK: Final = "clock"
#: An alert is there a second after the listing; a poll of an idle database costs a few reads.
POLL_SECONDS: Final = 1.0
LEASE: Final = timedelta(seconds=30)
#: After failures (the database is away) the waits double up to this.
PAUSE_SECONDS: Final = 60.0
#: How long alerts are held back at most while changes keep coming.
GATHER: Final = timedelta(minutes=2)
#: A month of what was sent answers questions; what was given up may be tried again for half a year.
KEEP_SENT, KEEP_GIVEN_UP = timedelta(days=30), timedelta(days=180)
#: Stopping waits for a delivery under way; longer than any takes.
STOP_SECONDS: Final = 30.0

_log = logging.getLogger("pilotmatch.sending")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Times:
    """How often and how long, for tests that can't wait."""

    poll_seconds: float = POLL_SECONDS
    lease: timedelta = LEASE
    sending_lease: timedelta = SENDING_LEASE


class Background:
    """The work of one process, in a thread of its own between `start` and `stop`.

    Args:
        fits: asked which listings fit a need; None leaves alerts to another process, and the rest is done.
        clock: the present, UTC. counters: what this process counts of its answers.

    Raises:
        InvalidInput: the mail server's address can't be used. Unavailable: the secret can't be read.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        fits: Fits | None,
        *,
        clock: Callable[[], datetime] = _now,
        times: Times = Times(),
        counters: Counters | None = None,
    ) -> None:
        self._database, self._settings, self._fits, self._clock, self._times = database, settings, fits, clock, times
        self._seal = Seal(secret_of(settings))
        self._outbox = Outbox(database, settings, self._seal, clock, times.sending_lease)
        self._followers = Followers(database, settings, self._seal, clock, times.sending_lease)
        self._watching = Watching(database, settings, counters, clock)
        self._tending = Tending(database, clock)
        self._holder = uuid.uuid4().hex
        self._held_until: datetime | None = None
        self._catching_up_since: datetime | None = None
        self._failed, self._failures = False, 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a daemon thread, so that a process that is told to end does."""
        self._thread = threading.Thread(target=self._run, name="pilotmatch-background", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way, and let another process have its turn."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._failed = False
            more = self._safely(self.work)
            self._failures = self._failures + 1 if self._failed else 0
            if self._failures or not more:
                self._stopping.wait(min(self._times.poll_seconds * 2 ** min(self._failures, 8), PAUSE_SECONDS))
        self._safely(self._watching.keep_all)
        self._safely(self._release)

    def _safely(self, step: Callable[[], bool]) -> bool:
        """Whether a step says that there is more to do; what fails is logged and tried again."""
        try:
            return step()
        except PilotMatchError as error:
            self._failed = True
            _log.error("后台任务暂停,稍后再试:%s", error)
        except Exception:  # the thread must outlive whatever a single row does to it
            self._failed = True
            _log.exception("background")
        return False

    def work(self) -> bool:
        """One round of everything that is due, if it is this process's turn; whether there is more to do now."""
        self._safely(self._watching.keep)
        if not self._has_turn():
            return False
        more = False
        # Each one runs whatever becomes of the others: a matcher that fails must not hold up the mail.
        telling = (self._move_clock, self._find, self._tell, self._send, self._feed)
        for step in (*telling, self._watching.look, self._tending.tend):
            if not self._stopping.is_set():
                more |= self._safely(step)
        return more

    def _has_turn(self) -> bool:
        now, lease = self._clock(), self._times.lease
        if self._held_until is not None and now < self._held_until - lease / 2:
            return True
        with self._database.reading() as session:
            free = cursors.is_free(session, TURN, self._holder, now)
        if free:
            with self._database.session() as session:
                free = cursors.hold(session, TURN, self._holder, now, lease)
        self._held_until = now + lease if free else None
        return free

    def _release(self) -> bool:
        with self._database.session() as session:
            cursors.release(session, TURN, self._holder)
        return False

    def _today(self) -> date:
        return day_of(self._clock())

    def _move_clock(self) -> bool:
        """Once a day: needs expire, listings fall due, their operators are reminded, and what is old is forgotten.

        All in one transaction with the mark of the day, so a crash repeats the day's work and no reminder is lost.
        """
        today, now = self._today(), self._clock()
        with self._database.reading() as session:
            seen = cursors.position(session, CLOCK)
        if seen is not None and seen >= today.toordinal():
            return False
        with self._database.session() as session:
            seen = cursors.begin(session, CLOCK, 0)
            if seen >= today.toordinal() or not cursors.advance(session, CLOCK, seen, today.toordinal()):
                return False
            outbox.forget(session, now - KEEP_SENT, now - KEEP_GIVEN_UP)
            forget_old_imports(session, now)
            forget_feedback(session, self._settings.feedback_days, now)
            forget_searches(session, now)
            changes = Changes()
            reminders = tick_listings(session, today, changes)
            remind(session, reminders, self._settings, now)
            tick_needs(session, today, changes)
            settle(session, today, now)
            changes.record(session)
        return False

    def _find(self) -> bool:
        more = self._fits is not None and find(self._database, self._fits, self._today()).more
        self._catching_up_since = (self._catching_up_since or self._clock()) if more else None
        return more

    def _tell(self) -> bool:
        # While changes keep coming their alerts are gathered, so that an import is one message, but not for ever.
        began = self._catching_up_since
        if began is not None and self._clock() < began + GATHER:
            return False
        self._catching_up_since = None
        tell(self._database, self._settings, self._seal, self._clock(), self._today())
        return False

    def _send(self) -> bool:
        return self._outbox.drain() > 0

    def _feed(self) -> bool:
        return self._followers.send() > 0


def start(database: Database, settings: Settings, fits: Fits | None, counters: Counters | None = None) -> Background:
    """The background work of this process, started; errors as for `Background`."""
    background = Background(database, settings, fits, counters=counters)
    background.start()
    return background
