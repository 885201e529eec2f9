"""The server as people start it, with the real matcher over the shipped catalogue, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings

from api.answers import MatchesAnswer
from api.errors import ErrorBody
from api.schemas import NEED_EXAMPLES
from api.serving import bind
from embeddings import Encoder
from tests.api.test_fuzz import bodies

#: A first start builds the encoder and encodes the catalogue.
START_SECONDS = 800
SERVE = """
import sys
from api.serving import serve
from matcher.settings import Settings
serve(Settings(), port=int(sys.argv[1]))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(START_SECONDS + 100)]


@pytest.fixture(scope="module")
def server(bundled: Encoder, data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    assert bundled.dimension  # built by now
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    # A database of its own, with the encoder and the vectors that are there already.
    for name in ("encoders", "encodings"):
        (data_folder / name).mkdir(exist_ok=True)
        (folder / name).symlink_to(data_folder / name)
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(port)],
            cwd=Path(__file__).parents[2],
            stderr=stderr,
            env=os.environ | {"PILOTMATCH_DATA": str(folder)},
        )
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            _wait_until_ready(client, process, log)
            yield client
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    said = log.read_text(encoding="utf-8")
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "酶制剂" not in said


def _wait_until_ready(client: httpx2.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(2 * START_SECONDS):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        with contextlib.suppress(httpx2.TransportError):
            if client.get("/health/ready").status_code == 200:
                return
        time.sleep(0.5)
    raise TimeoutError("the server did not become ready")


@pytest.mark.parametrize("example", NEED_EXAMPLES)
def test_every_example_is_matched(server: httpx2.Client, example: str) -> None:
    body = NEED_EXAMPLES[example]["value"]
    response = server.post("/v1/matches", json=body)
    answer = response.json()
    assert response.status_code == 200
    MatchesAnswer.model_validate(answer)
    assert len(answer["matches"]) == body.get("top", 10)
    assert answer["need"]["requirements"]


def test_a_hard_condition_removes_what_misses_it(server: httpx2.Client) -> None:
    need = {"text": "发酵中试放大,500 L以上发酵罐", "top": 100}
    free = server.post("/v1/matches", json=need).json()
    bound = server.post("/v1/matches", json=need | {"must": ["江苏"]}).json()
    assert {_outcome(match, "place") for match in bound["matches"]} <= {"meets", "unknown"}
    assert {match["listing"]["id"] for match in bound["matches"]} != {
        match["listing"]["id"] for match in free["matches"]
    }
    assert sum(bound["removed"].values()) > 0


def _outcome(match: dict[str, Any], kind: str) -> str:
    return next(str(fit["outcome"]) for fit in match["fits"] if fit["requirement"]["type"] == kind)


def test_a_longer_page_begins_with_the_shorter(server: httpx2.Client) -> None:
    short, long = (
        server.post("/v1/matches", json={"text": "MEMS 压力传感器流片,8英寸", "top": top}).json()["matches"]
        for top in (5, 50)
    )
    assert short == long[:5]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "发酵", "must": ["没有这种条件"]}, "must[0]"),
        ({"text": "发酵", "certificates": ["没有这种证书"]}, "certificates[0]"),
        ({"text": "发酵", "places": ["没有这个地方"]}, "places[0]"),
    ],
)
def test_names_that_no_table_holds(server: httpx2.Client, body: dict[str, Any], field: str) -> None:
    response = server.post("/v1/matches", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["field"] == field


def test_any_plausible_body(server: httpx2.Client) -> None:
    @given(bodies)
    @settings(max_examples=60, deadline=None)
    def ask(body: dict[str, Any]) -> None:
        headers = {"content-type": "application/json"}
        response = server.post("/v1/matches", content=json.dumps(body).encode(), headers=headers)
        assert response.status_code in (200, 422), body
        (MatchesAnswer if response.status_code == 200 else ErrorBody).model_validate_json(response.content)

    ask()
