"""Answers kept by key."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from matcher.catalogue.database import Database
from matcher.catalogue.idempotency import KEPT, StoredAnswer, claim, keep, release
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import IdempotencyRow
from matcher.errors import Conflict
from tests.databases import database as database

ANSWER = StoredAnswer(201, {"etag": '"1"'}, '{"名": "值"}')


def test_the_answer_is_kept_with_the_work(database: Database) -> None:
    with database.session() as session:
        assert claim(session, "user", "key", "hash") is None
        keep(session, "user", "key", ANSWER)
    with database.session() as session:
        assert claim(session, "user", "key", "hash") == ANSWER


def test_another_request_under_the_same_key_is_a_conflict(database: Database) -> None:
    with database.session() as session:
        claim(session, "user", "key", "hash")
        keep(session, "user", "key", ANSWER)
    with database.session() as session, pytest.raises(Conflict) as refused:
        claim(session, "user", "key", "other")
    assert refused.value.field == "Idempotency-Key"


def test_keys_are_their_owner_s(database: Database) -> None:
    with database.session() as session:
        claim(session, "user", "key", "hash")
        assert claim(session, "other", "key", "other") is None


def test_work_that_fails_leaves_the_key_free(database: Database) -> None:
    def work() -> None:
        with database.session() as session:
            claim(session, "user", "key", "hash")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    with database.session() as session:
        assert claim(session, "user", "key", "other") is None
        release(session, "user", "key")
        assert claim(session, "user", "key", "third") is None


def test_keys_are_forgotten_after_a_day(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.session() as session:
        claim(session, "user", "key", "hash")
    now = base.now()
    monkeypatch.setattr(base, "now", lambda: now + KEPT)
    with database.session() as session:
        assert claim(session, "user", "key", "other") is None
        assert len(session.scalars(select(IdempotencyRow)).all()) == 1


def test_of_many_at_once_one_does_the_work(database: Database) -> None:
    worked: list[int] = []
    answers: list[StoredAnswer | None] = []
    start = threading.Barrier(6)

    def request(number: int) -> None:
        start.wait()
        with database.session() as session:
            stored = claim(session, "user", "key", "hash")
            if stored is None:
                worked.append(number)
                keep(session, "user", "key", ANSWER)
        answers.append(stored)

    threads = [threading.Thread(target=request, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(worked) == 1
    assert answers.count(ANSWER) == 5
    assert answers.count(None) == 1
