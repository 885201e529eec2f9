"""Every error has the one body, whoever raised it; and every domain error has a status."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.exceptions import HTTPException

from api.app import create_app
from api.errors import REFUSALS, STATUSES, ErrorBody, status_of
from matcher.errors import BrokenArtefact, Conflict, InvalidInput, NotFound, PilotMatchError, Unavailable
from matcher.settings import Settings
from tests.api.stand_in import CharacterMatcher

JSON = {"content-type": "application/json"}

RAISED: dict[str, tuple[Exception, int, str]] = {
    "invalid": (InvalidInput("不行", field="top", hint="改"), 422, "invalid_input"),
    "not-found": (NotFound("没有"), 404, "not_found"),
    "conflict": (Conflict("冲突"), 409, "conflict"),
    "broken": (BrokenArtefact("/srv/private 坏了"), 503, "unavailable"),
    "unavailable": (Unavailable("postgresql://u:p@h 连不上"), 503, "unavailable"),
    "base": (PilotMatchError("其他"), 500, "internal_error"),
    "bug": (KeyError("private need"), 500, "internal_error"),
    "recursion": (RecursionError("private need"), 500, "internal_error"),
    "teapot": (HTTPException(418), 500, "internal_error"),
    **{f"http-{status}": (HTTPException(status), status, REFUSALS[status][0]) for status in (401, 403, 404, 429, 503)},
}


def _raising(app: FastAPI, name: str, error: Exception) -> None:
    def endpoint() -> None:
        raise error

    app.add_api_route(f"/v1/raise/{name}", endpoint)


@pytest.fixture(scope="module")
def raising(stand_in: CharacterMatcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(Settings(_env_file=None, data=tmp_path_factory.mktemp("data")), load=lambda: stand_in)
    for name, (error, _, _) in RAISED.items():
        _raising(app, name, error)
    with TestClient(app) as client:
        assert app.state.loading.wait(10)
        yield client


def assert_one_body(response: Response, status: int, code: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"]
    body = response.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() <= {"code", "message", "field", "hint"}
    assert body["error"]["code"] == code
    ErrorBody.model_validate(body)
    assert any("\u4e00" <= character <= "\u9fff" for character in body["error"]["message"])


@pytest.mark.parametrize("name", RAISED)
def test_whatever_an_endpoint_raises(raising: TestClient, name: str) -> None:
    _, status, code = RAISED[name]
    response = raising.get(f"/v1/raise/{name}")
    assert_one_body(response, status, code)
    assert "private" not in response.text
    assert "postgresql" not in response.text


def test_a_domain_error_keeps_its_field_and_hint(raising: TestClient) -> None:
    error = raising.get("/v1/raise/invalid").json()["error"]
    assert error == {"code": "invalid_input", "message": "不行", "field": "top", "hint": "改"}


REQUESTS: dict[str, tuple[Callable[[TestClient], Response], int, str]] = {
    "no such address": (lambda c: c.get("/v1/nothing"), 404, "not_found"),
    "trailing slash": (lambda c: c.get("/v1/listings/PF-0001/"), 404, "not_found"),
    "no such listing": (lambda c: c.get("/v1/listings/X"), 404, "not_found"),
    "docs that would fetch from elsewhere": (lambda c: c.get("/v1/docs"), 404, "not_found"),
    "wrong method": (lambda c: c.get("/v1/matches"), 405, "method_not_allowed"),
    "wrong query": (lambda c: c.get("/v1/listings?page=0"), 422, "invalid_input"),
    "wrong field": (lambda c: c.post("/v1/matches", json={"text": "发酵", "top": 0}), 422, "invalid_input"),
    "no body": (lambda c: c.post("/v1/matches"), 422, "invalid_input"),
    "null": (lambda c: c.post("/v1/matches", content="null", headers=JSON), 422, "invalid_input"),
    "array": (lambda c: c.post("/v1/matches", json=[]), 422, "invalid_input"),
    "text": (lambda c: c.post("/v1/matches", json="发酵"), 422, "invalid_input"),
    "form": (lambda c: c.post("/v1/matches", data={"text": "发酵"}), 422, "invalid_input"),
    "no content type": (lambda c: c.post("/v1/matches", content=b'{"text": "x"}'), 422, "invalid_input"),
    "malformed JSON": (lambda c: c.post("/v1/matches", content=b'{"text": ', headers=JSON), 422, "invalid_input"),
    "not UTF-8": (
        lambda c: c.post("/v1/matches", content='{"text": "发酵"}'.encode("gb18030"), headers=JSON),
        422,
        "invalid_input",
    ),
    "deep nesting": (lambda c: c.post("/v1/matches", content=b"[" * 200_000, headers=JSON), 422, "invalid_input"),
    "endless digits": (
        lambda c: c.post("/v1/matches", content=b'{"top": ' + b"1" * 5000 + b"}", headers=JSON),
        422,
        "invalid_input",
    ),
    "lone surrogate in a value": (
        lambda c: c.post("/v1/matches", content=rb'{"text": "\ud800"}', headers=JSON),
        422,
        "invalid_input",
    ),
    "lone surrogate in a name": (
        lambda c: c.post("/v1/matches", content=rb'{"text": "x", "\ud800": 1}', headers=JSON),
        422,
        "invalid_input",
    ),
    "body too large": (
        lambda c: c.post("/v1/matches", content=b" " * 1_000_001, headers=JSON),
        413,
        "too_large",
    ),
    "body too large, in pieces": (
        lambda c: c.post("/v1/matches", content=(b" " * 100_000 for _ in range(11)), headers=JSON),
        413,
        "too_large",
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_whatever_is_refused_before_our_code(client: TestClient, name: str) -> None:
    ask, status, code = REQUESTS[name]
    assert_one_body(ask(client), status, code)


def test_a_wrong_method_says_which_is_allowed(client: TestClient) -> None:
    assert client.get("/v1/matches").headers["allow"] == "POST"


def test_a_body_within_the_limit_is_read(client: TestClient) -> None:
    content = b'{"text": "abc"}'.ljust(1_000_000)
    assert client.post("/v1/matches", content=content, headers=JSON).status_code == 200


def test_every_domain_error_has_a_status_and_every_status_its_words() -> None:
    def below(cls: type[PilotMatchError]) -> list[type[PilotMatchError]]:
        return [cls, *(one for sub in cls.__subclasses__() for one in below(sub))]

    for cls in below(PilotMatchError):
        status = status_of(cls("x"))
        assert 400 <= status < 600
        assert status < 500 or status in REFUSALS
    assert set(STATUSES) >= {InvalidInput, NotFound, Conflict, BrokenArtefact, Unavailable}


def test_a_subclass_has_the_status_of_its_base() -> None:
    class NoSuchListing(NotFound):
        pass

    assert status_of(NoSuchListing("x")) == 404
