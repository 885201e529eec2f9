"""Today: the date in China, wherever the host stands and however its clock is set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

#: China has one zone and no summer time since 1991, so a fixed offset is right and needs no zone data.
CHINA: Final = timezone(timedelta(hours=8))


def now() -> datetime:
    """The present moment, in UTC; what tests replace to stand on another day."""
    return datetime.now(UTC)


def today() -> date:
    """The present day."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The day in China that a moment, given with its zone, falls on."""
    return moment.astimezone(CHINA).date()
