"""Exposure by month: who was seen, how unequally, and that each month stands in the ledger exactly once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from matcher.catalogue import ledger
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many, retire_many
from matcher.catalogue.watching.counting import WHOLE, Counters
from matcher.catalogue.watching.exposure import Month, exposure, exposure_by, month_from, month_of
from matcher.catalogue.watching.flushing import flush
from matcher.catalogue.watching.months import (
    GRACE,
    MonthWritten,
    due_months,
    is_over,
    last_month,
    month_written,
    write_month,
)
from matcher.errors import Conflict, InvalidInput
from matcher.records import Listing
from tests.matcher.catalogue.watching.scene import NOON, Clock, answer
from tests.matcher.small import LISTINGS, SUPPLY

NOVEMBER = Month(2026, 11)
#: The first moment of December in China at which November goes into the ledger.
OVER = datetime(2026, 11, 30, 16, 0, tzinfo=UTC) + GRACE


def show(database: Database, listings: Iterable[Listing], moment: datetime = NOON) -> None:
    """One answer with these, in this order."""
    counters = Counters(Clock(moment))
    counters.answered(answer(listings=tuple(listings)), 1.0)
    flush(database, counters)


def write(database: Database, month: Month = NOVEMBER, now: datetime = OVER) -> MonthWritten:
    with database.session() as session:
        return write_month(session, month, now)


class TestMonth:
    @pytest.mark.parametrize(("text", "following"), [("2026-11", "2026-12"), ("2026-12", "2027-01")])
    def test_read_and_the_next(self, text: str, following: str) -> None:
        month = month_from(text)
        assert (str(month), str(month.following)) == (text, following)
        assert month.following.first - timedelta(days=1) >= month.first
        assert month_of(month.first) == month

    @pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "2026-1", "11-2026", "2026-11-01", "1999-01"])
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            month_from(text)
        assert caught.value.field == "month"

    @pytest.mark.parametrize(("after", "over"), [(-1, False), (0, True), (86_400, True)])
    def test_it_is_over_some_minutes_after_midnight_in_china(self, after: int, over: bool) -> None:
        assert is_over(NOVEMBER, OVER + timedelta(seconds=after)) is over


class TestExposure:
    def test_by_operator_and_region(self, database: Database) -> None:
        with database.session() as session:
            put_many(session, LISTINGS, CONSOLE)
        show(database, LISTINGS[:2])
        show(database, [LISTINGS[1], LISTINGS[0], LISTINGS[3]])
        with database.reading() as session:
            found = exposure(session, NOVEMBER)
        first, second, third = found.operators[:3]
        assert (first.name, first.exposure, first.shown, first.listings) == ("太湖发酵工程中心", 1_630_930, 2, 1)
        assert (second.name, second.exposure) == ("珠江生物有限公司", 1_630_930)
        assert (third.name, third.exposure) == ("东莞新材料中试平台", 500_000)
        assert len(found.operators) == len(SUPPLY), "those never seen, and no cases or policies"
        regions = {one.name: (one.exposure, one.listings) for one in found.regions}
        assert regions["广东"] == (2_130_930, 4)
        assert regions["江苏"] == (1_630_930, 2)
        assert regions["未注明"] == (0, 1)
        assert found.total == sum(one.exposure for one in found.regions) == 3_761_860

    def test_what_is_public_of_it(self, database: Database) -> None:
        with database.session() as session:
            put_many(session, LISTINGS[:4], CONSOLE)
        show(database, LISTINGS[:1])
        with database.reading() as session:
            told = exposure(session, NOVEMBER).figures()
        table = '[["珠江生物有限公司","广东",1000000]]'
        assert told == {
            "exposure": 1.0,
            "operators": 4,
            "operators_seen": 1,
            "gini": 0.75,
            "top_ten_share": 1.0,
            "regions": {"广东": 1.0},
            "table_hash": hashlib.sha256(table.encode()).hexdigest(),
        }

    def test_by_a_profile_in_some_days(self, database: Database) -> None:
        for version, moment in (("1", NOON), ("2", NOON), ("1", NOON + timedelta(days=1))):
            counters = Counters(Clock(moment))
            counters.answered(answer(version, listings=LISTINGS[:1]), 1.0)
            flush(database, counters)
        day, next_day = date(2026, 11, 15), date(2026, 11, 16)
        with database.reading() as session:
            totals = [
                exposure_by(session, ("city", version), first, last).total
                for version, first, last in (
                    ("1", day, next_day), ("1", day, day), ("2", day, next_day), ("2", next_day, next_day),
                )
            ]  # fmt: skip
            assert totals == [2 * WHOLE, WHOLE, WHOLE, 0]
            assert exposure(session, NOVEMBER).total == 3 * WHOLE

    def test_only_the_month_counts(self, database: Database) -> None:
        for moment in (NOON, NOON - timedelta(days=30), NOON + timedelta(days=30)):
            show(database, LISTINGS[:1], moment)
        with database.reading() as session:
            assert exposure(session, NOVEMBER).total == WHOLE

    def test_an_operator_whose_listings_are_gone_was_seen_all_the_same(self, database: Database) -> None:
        with database.session() as session:
            put_many(session, LISTINGS[:2], CONSOLE)
        show(database, LISTINGS[:1])
        with database.session() as session:
            retire_many(session, [LISTINGS[0].id], CONSOLE)
        with database.reading() as session:
            shares = exposure(session, NOVEMBER).operators
        assert [(one.exposure > 0, one.listings) for one in shares] == [(True, 0), (False, 1)]

    def test_nothing_was_shown(self, database: Database) -> None:
        with database.reading() as session:
            told = exposure(session, NOVEMBER).figures()
        assert (told["exposure"], told["gini"], told["top_ten_share"], told["regions"]) == (0, None, None, {})

    def test_equal_exposure_is_equal(self, database: Database) -> None:
        for one in LISTINGS[:5]:
            show(database, [replace(one, operator=one.id)])
        with database.reading() as session:
            assert exposure(session, NOVEMBER).figures()["gini"] == 0


class TestLedger:
    def test_a_month_is_written_once(self, database: Database) -> None:
        show(database, LISTINGS[:2])
        written = write(database)
        assert write(database, now=OVER + timedelta(days=9)) == written
        with database.reading() as session:
            entries = list(ledger.entries(session))
            assert [(one.kind, one.content) for one in entries] == [("exposure", written.figures)]
            assert written.figures["month"] == "2026-11"
            assert written.number == entries[0].number
            assert month_written(session, NOVEMBER) == last_month(session) == written
            assert month_written(session, Month(2026, 10)) is None
            assert ledger.verify(entries) == 1

    def test_processes_that_write_it_at_once_write_it_once(self, database: Database) -> None:
        show(database, LISTINGS[:2])
        found: list[MonthWritten] = []
        threads = [threading.Thread(target=lambda: found.append(write(database))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert found == found[:1] * 4
        with database.reading() as session:
            assert ledger.verify(ledger.entries(session)) == 1

    def test_one_that_is_not_over_is_refused(self, database: Database) -> None:
        show(database, LISTINGS[:2])
        with pytest.raises(Conflict):
            write(database, now=OVER - timedelta(seconds=1))
        with database.reading() as session:
            assert last_month(session) is None

    def test_which_are_due(self, database: Database) -> None:
        with database.reading() as session:
            assert due_months(session, OVER) == []
        for month in (9, 11, 12):
            show(database, LISTINGS[:1], datetime(2026, month, 10, tzinfo=UTC))
        with database.reading() as session:
            assert [str(one) for one in due_months(session, OVER)] == ["2026-09", "2026-11"]
            assert [str(one) for one in due_months(session, OVER - timedelta(seconds=1))] == ["2026-09"]
        write(database, Month(2026, 9))
        with database.reading() as session:
            assert [str(one) for one in due_months(session, OVER)] == ["2026-11"]
            last = last_month(session)
            assert last is not None
            assert last.month.first == date(2026, 9, 1)
