"""How long a need stands open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from matcher.errors import InvalidInput

#: A need that nobody has touched for half a year is rarely still looking; its requester can re-open it.
EXPIRES_AFTER: Final = timedelta(days=180)
EXPIRES_MAX: Final = timedelta(days=730)


def checked_expiry(day: date | None, today: date) -> date | None:
    """A last day as it was given. Raises InvalidInput (field `expires_on`): it has passed, or is years away."""
    if day is not None and not today <= day <= today + EXPIRES_MAX:
        message = f"截止日期应在 {today} 与 {today + EXPIRES_MAX} 之间"
        raise InvalidInput(message, hint="请填今天或以后的日期,两年以内", field="expires_on")
    return day
