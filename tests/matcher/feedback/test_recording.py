"""The recorder: nobody waits for it, nothing is written twice, and it outlives a database that is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest

from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import kept
from matcher.errors import Unavailable
from matcher.feedback import recording
from matcher.feedback.recording import Recorder
from tests.matcher.catalogue.feedback.answers import answer


def ids(database: Database) -> set[str]:
    with database.reading() as session:
        return {one.id for one in kept(session)}


def wait(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Away:
    """A database that is away until told otherwise."""

    def __init__(self, database: Database | None) -> None:
        self.database, self.is_away, self.tried = database, True, threading.Event()

    @contextmanager
    def session(self) -> Any:
        self.tried.set()
        if self.is_away or self.database is None:
            raise Unavailable("数据库不可用")
        with self.database.session() as session:
            yield session


def test_what_is_put_is_soon_written_and_the_thread_ends(database: Database) -> None:
    recorder = Recorder(lambda: database, gather_seconds=0.01)
    made = [answer() for _ in range(450)]
    for one in made:
        recorder.put(one)
    wait(lambda: recorder.written == 450)
    assert ids(database) == {one.id for one in made}
    wait(lambda: not any(one.name == "pilotmatch-feedback" for one in threading.enumerate()))
    recorder.put(last := answer())
    recorder.stop()
    assert last.id in ids(database)
    assert (recorder.written, recorder.dropped) == (451, 0)


def test_who_speaks_of_an_answer_at_once_finds_it(database: Database) -> None:
    recorder = Recorder(lambda: database, gather_seconds=60)
    recorder.put(one := answer())
    recorder.flush(["answer-of-somebody-else"])
    assert ids(database) == set()
    recorder.flush([one.id])
    assert ids(database) == {one.id}
    recorder.stop()
    assert recorder.written == 1


def test_stopping_writes_what_waits_and_takes_no_more(database: Database) -> None:
    recorder = Recorder(lambda: database, gather_seconds=60)
    recorder.put(one := answer())
    recorder.stop()
    recorder.put(answer())
    assert ids(database) == {one.id}
    assert recorder.dropped == 1


def test_a_full_buffer_drops_and_counts_and_never_waits() -> None:
    away = Away(None)
    recorder = Recorder(lambda: away, most=3, gather_seconds=60)  # type: ignore[arg-type, return-value]
    began = time.monotonic()
    for _ in range(10):
        recorder.put(answer())
    assert time.monotonic() - began < 1
    assert recorder.dropped == 7
    recorder.stop()
    assert recorder.written == 0


def test_a_database_that_is_away_for_a_while(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "PAUSE_SECONDS", 0.01)
    away = Away(database)
    recorder = Recorder(lambda: away, gather_seconds=0.01)  # type: ignore[arg-type, return-value]
    recorder.put(one := answer())
    assert away.tried.wait(10)
    assert recorder.written == 0
    away.is_away = False
    wait(lambda: recorder.written == 1)
    assert ids(database) == {one.id}
    recorder.stop()


def test_a_row_that_the_database_does_not_take_holds_nobody_up(database: Database) -> None:
    recorder = Recorder(lambda: database, gather_seconds=60)
    recorder.put(one := answer())
    recorder.flush()
    recorder.put(one)  # again: its id is taken
    recorder.flush()
    recorder.put(other := answer())
    recorder.flush()
    assert ids(database) == {one.id, other.id}
    assert (recorder.written, recorder.dropped) == (2, 1)
    recorder.stop()


def test_many_threads_at_once(database: Database) -> None:
    recorder = Recorder(lambda: database, gather_seconds=0.001)
    made = [[answer() for _ in range(50)] for _ in range(4)]

    def work(mine: list[Any]) -> None:
        for one in mine:
            recorder.put(one)
            recorder.flush([one.id])

    threads = [threading.Thread(target=work, args=(mine,)) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.stop()
    assert ids(database) == {one.id for mine in made for one in mine}
    assert (recorder.written, recorder.dropped) == (200, 0)
