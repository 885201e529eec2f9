"""The door: who is inside is finished, others are told to come back, and the server ends when nobody is inside."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient

from api.app import create_app
from api.serving import bind
from api.serving_options import options
from api.stopping import Server
from matcher.settings import Settings
from tests.api.stand_in import CharacterMatcher
from tests.api.test_admission import NEED, Held


class TestClosed:
    @pytest.fixture
    def closed(self, stand_in: CharacterMatcher, tmp_path: Path) -> Iterator[TestClient]:
        app = create_app(Settings(_env_file=None, data=tmp_path), load=lambda: stand_in)
        with TestClient(app) as client:
            assert app.state.loading.wait(10)
            app.state.door.close()
            yield client

    @pytest.mark.parametrize("path", ["/health/ready", "/v1/listings", "/v1/nothing", "/openapi.json"])
    def test_programs_are_told_to_come_back(self, closed: TestClient, path: str) -> None:
        answer = closed.get(path)
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["connection"] == "close"

    def test_people_get_a_page(self, closed: TestClient) -> None:
        answer = closed.get("/")
        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/html")
        assert "稍后" in answer.text
        assert "retry-after" in answer.headers

    def test_the_process_is_still_alive(self, closed: TestClient) -> None:
        assert closed.get("/health/live").status_code == 200


def test_connections_end_while_others_are_less_busy(stand_in: CharacterMatcher, tmp_path: Path) -> None:
    app = create_app(Settings(_env_file=None, data=tmp_path), load=lambda: stand_in)
    with TestClient(app) as client:
        assert "connection" not in client.get("/health/live").headers
        app.state.door.shuns = lambda: True
        answer = client.get("/health/live")
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"


class Service:
    """A server in a thread, whose matches wait until they are let go."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.matcher = Held()
        self.app = create_app(Settings(_env_file=None, data=folder), load=lambda: self.matcher)
        self.server = Server(uvicorn.Config(self.app, **options(None)), self.app.state.door, seconds)
        self.listening = bind("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]})
        self.thread.start()
        assert self.app.state.loading.wait(10)

    def match(self) -> httpx2.Response:
        return httpx2.post(f"{self.url}/v1/matches", json=NEED, timeout=30)


def is_cut_off(begun: Future[httpx2.Response]) -> bool:
    try:
        return begun.result(20).status_code == 500
    except httpx2.TransportError:
        return True


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    one = Service(tmp_path, seconds=20)
    yield one
    one.matcher.go.set()
    one.server.should_exit = True
    one.thread.join(30)
    one.listening.close()
    assert not one.thread.is_alive()


class TestStopping:
    def test_what_has_begun_is_finished_and_others_are_refused(self, service: Service) -> None:
        with ThreadPoolExecutor(1) as pool:
            begun = pool.submit(service.match)
            assert service.matcher.begun.acquire(timeout=10)
            service.server.handle_exit(signal.SIGTERM, None)
            time.sleep(0.3)
            assert service.match().status_code == 503
            assert httpx2.get(f"{service.url}/health/live").status_code == 200
            assert service.thread.is_alive()
            service.matcher.go.set()
            assert begun.result(20).status_code == 200
        service.thread.join(20)
        assert not service.thread.is_alive()

    def test_with_nothing_inside_it_ends_at_once(self, service: Service) -> None:
        began = time.monotonic()
        service.server.handle_exit(signal.SIGTERM, None)
        service.thread.join(20)
        assert not service.thread.is_alive()
        assert time.monotonic() - began < 3

    def test_a_second_signal_ends_the_waiting(self, service: Service) -> None:
        with ThreadPoolExecutor(1) as pool:
            begun = pool.submit(service.match)
            assert service.matcher.begun.acquire(timeout=10)
            service.server.handle_exit(signal.SIGTERM, None)
            service.server.handle_exit(signal.SIGTERM, None)
            time.sleep(2.5)
            service.matcher.go.set()
            assert is_cut_off(begun)

    @pytest.mark.slow
    def test_retiring_takes_no_new_connections_and_finishes(self, service: Service) -> None:
        with httpx2.Client(base_url=service.url, timeout=30) as kept, ThreadPoolExecutor(1) as pool:
            assert kept.get("/health/ready").status_code == 200
            begun = pool.submit(service.match)
            assert service.matcher.begun.acquire(timeout=10)
            service.server.retire()
            time.sleep(0.3)
            last = kept.get("/health/ready")
            assert last.status_code == 200
            assert last.headers["connection"] == "close"
            time.sleep(1.2)
            assert service.thread.is_alive()
            service.matcher.go.set()
            assert begun.result(20).status_code == 200
        service.thread.join(20)
        assert not service.thread.is_alive()


@pytest.mark.slow
def test_a_request_that_hangs_keeps_it_no_longer_than_it_may(tmp_path: Path) -> None:
    one = Service(tmp_path, seconds=0.5)
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(one.match)
        assert one.matcher.begun.acquire(timeout=10)
        one.server.stop()
        time.sleep(2.5)
        one.matcher.go.set()
        assert is_cut_off(begun)
    one.thread.join(20)
    one.listening.close()
    assert not one.thread.is_alive()
