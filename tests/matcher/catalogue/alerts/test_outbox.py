"""The outbox: nothing is lost, nothing is tried twice at a time, and what is done with is forgotten."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.outbox import Delivery
from matcher.catalogue.database import Database
from matcher.catalogue.tables.alerts import OutboxRow
from matcher.errors import NotFound
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import NOW

LEASE = timedelta(minutes=1)


def put(database: Database, count: int = 1) -> list[str]:  # noqa: F811
    with database.session() as session:
        return [outbox.put(session, "email", f"{n}@b.cn", {"n": n}, NOW) for n in range(count)]


def claim(database: Database, after: timedelta = timedelta(), limit: int = 10) -> list[Delivery]:  # noqa: F811
    with database.session() as session:
        return list(outbox.claim(session, NOW + after, LEASE, limit))


def state(database: Database, key: str) -> tuple[str, int, str | None]:  # noqa: F811
    with database.reading() as session:
        row = session.get_one(OutboxRow, key)
        return row.state, row.attempts, row.last_error


def test_claimed_once_until_the_lease_ends(database: Database) -> None:  # noqa: F811
    (key,) = put(database)
    (taken,) = claim(database)
    assert taken == Delivery(key, "email", "0@b.cn", {"n": 0}, 1)
    assert claim(database) == []
    assert claim(database, LEASE - timedelta(seconds=1)) == []
    assert [one.attempt for one in claim(database, LEASE)] == [2]


def test_what_was_rolled_back_is_never_sent(database: Database) -> None:  # noqa: F811
    with database.session() as session:
        outbox.put(session, "email", "a@b.cn", {}, NOW)
        session.rollback()
    assert claim(database) == []


def test_longest_due_first_and_no_more_than_asked_for(database: Database) -> None:  # noqa: F811
    with database.session() as session:
        for minutes in (3, 1, 2, -5):
            outbox.put(session, "email", f"{minutes}", {}, NOW - timedelta(minutes=minutes))
    assert [one.target for one in claim(database, limit=2)] == ["3", "2"]
    assert [one.target for one in claim(database, limit=9)] == ["1"]


def test_sent_is_sent(database: Database) -> None:  # noqa: F811
    (key,) = put(database)
    (taken,) = claim(database)
    with database.session() as session:
        outbox.mark_sent(session, taken, NOW)
    assert state(database, key) == ("sent", 1, None)
    assert claim(database, timedelta(days=1)) == []


def test_failed_comes_back_at_its_time(database: Database) -> None:  # noqa: F811
    (key,) = put(database)
    (taken,) = claim(database)
    with database.session() as session:
        outbox.mark_failed(session, taken, "坏" * 1000, NOW + timedelta(hours=1))
    assert state(database, key) == ("waiting", 1, "坏" * outbox.ERROR_MAX)
    assert claim(database, timedelta(minutes=59)) == []
    assert [one.attempt for one in claim(database, timedelta(hours=1))] == [2]


def test_given_up_stays_until_somebody_tries_it_again(database: Database) -> None:  # noqa: F811
    (key,) = put(database)
    (taken,) = claim(database)
    with database.session() as session:
        outbox.mark_failed(session, taken, "坏", None)
    assert claim(database, timedelta(days=9)) == []
    with database.session() as session:
        again = outbox.retry(session, key, NOW)
    assert (again.state, again.attempts, again.last_error) == ("waiting", 0, "坏")
    assert [one.id for one in claim(database)] == [key]


def test_what_a_late_sender_says_changes_nothing_that_matters(database: Database) -> None:  # noqa: F811
    """Its lease ran out and another tries: a failure of the first must not end the second; a success is one."""
    (key,) = put(database)
    (first,) = claim(database)
    (second,) = claim(database, LEASE)
    with database.session() as session:
        outbox.mark_failed(session, first, "late", None)
    assert state(database, key)[0] == "waiting"
    with database.session() as session:
        outbox.mark_sent(session, first, NOW)
        outbox.mark_failed(session, second, "refused as a repeat", None)
    assert state(database, key)[0] == "sent"


@pytest.mark.parametrize("key", ["dl-x", "", "\x00", "x" * 500])
def test_what_is_not_there_can_t_be_tried_again(database: Database, key: str) -> None:  # noqa: F811
    with database.session() as session, pytest.raises(NotFound):
        outbox.retry(session, key, NOW)


def test_what_was_sent_can_t_either(database: Database) -> None:  # noqa: F811
    (key,) = put(database)
    (taken,) = claim(database)
    with database.session() as session:
        outbox.mark_sent(session, taken, NOW)
    with database.session() as session, pytest.raises(NotFound):
        outbox.retry(session, key, NOW)


def test_counts_and_how_late_it_is(database: Database) -> None:  # noqa: F811
    put(database, 3)
    taken = claim(database, limit=2)
    with database.session() as session:
        outbox.mark_sent(session, taken[0], NOW)
        outbox.mark_failed(session, taken[1], "坏", None)
    with database.reading() as session:
        found = outbox.counts(session, NOW + timedelta(seconds=90))
        assert (found.waiting, found.sent, found.given_up, found.late_seconds) == (1, 1, 1, 90.0)
        total, rows = outbox.page(session, "given_up", 1, 10)
        assert (total, [row.id for row in rows]) == (1, [taken[1].id])
        assert not hasattr(rows[0], "payload")
        assert outbox.counts(session, NOW - timedelta(1)).late_seconds == 0


def test_old_ones_are_forgotten_by_what_became_of_them(database: Database) -> None:  # noqa: F811
    put(database, 3)
    taken = claim(database, limit=2)
    with database.session() as session:
        outbox.mark_sent(session, taken[0], NOW)
        outbox.mark_failed(session, taken[1], "坏", None)
    later = NOW + timedelta(days=1)
    with database.session() as session:
        assert outbox.forget(session, NOW, NOW) == 0
        assert outbox.forget(session, later, NOW) == 1
        assert outbox.forget(session, later, later) == 1
        assert outbox.counts(session, NOW).waiting == 1


def test_many_senders_at_once_take_each_one_once(database: Database) -> None:  # noqa: F811
    keys = put(database, 40)
    taken: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        while batch := claim(database, limit=3):
            with lock:
                taken.extend(one.id for one in batch)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A thread that found every row locked by others may have left early, but nothing is left over and none came twice.
    taken += [one.id for one in claim(database, limit=100)]
    assert sorted(taken) == sorted(keys)
    with database.reading() as session:
        assert set(session.scalars(select(OutboxRow.attempts))) == {1}
