"""One day for all: China's, whatever zone the host keeps."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from matcher import today as days
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.store import perform
from matcher.today import day_of, today
from tests.databases import database  # noqa: F401  # a fixture
from tests.matcher.small import LISTINGS

ROOT = Path(__file__).parents[2]
#: The host's day, or that of UTC, where the day in China was wanted.
OTHER_DAYS = re.compile(r"date\.today\(|now\([^)]*\)\.date\(\)|localtime|utcnow")


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> Iterator[date]:
    """28 February in London and 1 March in China, on a host in Los Angeles."""
    monkeypatch.setattr(days, "now", lambda: datetime(2026, 2, 28, 16, 30, tzinfo=UTC))
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    yield date(2026, 3, 1)
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("hour", "minute", "day"), [(15, 59, 28), (16, 0, 1)])
def test_the_day_begins_at_midnight_in_china(hour: int, minute: int, day: int) -> None:
    assert day_of(datetime(2026, 2, 28, hour, minute, tzinfo=UTC)).day == day


def test_the_host_s_zone_is_of_no_matter(evening: date) -> None:
    assert today() == evening


def test_the_present_moment_has_a_zone() -> None:
    assert day_of(days.now()) == today()


def test_nothing_asks_for_another_day() -> None:
    sources = [path for folder in ("matcher", "api") for path in sorted((ROOT / folder).rglob("*.py"))]
    assert [path.name for path in sources if OTHER_DAYS.search(path.read_text(encoding="utf-8"))] == []


def test_a_listing_is_verified_on_that_day(evening: date, database: Database) -> None:  # noqa: F811
    with database.session() as session:
        put_many(session, [LISTINGS[0]], CONSOLE)
        stored = perform(session, CONSOLE, LISTINGS[0].id, "verify")
    assert stored.listing.verified_on == evening.isoformat()
