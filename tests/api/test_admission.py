"""So many matches at once, so many in line, nobody for ever; and whatever does not match is not held up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.admission import WAITING_EACH, WAITING_MOST, Admission, Busy
from api.app import create_app
from embeddings.encoded import available_cores
from matcher.records import Matches, Need
from matcher.settings import Settings
from tests.api.stand_in import CharacterMatcher

NEED = {"text": "发酵中试放大"}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(check: Callable[[Admission, Clock], Any], at_once: int = 1, queue: int = 2, deadline: float = 5.0) -> Any:
    async def within() -> Any:
        clock = Clock()
        return await check(Admission(at_once, queue, deadline, clock), clock)

    return asyncio.run(within())


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class TestLine:
    def test_in_the_order_in_which_they_came(self) -> None:
        async def check(admission: Admission, clock: Clock) -> list[int]:
            came: list[int] = []

            async def one(number: int) -> None:
                await admission.enter(clock())
                came.append(number)
                await asyncio.sleep(0)
                admission.leave()

            await asyncio.gather(*(one(number) for number in range(8)))
            return came

        assert run(check, at_once=2, queue=6) == list(range(8))

    def test_never_more_at_once(self) -> None:
        async def check(admission: Admission, clock: Clock) -> int:
            inside = most = 0

            async def one() -> None:
                nonlocal inside, most
                await admission.enter(clock())
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.001)
                inside -= 1
                admission.leave()

            await asyncio.gather(*(one() for _ in range(20)))
            return most

        assert run(check, at_once=3, queue=20) == 3

    def test_a_full_line_refuses_at_once(self) -> None:
        async def check(admission: Admission, clock: Clock) -> None:
            await admission.enter(clock())
            waiting = [asyncio.ensure_future(admission.enter(clock())) for _ in range(2)]
            await settled()
            assert admission.waiting == 2
            with pytest.raises(Busy) as caught:
                await admission.enter(clock())
            assert caught.value.retry_seconds >= 1
            for _ in waiting:
                admission.leave()
            await asyncio.gather(*waiting)

        run(check)

    def test_a_line_of_none(self) -> None:
        async def check(admission: Admission, clock: Clock) -> None:
            await admission.enter(clock())
            with pytest.raises(Busy):
                await admission.enter(clock())
            admission.leave()
            await admission.enter(clock())

        run(check, queue=0)

    def test_who_waited_too_long_is_refused_and_leaves_the_line(self) -> None:
        async def check(admission: Admission, clock: Clock) -> None:
            await admission.enter(clock())
            with pytest.raises(Busy):
                await admission.enter(clock())
            assert admission.waiting == 0
            admission.leave()
            await admission.enter(clock())

        run(check, deadline=0.02)

    def test_a_turn_that_comes_after_the_deadline_is_the_next_ones(self) -> None:
        async def check(admission: Admission, clock: Clock) -> None:
            await admission.enter(clock())
            late = asyncio.ensure_future(admission.enter(clock()))
            await settled()
            clock.now += 6
            in_time = asyncio.ensure_future(admission.enter(clock()))
            await settled()
            admission.leave()
            with pytest.raises(Busy):
                await late
            await asyncio.wait_for(in_time, 1)

        run(check)

    def test_the_time_before_it_came_to_the_line_counts(self) -> None:
        async def check(admission: Admission, clock: Clock) -> None:
            await admission.enter(clock())
            began = time.monotonic()
            with pytest.raises(Busy):
                await admission.enter(clock() - 4.99)
            assert time.monotonic() - began < 2

        run(check)

    @pytest.mark.parametrize("has_turn", [False, True])
    def test_whoever_goes_away_keeps_no_place(self, has_turn: bool) -> None:
        async def check(admission: Admission, clock: Clock) -> None:
            await admission.enter(clock())
            gone = asyncio.ensure_future(admission.enter(clock()))
            await settled()
            if has_turn:
                admission.leave()
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
            if not has_turn:
                admission.leave()
            await asyncio.wait_for(admission.enter(clock()), 1)

        run(check)


def test_on_event_loops_of_several_threads_nobody_is_forgotten() -> None:
    admission = Admission(2, 100, 20.0)
    inside, most, lock = 0, 0, threading.Lock()

    async def one() -> None:
        nonlocal inside, most
        await admission.enter(time.monotonic())
        with lock:
            inside += 1
            most = max(most, inside)
        await asyncio.sleep(0.001)
        with lock:
            inside -= 1
        admission.leave()

    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(asyncio.run, one()) for _ in range(60)]:
            done.result(30)
    assert most == 2
    assert (admission._free, admission.waiting) == (2, 0)


class TestRoom:
    """How many may wait where nobody has set it: as many as are served in time."""

    @staticmethod
    def after(paces: list[float], waits: bool = True, deadline: float = 10.0, queue: int | None = None) -> int:
        """The room after turns that each took so many seconds, while others waited or not."""

        async def check(admission: Admission, clock: Clock) -> int:
            await admission.enter(clock())
            waiting = [asyncio.ensure_future(admission.enter(clock())) for _ in range(len(paces) + 1 if waits else 0)]
            await settled()
            admission.leave()
            for took in paces:
                clock.now += took
                if not waits:
                    await admission.enter(clock())
                admission.leave()
            for _ in waiting:
                await settled()
            found = admission.room
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            return found

        async def within() -> int:
            clock = Clock()
            return await check(Admission(1, queue, deadline, clock), clock)

        return asyncio.run(within())

    def test_as_many_as_move_through_in_good_time(self) -> None:
        assert self.after([0.1] * 20) == pytest.approx(0.7 * 10 / 0.1, abs=1)
        assert self.after([0.5] * 20) == pytest.approx(0.7 * 10 / 0.5, abs=1)

    def test_the_pace_of_late_counts(self) -> None:
        assert 0.7 * 10 / 0.5 < self.after([0.1] * 10 + [0.5] * 10) < 0.7 * 10 / 0.1

    def test_bounded_and_never_none(self) -> None:
        assert self.after([0.0] * 5) == WAITING_MOST
        assert self.after([60.0] * 5, deadline=100.0) == 1

    def test_a_time_in_which_nobody_waited_tells_nothing(self) -> None:
        assert self.after([30.0] * 5, waits=False) == WAITING_EACH

    def test_what_is_set_stays(self) -> None:
        assert self.after([0.1] * 10, queue=20) == 20


def test_by_default_as_many_as_cores_and_one_more() -> None:
    admission = Admission.of(Settings(_env_file=None))
    assert admission._free == available_cores() + 1
    assert admission.room == WAITING_EACH * admission._free
    set_so = Admission.of(Settings(_env_file=None, at_once=3, queue=0, deadline=2.5))
    assert (set_so._free, set_so.room, set_so._deadline) == (3, 0, 2.5)


class Held(CharacterMatcher):
    """A matcher whose matches wait until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)

    def match(self, need: Need, *, top: int) -> Matches:
        self.begun.release()
        assert self.go.wait(30)
        return super().match(need, top=top)


