"""Two published profiles, and answers by them that are counted when one likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import Publication, publish
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.flushing import flush
from matcher.ranking.documents import Document
from matcher.records import Coverage, Listing, Match, Matches, Need
from tests.matcher.small import LISTINGS, PROFILE

#: The middle of a month, in the middle of a day in China.
NOON = datetime(2026, 11, 15, 4, 0, 30, tzinfo=UTC)


class Clock:
    """A clock that stands still."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Running:
    """The real clock, put forward or back: publications are stored by it."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


def answer(
    version: str = "1", *, name: str = "city", listings: Sequence[Listing] = LISTINGS[:1], coverage: Coverage = "good"
) -> Matches:
    """What a match gives."""
    matches = tuple(Match(rank, 1.0, "possible", one) for rank, one in enumerate(listings, 1))
    return Matches(Need("发酵"), (), matches, (), coverage, (), name, version)


class Scene:
    """A database with a profile `city`, whose versions are published one after another."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Running()
        self.counters = Counters(self.clock)

    def publish(self, late: float) -> tuple[StoredProfile, Publication]:
        """The next version, published."""
        document = Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}))
        with self.database.session() as session:
            stored = create(session, CONSOLE, "city", document, "试一试")
            return stored, publish(session, CONSOLE, stored.id, "上线")

    def answers(self, count: int, version: str, *, ms: float = 10, coverage: Coverage = "good", empty: int = 0) -> None:
        """So many answers, `empty` of them without a match, in the database."""
        for number in range(count):
            listings = () if number < empty else LISTINGS[:2]
            self.counters.answered(answer(version, listings=listings, coverage=coverage), ms)
        flush(self.database, self.counters)
