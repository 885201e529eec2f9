"""Counts in the database: of several processes they add up, what fails is not lost, and what is old grows coarse."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from matcher.catalogue.database import Database
from matcher.catalogue.tables.watching import AnswerCountRow, ExposureRow
from matcher.catalogue.watching.counting import WHOLE, Counters, minute_of
from matcher.catalogue.watching.exposure import Month
from matcher.catalogue.watching.figures import Figures, figures
from matcher.catalogue.watching.flushing import KEEP, KEEP_MINUTES, flush, settle
from matcher.catalogue.watching.months import write_month
from matcher.errors import Unavailable
from tests.matcher.catalogue.watching.scene import NOON, Clock, answer

RANKING = ("city", "1")
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def all_figures(database: Database) -> Figures:
    with database.reading() as session:
        return figures(session, RANKING, *ALWAYS)


def count_of(counters: Counters, answers: int = 1, ms: float = 10) -> None:
    for _ in range(answers):
        counters.answered(answer(), ms)


def test_counts_of_two_processes_add_up(database: Database) -> None:
    for _ in range(2):
        counters = Counters(Clock())
        count_of(counters, 3)
        counters.failed(RANKING)
        assert flush(database, counters)
        assert not flush(database, counters), "nothing twice"
    found = all_figures(database)
    assert (found.answers, found.errors, found.requests) == (6, 2, 8)
    with database.reading() as session:
        assert session.execute(select(ExposureRow.exposure, ExposureRow.shown)).all() == [(6 * WHOLE, 6)]


def test_what_can_not_be_kept_is_kept_for_later(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    counters = Counters(Clock())
    count_of(counters, 2)

    def fail(*_: object) -> None:
        raise Unavailable("数据库正忙")

    with monkeypatch.context() as broken:
        broken.setattr("matcher.catalogue.watching.flushing.store", fail)
        with pytest.raises(Unavailable):
            flush(database, counters)
    assert all_figures(database).answers == 0
    count_of(counters)
    flush(database, counters)
    assert all_figures(database).answers == 3


def test_processes_that_write_at_once_lose_nothing(database: Database) -> None:
    def write(number: int) -> None:
        counters = Counters(Clock(NOON + timedelta(minutes=number % 2)))
        for _ in range(5):
            count_of(counters)
            flush(database, counters)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all_figures(database).answers == 20


class TestFigures:
    def test_of_a_time_and_a_profile(self, database: Database) -> None:
        for minutes in range(4):
            counters = Counters(Clock(NOON + timedelta(minutes=minutes)))
            count_of(counters, minutes + 1)
            counters.answered(answer("2"), 1.0)
            flush(database, counters)
        with database.reading() as session:
            found = figures(session, RANKING, NOON + timedelta(minutes=1), NOON + timedelta(minutes=2))
            assert found.answers == 2 + 3
            assert figures(session, ("city", "2"), *ALWAYS).answers == 4
            assert figures(session, ("town", "1"), *ALWAYS) == Figures(latency={})

    def test_shares_and_times(self, database: Database) -> None:
        counters = Counters(Clock())
        count_of(counters, 18, ms=10)
        counters.answered(answer(listings=(), coverage="none"), 500)
        counters.answered(answer(coverage="none"), 500)
        for _ in range(5):
            counters.failed(RANKING)
        counters.enquired(RANKING)
        flush(database, counters)
        told = all_figures(database).as_dict()
        assert told["p50_ms"] == pytest.approx(10, rel=0.1)
        assert told["p95_ms"] == pytest.approx(500, rel=0.1)
        shares = {name: told[name] for name in ("zero_share", "nothing_share", "errors_share", "enquiry_rate")}
        assert shares == {"zero_share": 0.05, "nothing_share": 0.1, "errors_share": 0.2, "enquiry_rate": 0.05}

    def test_of_nothing_nothing_is_said(self) -> None:
        told = Figures().as_dict()
        assert {name for name, value in told.items() if value is None} == {
            "zero_share", "nothing_share", "errors_share", "enquiry_rate", "p50_ms", "p95_ms",
        }  # fmt: skip


class TestTime:
    def test_old_minutes_become_hours_and_keep_their_sums(self, database: Database) -> None:
        for minutes in range(0, 180, 20):
            counters = Counters(Clock(NOON + timedelta(minutes=minutes)))
            count_of(counters, 1, ms=10 + minutes)
            flush(database, counters)
        before = all_figures(database)
        later = NOON + timedelta(hours=2) + KEEP_MINUTES
        for _ in range(2):
            with database.session() as session:
                settle(session, later.date(), later)
            assert all_figures(database) == before
        with database.reading() as session:
            minutes = session.scalars(select(AnswerCountRow.minute).where(AnswerCountRow.what == "answers")).all()
        hours = [minute for minute in minutes if minute % 60 == 0]
        assert sorted(minutes)[:2] == sorted(hours)[:2], "what is older"
        assert len(minutes) == 2 + 3

    def test_what_is_very_old_goes(self, database: Database) -> None:
        counters = Counters(Clock())
        count_of(counters)
        flush(database, counters)
        later = NOON + KEEP
        for after, rows in ((timedelta(hours=-1), 1), (timedelta(days=2), 0)):
            with database.session() as session:
                settle(session, (later + after).date(), later + after)
            with database.reading() as session:
                assert session.scalar(select(func.count()).select_from(ExposureRow)) == rows
            assert all_figures(database).answers == rows

    def test_exposure_of_a_month_in_the_ledger_comes_too_late(self, database: Database) -> None:
        early, late = Counters(Clock()), Counters(Clock())
        count_of(early)
        flush(database, early)
        with database.session() as session:
            write_month(session, Month(2026, 11), NOON + timedelta(days=30))
        count_of(late)
        late.answered(answer("2"), 1.0)
        flush(database, late)
        with database.reading() as session:
            assert session.scalars(select(ExposureRow.shown)).all() == [1]
            assert session.scalars(select(ExposureRow.day)).all() == [date(2026, 11, 15)]
        assert all_figures(database).answers == 2, "answers count whenever they come"


def test_minutes_are_those_of_utc() -> None:
    assert minute_of(datetime(1970, 1, 1, 1, 2, 59, tzinfo=UTC)) == 62
