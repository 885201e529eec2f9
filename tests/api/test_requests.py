"""Request ids, and an access log that holds no need."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from api.app import create_app
from api.requests import RequestLog
from matcher.records import Matches, Need
from matcher.settings import Settings
from tests.api.stand_in import CharacterMatcher

SECRET_NEED = "绝密配方放大"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def ours(log: pytest.LogCaptureFixture) -> Iterator[str]:
    return (record.getMessage() for record in log.records if record.name.startswith("pilotmatch"))


def test_each_request_has_an_id_of_its_own(client: TestClient) -> None:
    first, second = (client.get("/health/live").headers["x-request-id"] for _ in range(2))
    assert first != second


def test_the_id_of_a_proxy_is_kept(client: TestClient) -> None:
    response = client.get("/health/live", headers={"X-Request-ID": "proxy-1.a_B"})
    assert response.headers["x-request-id"] == "proxy-1.a_B"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\tb", "ä"])
def test_an_id_that_would_break_a_log_line_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/health/live", headers={b"X-Request-ID": given.encode("latin-1")})
    assert response.headers["x-request-id"] not in ("", given)


def test_one_line_a_request(client: TestClient, log: pytest.LogCaptureFixture) -> None:
    client.get("/v1/listings/PF-0001?x=1", headers={"X-Request-ID": "abc"})
    (line,) = ours(log)
    method, path, status, took, unit, request_id = line.split()
    assert (method, path, status, unit, request_id) == ("GET", "/v1/listings/PF-0001", "200", "ms", "abc")
    assert float(took) >= 0


def test_needs_are_not_logged(client: TestClient, log: pytest.LogCaptureFixture) -> None:
    client.post("/v1/matches", json={"text": SECRET_NEED})
    client.post("/v1/matches", json={"text": SECRET_NEED, "top": 0})
    client.post("/v1/matches", json={"text": "x", SECRET_NEED: 1})
    client.get("/v1/listings", params={"province": SECRET_NEED})
    lines = list(ours(log))
    assert len(lines) == 4
    assert SECRET_NEED not in "".join(lines)


def test_a_line_end_in_the_path_starts_no_new_line(client: TestClient, log: pytest.LogCaptureFixture) -> None:
    client.get("/v1/listings/a%0AGET%20/forged%20200")
    (line,) = ours(log)
    assert "\n" not in line
    assert "%0A" in line


class QuotingMatcher(CharacterMatcher):
    """Fails as code with a bug might: with the need in the message."""

    def match(self, need: Need, *, top: int) -> Matches:
        raise ValueError(need.text)


def test_a_bug_is_logged_with_its_place_but_without_the_need(log: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    app = create_app(Settings(_env_file=None, data=tmp_path), load=lambda: QuotingMatcher([]))
    with TestClient(app) as client:
        assert app.state.loading.wait(10)
        response = client.post("/v1/matches", json={"text": SECRET_NEED}, headers={"X-Request-ID": "abc"})
    said = "\n".join(ours(log))
    assert response.status_code == 500
    assert "abc: ValueError" in said
    assert "test_requests.py" in said
    assert SECRET_NEED not in said


def test_a_bug_after_the_answer_began_is_logged_and_not_answered_again(log: pytest.LogCaptureFixture) -> None:
    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise OSError(SECRET_NEED)

    with pytest.raises(OSError, match=SECRET_NEED):
        TestClient(RequestLog(half)).get("/")
    said = list(ours(log))
    assert len(said) == 2
    assert "OSError" in said[0]
    assert SECRET_NEED not in "".join(said)


def test_no_other_origin_is_let_in(client: TestClient) -> None:
    response = client.get("/v1/listings", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.headers["x-content-type-options"] == "nosniff"
