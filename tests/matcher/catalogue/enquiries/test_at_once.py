"""Several at once: one enquiry about one thing, no more than a day may have, one answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from matcher.catalogue.database import Database, Session
from matcher.catalogue.enquiries import limits
from matcher.catalogue.enquiries.store import move_enquiry, write_message
from matcher.catalogue.tables.enquiries import EnquiryEntryRow, EnquiryRow
from matcher.errors import PilotMatchError
from tests.matcher.catalogue.enquiries.scene import (  # noqa: F401
    OPERATOR,
    OWNER,
    TODAY,
    database,
    keep,
    noon,
    peopled,
    scene,
    send,
)

THREADS = 6


def at_once(database: Database, *works: Callable[[Session], Any]) -> list[str]:  # noqa: F811
    """How each of these ended, each in a transaction of its own: the code of its error, or done."""

    def run(work: Callable[[Session], Any]) -> str:
        try:
            with database.session() as session:
                work(session)
        except PilotMatchError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(pool.map(run, works))


def count(database: Database, table: type[EnquiryRow] | type[EnquiryEntryRow]) -> int:  # noqa: F811
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_enquiry_is_sent_once(scene: Database) -> None:  # noqa: F811
    found = at_once(scene, *[lambda session: send(session)] * THREADS)
    assert found == ["conflict"] * (THREADS - 1) + ["done"]
    assert count(scene, EnquiryRow) == 1


def test_no_more_than_a_day_may_have(scene: Database, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(limits, "ENQUIRIES_A_DAY", 2)
    with scene.session() as session:
        needs = [keep(session).id for _ in range(THREADS)]
    works = [lambda session, one=one: send(session, need_id=one) for one in needs]
    assert at_once(scene, *works) == ["done"] * 2 + ["too_many_requests"] * (THREADS - 2)
    assert count(scene, EnquiryRow) == 2


def test_one_of_two_who_saw_the_same_version_is_told(scene: Database) -> None:  # noqa: F811
    with scene.session() as session:
        sent = send(session)
    works = [lambda session: move_enquiry(session, OPERATOR, sent.id, "answered", TODAY, version=1)] * THREADS
    found = at_once(scene, *works)
    assert found.count("done") == 1
    assert set(found) <= {"done", "conflict", "outdated"}


def test_no_message_is_lost(scene: Database) -> None:  # noqa: F811
    with scene.session() as session:
        sent = send(session)
    actors = [OWNER, OPERATOR] * (THREADS // 2)
    works = [lambda session, one=one: write_message(session, one, sent.id, "在", TODAY) for one in actors]
    assert at_once(scene, *works) == ["done"] * THREADS
    with scene.reading() as session:
        row = session.get_one(EnquiryRow, sent.id)
        assert (row.version, row.state) == (1 + THREADS, "answered")
    assert count(scene, EnquiryEntryRow) == 1 + THREADS
