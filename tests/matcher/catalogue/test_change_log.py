"""The change log: numbers in the order of commits, nothing skipped by a follower, nothing of what was rolled back."""

from __future__ import annotations

import random
import threading
import time

from matcher.catalogue.change_log import changes_after, last_change, record_change
from matcher.catalogue.database import Database


def test_changes_come_in_order_with_what_they_say(database: Database) -> None:
    with database.session() as session:
        assert last_change(session) == 0
        first = record_change(session, "listing", "PF-1", "shown", {"id": "PF-1", "name": "发酵平台"})
        second = record_change(session, "need", "N-1", "gone")
    with database.reading() as session:
        found = changes_after(session, 0)
        assert [(one.number, one.about, one.about_id, one.what) for one in found] == [
            (first, "listing", "PF-1", "shown"),
            (second, "need", "N-1", "gone"),
        ]
        assert found[0].content == {"id": "PF-1", "name": "发酵平台"}
        assert found[1].content is None
        assert last_change(session) == second == first + 1


def test_a_page_goes_on_where_the_last_one_ended(database: Database) -> None:
    with database.session() as session:
        for number in range(7):
            record_change(session, "listing" if number % 2 else "need", f"x{number}", "gone")
    with database.reading() as session:
        seen: list[str] = []
        after = 0
        while page := changes_after(session, after, limit=3):
            assert len(page) <= 3
            seen += [one.about_id for one in page]
            after = page[-1].number
        assert seen == [f"x{number}" for number in range(7)]
        assert [one.about_id for one in changes_after(session, 0, about="listing")] == ["x1", "x3", "x5"]


def test_what_is_rolled_back_leaves_no_number_behind(database: Database) -> None:
    with database.session() as session:
        record_change(session, "listing", "a", "shown", {})
        session.rollback()
    with database.session() as session:
        assert record_change(session, "listing", "b", "gone") == 1


def test_a_follower_never_skips_a_change_of_a_slower_writer(database: Database) -> None:
    """With a plain sequence, 7 may be committed before 6; whoever reads 7 and goes on from there has lost 6."""
    writers, each = 4, 12
    done = threading.Event()
    seen: list[int] = []

    def write(writer: int) -> None:
        chance = random.Random(writer)
        for number in range(each):
            with database.session() as session:
                record_change(session, "listing", f"{writer}-{number}", "shown", {})
                time.sleep(chance.random() * 0.005)

    def follow() -> None:
        after = 0
        while True:
            ended = done.is_set()
            with database.reading() as session:
                page = changes_after(session, after, limit=3)
            seen.extend(one.number for one in page)
            after = seen[-1] if seen else 0
            if ended and not page:
                return

    follower = threading.Thread(target=follow)
    follower.start()
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    follower.join()
    assert seen == list(range(1, writers * each + 1))
