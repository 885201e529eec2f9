"""Answers for tests, and their places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import write
from matcher.feedback.impressions import Impression, Place, rounded
from matcher.feedback.interleaving import Team

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
_number = count(1)


def answer(
    listings: str = "abc", *, at: datetime = NOON, teams: Sequence[Team | None] = (), **fields: Any
) -> Impression:
    """An answer of listings of one letter each."""
    values = {
        "id": f"answer-{next(_number)}",
        "profile": "city",
        "version": "1",
        "topic": "biotech|-|volume",
        "coverage": "good",
        "took_ms": 20.0,
    }
    sides = teams or [None] * len(listings)
    places = tuple(Place(one, team=team) for one, team in zip(listings, sides, strict=True))
    return Impression(at=rounded(at), places=places, **(values | fields))


def put(database: Database, *answers: Impression) -> None:
    with database.session() as session:
        write(session, answers)
