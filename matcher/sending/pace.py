"""When: the next try after a failure, and the last digest before a moment."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import Final, Literal

from matcher.today import CHINA

Pace = Literal["at_once", "daily", "weekly"]
PACES: Final[tuple[Pace, ...]] = ("at_once", "daily", "weekly")
PACE_NAMES: Final[dict[Pace, str]] = {"at_once": "即时", "daily": "每日", "weekly": "每周"}

#: Ten seconds get over a restart of the other side; four hours are as often as a dead one need be asked.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=4)
#: With the waits above, some 38 hours: a receiver that fails on a working day's evening may be mended the day after.
TRIES = 20
#: Of the wait, either way: deliveries that failed together come back apart.
JITTER = 0.2
_MONDAY = 0


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row (≥ 1): doubling, with jitter, at most `LONGEST_WAIT` + 20 %."""
    factor: int = 1 << min(failures - 1, 16)  # beyond, the cap holds anyway, and powers would outgrow a timedelta
    wait = min(FIRST_WAIT * factor, LONGEST_WAIT)
    return wait * random.uniform(1 - JITTER, 1 + JITTER)


def last_digest(pace: Pace, now: datetime, at: str) -> datetime:
    """The last moment ≤ `now` at which this pace sends: alerts from before it are due. At once is always now.

    Args:
        now: with its zone. at: time of day in China, `HH:MM`; a weekly digest goes out on Mondays.
    """
    if pace == "at_once":
        return now
    local = now.astimezone(CHINA)
    moment = datetime.combine(local.date(), time.fromisoformat(at), CHINA)
    if pace == "weekly":
        moment -= timedelta(days=(local.weekday() - _MONDAY) % 7)
    if moment > local:
        moment -= timedelta(days=7 if pace == "weekly" else 1)
    return moment
