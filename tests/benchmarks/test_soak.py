"""The soak: load that is what it says, failures that are counted, memory of all processes."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api.serving import bind
from matcher.catalogue.database import open_database
from matcher.catalogue.listings.published import published_by_ids
from matcher.settings import Settings
from tests.benchmarks import soak as soaking
from tests.benchmarks.load import Load, closed_loop, moments, open_loop, texts
from tests.benchmarks.soak import Beside, Soak, family, memory_mb, prepare, soak
from tests.matcher.small import LISTINGS


class Answers:
    """A service that answers after so many seconds, every third request with 503."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.count = seconds, 0
        self.inside = self.most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        self.count += 1
        status = 503 if self.count % 3 == 0 else 200
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(self.seconds)
        self.inside -= 1
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
def answers() -> Iterator[tuple[Answers, str]]:
    app = Answers(0.05)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    with bind("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield app, f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


class TestLoad:
    def test_a_closed_loop_has_so_many_clients(self, answers: tuple[Answers, str]) -> None:
        app, url = answers
        load = asyncio.run(closed_loop(url, texts(["发酵"]), clients=4, seconds=1.0))
        assert 1 < app.most <= 4
        assert len(load) == app.count
        assert load.failures == app.count // 3
        assert 4 <= len(load) <= 4 * 1.0 / 0.05 + 4

    def test_an_open_loop_does_not_wait_for_answers(self, answers: tuple[Answers, str]) -> None:
        app, url = answers
        app.seconds = 0.5
        load = asyncio.run(open_loop(url, texts(["发酵"]), a_second=30, seconds=1.0))
        assert len(load) == len(list(moments(30, 1.0))) == app.count
        assert app.most > 6
        assert min(load.seconds) >= 0.5
        assert load.beyond(0.4) == len(load)

    def test_a_service_that_is_gone_is_a_failure(self) -> None:
        with bind("127.0.0.1", 0) as free:
            port = free.getsockname()[1]
        load = asyncio.run(open_loop(f"http://127.0.0.1:{port}", texts(["发酵"]), a_second=20, seconds=0.3))
        assert load.failures == len(load) > 0
        assert set(load.statuses) == {0}

    def test_time_counts_from_when_a_request_was_due(self) -> None:
        load = Load([0.1, 0.2, 0.3, 4.0], Counter({200: 3, 503: 1}))
        assert load.failures == 1
        assert load.beyond(0.25) == 2
        assert load.percentile(50) == pytest.approx(250)

    def test_so_many_a_second_on_average(self) -> None:
        found = np.diff([0.0, *moments(50, 100)])
        assert 4800 < len(found) < 5200
        assert found.std() == pytest.approx(found.mean(), rel=0.1)  # what an exponential distribution has

    def test_no_need_is_asked_twice(self) -> None:
        first = list(itertools.islice(texts(["甲", "乙", "丙"]), 30))
        assert len(set(first)) == 30


class TestMemory:
    def test_of_a_process_and_those_it_started(self) -> None:
        before, own = memory_mb(os.getpid()), os.getpid()
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_hold, args=(50,))
        process.start()
        try:
            assert process.pid in family(own)
            until = time.monotonic() + 30
            while memory_mb(own) < before + 45:
                assert time.monotonic() < until
                time.sleep(0.1)
        finally:
            process.kill()
            process.join()
        assert process.pid not in family(own)

    def test_of_nobody(self) -> None:
        assert family(2**22 + 1) == []


def _hold(megabytes: int) -> None:
    held = np.ones(megabytes * 1024 * 1024, np.uint8)
    time.sleep(60)
    assert held[0]


def test_listings_come_and_go_beside_the_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soaking, "PUBLISH_SECONDS", 0.01)
    monkeypatch.setattr(soaking, "MEMORY_SECONDS", 0.05)
    monkeypatch.setattr(soaking, "TURNS", 2)
    database = open_database(Settings(_env_file=None, data=tmp_path))
    with Beside(database, LISTINGS[0], os.getpid()) as beside:
        until = time.monotonic() + 30
        while beside.published < 5 or not beside.memory:
            assert time.monotonic() < until
            time.sleep(0.02)
    ids = [f"SOAK-{number:06}" for number in range(beside.published)]
    with database.reading() as session:
        found = published_by_ids(session, ids)
    database.dispose()
    assert [id for id in ids if found[id] is not None] == ids[-2:]
    assert all(size > 10 for _, size in beside.memory)


def test_the_page_says_what_came_of_it() -> None:
    # A measurement alone may fall on the moment after memory was given back, or on a change.
    memory = [(5.0 * turn, 960.0 if turn % 6 == 0 else 1000.0 if turn < 40 else 1040.0) for turn in range(1, 60)]
    load = Load([0.1] * 99 + [11.0], Counter({200: 98, 503: 2}))
    found = Soak(798, 2, "fast", 20.0, 16.0, 5, 10.0, load, 150, memory)
    assert found.settled_mb == 1000
    assert found.growth == pytest.approx(0.04)
    page = found.page()
    for said in ("| failures | 2 |", "of 10 s | 1 |", "200: 98、503: 2", "1,000 MB, 1,040 MB", "+4.0%", "| 150 |"):
        assert said in page
    assert "| memory by minute, MB | 1,000、1,000、1,000、1,040、1,040 |" in page


def test_memory_of_a_run_with_one_measurement() -> None:
    found = Soak(798, 1, "fast", 20.0, 16.0, 0.2, 10.0, Load([0.1], Counter({200: 1})), 3, [(5.0, 700.0)])
    assert (found.settled_mb, found.final_mb, found.growth) == (700, 700, 0)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_short_soak_of_the_real_service(tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTMATCH_DATA", str(data_folder))
    prepare(tmp_path, None)
    monkeypatch.setattr(soaking, "WARM_UP_SECONDS", 2.0)
    found = soak(tmp_path, minutes=0.25, share=0.5, workers=2, profile="fast", capacity_seconds=4.0)
    assert found.load.failures == 0
    assert found.load.beyond(found.deadline) == 0
    assert found.published > 2
    assert found.capacity > 0
    assert found.settled_mb > 100
