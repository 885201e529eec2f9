"""Health before, during and after loading."""

from __future__ import annotations

import threading
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from api.loading import Answering
from matcher.errors import BrokenArtefact
from matcher.settings import Settings
from tests.api.stand_in import CharacterMatcher


def test_while_loading_the_process_lives_but_is_not_ready(stand_in: CharacterMatcher, tmp_path: Path) -> None:
    go_on = threading.Event()

    def slow() -> Answering:
        assert go_on.wait(10)
        return stand_in

    app = create_app(Settings(_env_file=None, data=tmp_path), load=slow)
    with TestClient(app) as client:
        assert client.get("/health/live").json() == {"status": "live"}
        for response in (
            client.get("/health/ready"),
            client.post("/v1/matches", json={"text": "发酵"}),
            client.get("/v1/listings"),
        ):
            assert response.status_code == 503
            assert response.json()["error"]["code"] == "unavailable"
            assert response.json()["error"]["message"] == "匹配器正在加载"
            assert int(response.headers["retry-after"]) > 0
        go_on.set()
        assert app.state.loading.wait(10)
        ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (
        200,
        {
            "status": "ready",
            "listings": len(stand_in.catalogue.listings),
            "waiting": 0,
            "profile": None,
            "complaint": None,
            "reencoding": None,
        },
    )


def test_a_failed_load_is_told_to_its_owner_and_stays_503(tmp_path: Path) -> None:
    told: list[str] = []

    def broken() -> Answering:
        raise BrokenArtefact("/srv/secret-place/vectors.npz 已损坏", hint="pilotmatch index --rebuild")

    app = create_app(Settings(_env_file=None, data=tmp_path), load=broken, on_failure=lambda: told.append("failed"))
    with TestClient(app) as client:
        assert app.state.loading.wait(10)
        response = client.get("/health/ready")
    assert told == ["failed"]
    assert isinstance(app.state.loading.error, BrokenArtefact)
    assert response.status_code == 503
    assert response.json()["error"]["message"] == "匹配器未能加载"
    assert "secret-place" not in response.text


def test_a_bug_while_loading_is_a_failure_too(tmp_path: Path) -> None:
    def buggy() -> Answering:
        raise ZeroDivisionError

    app = create_app(Settings(_env_file=None, data=tmp_path), load=buggy)
    with TestClient(app) as client:
        assert app.state.loading.wait(10)
        assert client.get("/health/ready").status_code == 503
    assert "ZeroDivisionError" in app.state.loading.error.message
