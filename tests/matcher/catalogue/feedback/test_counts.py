"""Counts against a count by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.counts import (
    AnswerCounts,
    ListingCounts,
    answer_counts,
    daily,
    periods_of,
    shown_counts,
)
from matcher.catalogue.feedback.store import Event, add_events
from matcher.catalogue.profiles.drafts import create
from matcher.ranking.documents import Document
from tests.matcher.catalogue.feedback.answers import NOON, answer, put
from tests.matcher.small import PROFILE

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.fixture
def filled(database: Database) -> Database:
    """Yesterday a and b were shown, and a was opened; today a alone, opened, saved and enquired about."""
    yesterday, now = answer("ab", at=NOON - DAY), answer("a")
    put(database, yesterday, now)
    with database.session() as session:
        add_events(session, [Event(yesterday.id, "a", "opened")], NOON - DAY)
        acts = [Event(now.id, "a", "opened"), Event(now.id, "a", "saved"), Event(now.id, "a", "enquired")]
        add_events(session, acts, NOON)
    return database


def test_of_listings(filled: Database) -> None:
    with filled.reading() as session:
        assert shown_counts(session, ["a", "b", "c"]) == {
            "a": ListingCounts(shown=2, opened=2, saved=1, enquired=1),
            "b": ListingCounts(shown=1),
            "c": ListingCounts(),
        }
        assert shown_counts(session) == shown_counts(session, ["a", "b"])
        assert shown_counts(session, ["a"], TODAY) == {"a": ListingCounts(shown=1, opened=1, saved=1, enquired=1)}
        assert shown_counts(session, ["a"], until=TODAY) == {"a": ListingCounts(shown=1, opened=1)}
        assert shown_counts(session, []) == {}


def test_of_more_listings_than_one_statement_takes(filled: Database) -> None:
    with filled.reading() as session:
        found = shown_counts(session, [f"L{number}" for number in range(1200)] + ["a"])
    assert len(found) == 1201
    assert found["a"].shown == 2


def test_by_day_and_by_week_without_gaps(filled: Database) -> None:
    with filled.reading() as session:
        days = periods_of(session, "a", TODAY - 2 * DAY, TODAY + DAY)
        weeks = periods_of(session, "a", date(2026, 11, 9), TODAY + DAY, "week")
    assert [(day, counts.shown, counts.opened) for day, counts in days] == [
        (TODAY - 2 * DAY, 0, 0),
        (TODAY - DAY, 1, 1),
        (TODAY, 1, 1),
    ]
    assert [(start, counts.shown) for start, counts in weeks] == [(date(2026, 11, 9), 0), (date(2026, 11, 16), 2)]
    assert sum((counts.enquired for _, counts in weeks), 0) == 1


def test_a_week_that_has_begun_before_counts_from_the_day_asked_for(filled: Database) -> None:
    with filled.reading() as session:
        ((start, counts),) = periods_of(session, "a", TODAY, TODAY + DAY, "week")
    assert (start, counts.shown) == (date(2026, 11, 16), 1)


class TestAnswers:
    def test_shares_and_times(self, database: Database) -> None:
        put(
            database,
            *(answer(took_ms=float(number)) for number in range(1, 99)),
            answer("", coverage="none", took_ms=99.0),
            asked := answer(coverage="none", took_ms=100.0),
        )
        with database.session() as session:
            add_events(session, [Event(asked.id, "a", "enquired"), Event(asked.id, "b", "contracted")])
            found = answer_counts(session)
        assert (found.answers, found.empty, found.nothing_fits, found.enquired) == (100, 1, 2, 1)
        assert (found.empty_share, found.nothing_fits_share, found.enquiry_rate) == (0.01, 0.02, 0.01)
        assert found.p50 == pytest.approx(50.5)
        assert found.p95 == pytest.approx(95.05)

    def test_of_none(self, database: Database) -> None:
        with database.reading() as session:
            found = answer_counts(session)
            assert daily(session, NOON) == []
        assert found == AnswerCounts(0, 0, 0, 0, None, None)
        assert (found.empty_share, found.nothing_fits_share, found.enquiry_rate) == (0, 0, 0)

    def test_of_one_profile_and_of_a_time(self, database: Database) -> None:
        with database.session() as session:
            made = create(session, CONSOLE, "city", Document(PROFILE), "试一试")
        put(database, answer(), answer(version="9"), answer(at=NOON + DAY))
        with database.reading() as session:
            assert answer_counts(session, profile_id=made.id).answers == 2
            assert answer_counts(session, until=NOON + DAY, profile_id=made.id).answers == 1
            assert answer_counts(session, NOON + DAY).answers == 1

    def test_days_are_those_of_china(self, database: Database) -> None:
        evening = NOON.replace(hour=15, minute=55)  # five to midnight in China
        put(database, answer(at=evening), answer(at=evening + timedelta(minutes=5)), answer(at=evening))
        with database.reading() as session:
            found = daily(session, NOON)
        assert [(day, counts.answers) for day, counts in found] == [(TODAY, 2), (TODAY + DAY, 1)]
