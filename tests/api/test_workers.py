"""Several processes: one that dies comes back, all are replaced without losing a request, stopping finishes work."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from api.serving import bind
from matcher.catalogue.database import open_database
from matcher.settings import Settings
from tests.api.small_server import ROOT, wait
from tests.api.small_workers import BROKEN, SLOW_SECONDS
from tests.databases import fresh_url
from tests.matcher.small import LISTINGS
from tests.matcher.test_following import Site

NEED = {"text": "500 L发酵罐中试放大", "top": 3}
SLOW = {"text": "发酵放大,慢慢来", "top": 3}
START_SECONDS = 120

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


class Running:
    """The processes of one service."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.folder, self.process, self.log = folder, process, log
        self.url = f"http://127.0.0.1:{port}"

    def workers(self) -> set[int]:
        """Ids of the processes that have been started from the main one and run uvicorn."""
        main = self.process.pid
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii").split()
            return {int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()}
        return set()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.said()
        with contextlib.suppress(httpx2.TransportError):
            return httpx2.get(f"{self.url}/health/ready").status_code == 200
        return False

    def ask(self, body: dict[str, object] = NEED) -> int:
        return httpx2.post(f"{self.url}/v1/matches", json=body, timeout=60).status_code

    def loaded(self) -> int:
        return self.said().count("匹配器已加载")


@contextlib.contextmanager
def running(folder: Path, count: int = 2) -> Iterator[Running]:
    url = fresh_url("sqlite", folder)
    database = open_database(Settings(_env_file=None, data=folder, database=url))
    Site(database, folder).put(*LISTINGS)
    database.dispose()
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    log = folder / "log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.small_workers", url, str(folder), str(port), str(count)],
            cwd=ROOT,
            stderr=stderr,
        )
    one = Running(folder, port, process, log)
    try:
        wait(one.is_ready, START_SECONDS)
        wait(lambda: one.loaded() >= count, START_SECONDS)
        yield one
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(40)
        left = one.workers()
        process.kill()
        process.wait()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert "Traceback" not in one.said(), one.said()


def lives(pid: int) -> bool:
    """Whether a process is there, and not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextlib.contextmanager
def asked_all_the_while(ask: Callable[[], int]) -> Iterator[list[int]]:
    """Statuses of requests that are sent one after the other meanwhile; a lost connection is 0."""
    statuses: list[int] = []
    done = threading.Event()

    def run() -> None:
        while not done.is_set():
            try:
                statuses.append(ask())
            except httpx2.TransportError:
                statuses.append(0)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        done.set()
        for thread in threads:
            thread.join(60)


def test_a_day_of_a_service(tmp_path: Path) -> None:
    """One start for all of it: a start takes seconds."""
    with running(tmp_path) as service:
        first = service.workers()
        assert len(first) == 2
        _one_that_is_killed_comes_back(service, first)
        _all_are_replaced_without_losing_a_request(service)
        _a_reload_that_fails_leaves_what_is_there(service)
        _stopping_finishes_what_has_begun(service)


def _one_that_is_killed_comes_back(service: Running, first: set[int]) -> None:
    killed = min(first)
    os.kill(killed, signal.SIGKILL)
    wait(lambda: len(service.workers() - {killed}) == 2, START_SECONDS)
    wait(lambda: service.loaded() == 3, START_SECONDS)
    assert {service.ask() for _ in range(6)} == {200}


def _all_are_replaced_without_losing_a_request(service: Running) -> None:
    before = service.workers()
    client = httpx2.Client(base_url=service.url, timeout=60)
    kept_alive = httpx2.Client(base_url=service.url, timeout=60)
    with (
        client,
        kept_alive,
        asked_all_the_while(lambda: service.ask()) as statuses,
        asked_all_the_while(lambda: kept_alive.post("/v1/matches", json=NEED).status_code) as others,
    ):
        service.process.send_signal(signal.SIGHUP)
        wait(lambda: len(service.workers() - before) == 2 and not service.workers() & before, START_SECONDS)
    assert set(statuses) == {200}
    assert set(others) == {200}
    assert len(statuses) > 2


def _a_reload_that_fails_leaves_what_is_there(service: Running) -> None:
    before = service.workers()
    (service.folder / BROKEN).touch()
    service.process.send_signal(signal.SIGHUP)
    wait(lambda: "其余的不再更换" in service.said(), START_SECONDS)
    (service.folder / BROKEN).unlink()
    assert service.workers() == before
    assert {service.ask() for _ in range(4)} == {200}


def _stopping_finishes_what_has_begun(service: Running) -> None:
    workers = service.workers()
    with ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(service.ask, SLOW) for _ in range(4)]
        time.sleep(SLOW_SECONDS / 2)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.4)
        late = httpx2.post(f"{service.url}/v1/matches", json=NEED, timeout=60)
        assert [one.result(60) for one in slow] == [200] * 4
    assert late.status_code == 503
    assert int(late.headers["retry-after"]) > 0
    assert service.process.wait(40) == 0
    assert not any(map(lives, workers))


def test_processes_whose_supervisor_is_killed_end_by_themselves(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        workers = service.workers()
        service.process.kill()
        service.process.wait()
        wait(lambda: not any(map(lives, workers)), 30)


def test_a_service_that_can_not_load_ends_with_an_error(tmp_path: Path) -> None:
    (tmp_path / BROKEN).touch()
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    url = fresh_url("sqlite", tmp_path)
    command = [sys.executable, "-m", "tests.api.small_workers", url, str(tmp_path), str(port), "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=START_SECONDS, check=False)
    assert done.returncode == 1
    assert "工作进程未能启动" in done.stderr.decode()
