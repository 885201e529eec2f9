"""A real server on a real port: the main journey, a large body, and what keeps it from starting."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from api import serving
from api.answers import MatchesAnswer
from api.app import create_app
from api.serving import bind, of_each, serve
from matcher.catalogue.database import Database
from matcher.errors import BrokenArtefact, InvalidInput, PilotMatchError, Unavailable
from matcher.following import Follower
from matcher.settings import Settings
from tests.api.stand_in import CharacterMatcher


@pytest.fixture(scope="module")
def url(stand_in: CharacterMatcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on a port that the system chose, stopped again at the end."""
    app = create_app(Settings(_env_file=None, data=tmp_path_factory.mktemp("data")), load=lambda: stand_in)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
    with bind("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        assert app.state.loading.wait(10)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
    assert not thread.is_alive()


class TestJourney:
    def test_from_ready_to_a_match_to_its_listing(self, url: str) -> None:
        with httpx2.Client(base_url=url) as client:
            assert client.get("/health/ready").json()["status"] == "ready"
            answer = client.post("/v1/matches", json={"text": "MEMS 压力传感器流片,8英寸", "top": 3}).json()
            MatchesAnswer.model_validate(answer)
            first = answer["matches"][0]["listing"]
            assert client.get(f"/v1/listings/{first['id']}").json() == first

    def test_the_server_does_not_name_itself(self, url: str) -> None:
        assert "server" not in httpx2.get(f"{url}/health/live").headers

    def test_a_large_body_is_refused_and_the_next_request_served(self, url: str) -> None:
        headers = {"content-type": "application/json"}
        with httpx2.Client(base_url=url) as client:
            assert client.post("/v1/matches", content=b" " * 3_000_000, headers=headers).status_code == 413
            assert client.get("/health/live").status_code == 200

    def test_many_at_once_get_the_same_answer(self, url: str) -> None:
        answers: list[Any] = []

        def ask() -> None:
            answer = httpx2.post(f"{url}/v1/matches", json={"text": "有GMP车间的发酵中试"}).json()
            answers.append(answer["matches"])

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(answers) == 8
        assert all(answer == answers[0] for answer in answers)


class TestRefusals:
    def test_a_taken_port(self) -> None:
        with bind("127.0.0.1", 0) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(Unavailable, match=f"端口 {port} 已被占用") as caught:
                serve(Settings(_env_file=None), port=port)
        assert caught.value.field == "port"
        assert "--port" in str(caught.value)

    def test_a_port_is_free_again_after_a_refusal(self) -> None:
        with bind("127.0.0.1", 0) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(Unavailable):
                bind("127.0.0.1", port)
        bind("127.0.0.1", port).close()

    @pytest.mark.parametrize(
        ("host", "port", "field"),
        [("127.0.0.1", -1, "port"), ("127.0.0.1", 65536, "port"), ("no such host", 0, "host"), ("a" * 300, 0, "host")],
    )
    def test_addresses_that_are_none(self, host: str, port: int, field: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            bind(host, port)
        assert caught.value.field == field

    def test_no_workers(self) -> None:
        with pytest.raises(InvalidInput):
            serve(Settings(_env_file=None), port=0, workers=0)

    def test_an_address_of_another_machine(self) -> None:
        with pytest.raises(Unavailable):
            bind("192.0.2.1", 0)

    def test_a_matcher_that_does_not_load_stops_the_server_with_its_error(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def broken(settings: Settings, database: Database) -> Follower:
            raise BrokenArtefact("vectors.npz 已损坏", hint="pilotmatch index --rebuild")

        monkeypatch.setattr("api.follow.follow", broken)
        monkeypatch.setattr(serving, "LOGGING", None)
        raised: list[PilotMatchError] = []

        def run() -> None:
            try:
                serve(Settings(_env_file=None, data=tmp_path), port=0)
            except PilotMatchError as error:
                raised.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(20)
        assert [type(error) for error in raised] == [BrokenArtefact]


def test_only_this_machine_is_let_in_by_default() -> None:
    with bind(serving.HOST, 0) as listening:
        assert listening.family == socket.AF_INET
        assert listening.getsockname()[0] == "127.0.0.1"


def test_processes_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "available_cores", lambda: 8)
    settings = Settings(_env_file=None)
    assert [of_each(settings, workers).at_once for workers in (1, 2, 3, 8)] == [9, 5, 3, 2]
    chosen = Settings(_env_file=None, at_once=7)
    assert of_each(chosen, 4) is chosen
    assert {one.name: one.source for one in of_each(settings, 2).origins()} == {
        one.name: one.source for one in settings.origins()
    }
