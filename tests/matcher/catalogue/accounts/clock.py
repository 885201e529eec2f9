"""A clock that tests turn; the tables take their time from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from matcher.catalogue.tables import accounts, alerts, base


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def pass_by(self, **time: float) -> None:
        """Let time pass: `seconds=…`, `hours=…`."""
        self.now += timedelta(**time)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The present, which stands still until it is turned."""
    made = Clock()
    for module in (base, accounts, alerts):  # each has the name for its columns' defaults
        monkeypatch.setattr(module, "now", lambda: made.now)
    return made