@contextmanager
def serving(folder: Path, matcher: CharacterMatcher, **settings: Any) -> Iterator[TestClient]:
    app = create_app(Settings(_env_file=None, data=folder, **settings), load=lambda: matcher)
    with TestClient(app) as client:
        assert app.state.loading.wait(10)
        yield client


class TestOverHttp:
    def test_beyond_the_line_503_with_a_time_to_come_back(self, tmp_path: Path) -> None:
        matcher = Held()
        with serving(tmp_path, matcher, at_once=1, queue=1) as client, ThreadPoolExecutor(2) as pool:
            first = pool.submit(client.post, "/v1/matches", json=NEED)
            assert matcher.begun.acquire(timeout=10)
            second = pool.submit(client.post, "/v1/matches", json=NEED)
            while not client.app.state.admission.waiting:  # type: ignore[attr-defined]  # of FastAPI
                time.sleep(0.01)
            refused = client.post("/v1/matches", json=NEED)
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "busy"
            assert "秒后再试" in refused.json()["error"]["hint"]
            assert int(refused.headers["retry-after"]) >= 1
            matcher.go.set()
            assert [one.result(20).status_code for one in (first, second)] == [200, 200]
            assert client.post("/v1/matches", json=NEED).status_code == 200

    def test_whoever_waited_beyond_the_deadline_is_refused_and_nothing_computed(self, tmp_path: Path) -> None:
        matcher = Held()
        with serving(tmp_path, matcher, at_once=1, deadline=0.3) as client, ThreadPoolExecutor(1) as pool:
            first = pool.submit(client.post, "/v1/matches", json=NEED)
            assert matcher.begun.acquire(timeout=10)
            refused = client.post("/v1/matches", json=NEED | {"top": 3})
            assert refused.status_code == 503
            matcher.go.set()
            assert first.result(20).status_code == 200
        assert len(matcher.needs) == 1

    def test_health_and_what_does_not_match_are_never_held_up(self, tmp_path: Path) -> None:
        matcher = Held()
        with serving(tmp_path, matcher, at_once=2, queue=100) as client, ThreadPoolExecutor(60) as pool:
            waiting = [pool.submit(client.post, "/v1/matches", json=NEED) for _ in range(60)]
            for _ in range(2):
                assert matcher.begun.acquire(timeout=10)
            for path in ("/health/live", "/health/ready", "/v1/listings", "/openapi.json"):
                began = time.monotonic()
                assert client.get(path).status_code == 200, path
                assert time.monotonic() - began < 5, path
            matcher.go.set()
            assert {one.result(60).status_code for one in waiting} == {200}

    def test_a_need_that_is_refused_gives_its_place_back(self, tmp_path: Path) -> None:
        with serving(tmp_path, CharacterMatcher(), at_once=1, queue=0) as client:
            for body in ({"text": 3}, {"text": ""}, {"nothing": 1}, NEED):
                answer = client.post("/v1/matches", json=body)
                assert answer.status_code == (200 if body is NEED else 422)
            assert client.post("/v1/matches", json=NEED).status_code == 200
