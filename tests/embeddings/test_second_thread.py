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


@given(st.lists(st.integers(), max_size=40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_each_part_is_done_once(parts: list[int], shared: bool) -> None:
    done: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_thread, "WORTH_SHARING", 0.0 if shared else second_thread.WORTH_SHARING)
        do_parts(done.append, parts)
    assert sorted(done) == sorted(parts)


@pytest.fixture
def shares_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_thread, "WORTH_SHARING", 0.0)


@pytest.mark.usefixtures("shares_all")
def test_two_threads_work_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(second_thread, "_helper", lambda: pool)
        meeting = threading.Barrier(2, timeout=20)  # after the first parts each waits for the other's

        def work(part: int) -> None:
            if part in (2, 3):
                meeting.wait()

        do_parts(work, range(6))


def test_much_work_is_shared_and_little_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(second_thread, "_helper", lambda: pool)
        threads: set[int] = set()

        def slow(part: int) -> None:
            threads.add(threading.get_ident())
            time.sleep(0.02)

        do_parts(slow, range(6))
        assert len(threads) == 2
    # A pool that is shut takes no work: it is not asked for what the first parts show to be little.
    done: list[int] = []
    do_parts(done.append, range(3))
    assert done == [0, 1, 2]


@pytest.mark.usefixtures("shares_all")
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


@pytest.mark.usefixtures("shares_all")
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
