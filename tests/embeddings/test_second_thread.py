"""Work that two threads share."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import second_thread
from embeddings.second_thread import do_parts


@given(st.lists(st.integers(), max_size=40))
@settings(max_examples=60, deadline=None)
def test_each_part_is_done_once(parts: list[int]) -> None:
    done: list[int] = []
    do_parts(done.append, parts)
    assert sorted(done) == sorted(parts)


def test_two_threads_work_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(second_thread, "_helper", lambda: pool)
        meeting = threading.Barrier(2, timeout=20)  # the first part of each waits for the other's

        def work(part: int) -> None:
            if part < 2:
                meeting.wait()

        do_parts(work, range(6))


def test_a_helper_that_is_busy_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = threading.Event()
    done: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(second_thread, "_helper", lambda: pool)
        other = pool.submit(busy.wait, 20)
        do_parts(done.append, range(5))
        assert not other.done()
        busy.set()
    assert done == list(range(5))


@pytest.mark.parametrize("failing", [0, 3, 9])
def test_what_fails_is_raised_after_the_helper_has_ended(failing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    running = 0

    def work(part: int) -> None:
        nonlocal running
        running += 1
        time.sleep(0.001)
        running -= 1
        if part == failing:
            raise ValueError(part)

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(second_thread, "_helper", lambda: pool)
        with pytest.raises(ValueError, match=str(failing)):
            do_parts(work, range(10))
        assert running == 0


def test_one_core_does_all_of_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_thread, "_helper", lambda: None)
    threads: set[int] = set()
    do_parts(lambda part: threads.add(threading.get_ident()), range(9))
    assert threads == {threading.get_ident()}
