"""Cursors move once, and one process at a time has its turn."""

from __future__ import annotations

import threading
from datetime import timedelta

from matcher.catalogue.alerts.cursors import advance, begin, hold, is_free, position, release
from matcher.catalogue.change_log import record_change
from matcher.catalogue.database import Database
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import NOW

LEASE = timedelta(seconds=30)


def test_it_begins_at_the_last_change_and_stays_where_it_is(database: Database) -> None:  # noqa: F811
    with database.session() as session:
        assert position(session, "x") is None
        record_change(session, "listing", "PF-1", "gone")
        assert begin(session, "x") == 1
        record_change(session, "listing", "PF-2", "gone")
        assert begin(session, "x") == 1
        assert begin(session, "y", 0) == 0
        assert (position(session, "x"), position(session, "y")) == (1, 0)


def test_it_moves_from_where_it_was_seen_only(database: Database) -> None:  # noqa: F811
    with database.session() as session:
        begin(session, "x", 0)
        assert advance(session, "x", 0, 5)
        assert not advance(session, "x", 0, 6)
        assert position(session, "x") == 5


def test_what_is_rolled_back_has_not_moved(database: Database) -> None:  # noqa: F811
    with database.session() as session:
        begin(session, "x", 0)
    with database.session() as session:
        advance(session, "x", 0, 5)
        session.rollback()
    with database.reading() as session:
        assert position(session, "x") == 0


def test_of_many_one_moves_it(database: Database) -> None:  # noqa: F811
    with database.session() as session:
        begin(session, "x", 0)
    won: list[bool] = []

    def work() -> None:
        with database.session() as session:
            won.append(advance(session, "x", 0, 1))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]


def test_a_turn_is_held_renewed_released_and_taken_over(database: Database) -> None:  # noqa: F811
    with database.session() as session:
        assert is_free(session, "x", "a", NOW)
        assert hold(session, "x", "a", NOW, LEASE)
        assert not is_free(session, "x", "b", NOW)
        assert not hold(session, "x", "b", NOW + LEASE / 2, LEASE)
        assert hold(session, "x", "a", NOW + LEASE / 2, LEASE)
        assert not hold(session, "x", "b", NOW + LEASE, LEASE)
        # Killed: nobody renews it.
        assert is_free(session, "x", "b", NOW + 2 * LEASE)
        assert hold(session, "x", "b", NOW + 2 * LEASE, LEASE)
        release(session, "x", "a")
        assert not is_free(session, "x", "a", NOW + 2 * LEASE)
        release(session, "x", "b")
        assert hold(session, "x", "a", NOW + 2 * LEASE, LEASE)
