"""A published profile with another encoder over HTTP: who may name which, how far it is, and when it answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from matcher import reembedding
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.profiles.publishing import publish
from matcher.following import Follower
from matcher.settings import Settings
from tests.api.people import People
from tests.matcher.test_reembedding import TEXTS, Machine, Site, finish

NEED = {"text": "500 L发酵罐中试放大"}


class Portal:
    """An application whose follower is moved by the test, not by a thread."""

    def __init__(self, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        Site(database, folder)
        self.database, self.machine = database, Machine(database, folder)
        self.followers: list[Follower] = []
        monkeypatch.setattr(Follower, "start", lambda _: None)
        settings = Settings(
            _env_file=None, data=folder, database=database.url, sign_in_rate=0, match_rate=0, encoders="other,third"
        )
        self.app = create_app(settings, follow=self._follower)

    def _follower(self, _: Database) -> Follower:
        self.followers.append(self.machine.follower())
        return self.followers[-1]

    @property
    def follower(self) -> Follower:
        return self.followers[0]

    def publish(self, profile_id: str) -> None:
        with self.database.session() as session:
            publish(session, CONSOLE, profile_id, "上线")
        self.app.state.committed()


@pytest.fixture
def portal(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    monkeypatch.setattr(reembedding, "BATCH", 4)
    monkeypatch.setattr(reembedding, "LOOKED_UP", 8)
    made = Portal(database, tmp_path, monkeypatch)
    with TestClient(made.app):
        assert made.app.state.loading.wait(60)
        assert made.app.state.loading.error is None
        yield made


@pytest.fixture
def people(portal: Portal) -> People:
    return People(portal.app, portal.database)


def draft(people: People, source: str | None) -> Any:
    body = {"base": "city", "reason": "换编码器", "changes": {"encoder_source": source}}
    return people.admin.post("/v1/profiles", json=body)


def test_how_far_it_is_and_when_it_answers(portal: Portal, people: People) -> None:
    made = draft(people, "other")
    assert made.status_code == 201, made.text
    assert made.json()["from_parent"]["encoder_source"] == [None, "other"]
    assert made.json()["document"]["encoder_source"] == "other"
    before = people.anonymous.post("/v1/matches", json=NEED).json()
    portal.publish(made.json()["id"])
    for _ in range(2):
        assert portal.follower.reencode()
    ready = people.anonymous.get("/health/ready").json()
    assert ready["reencoding"]["total"] == TEXTS
    assert 0 < ready["reencoding"]["done"] < TEXTS
    assert ready["profile"] == {"name": "city", "version": "1"}
    shown = people.admin.get("/v1/profiles/published").json()
    assert (shown["version"], shown["in_use"]) == (2, {"name": "city", "version": "1"})
    assert shown["waiting"] == ready["reencoding"]
    assert shown["not_in_use"] is None
    waiting = people.anonymous.post("/v1/matches", json=NEED).json()
    assert waiting["profile"] == before["profile"]
    assert scores(waiting) == scores(before)
    finish(portal.follower)
    after = people.anonymous.post("/v1/matches", json=NEED).json()
    assert after["profile"] == {"name": "city", "version": "2"}
    assert scores(after) != scores(before)
    shown = people.admin.get("/v1/profiles/published").json()
    assert (shown["waiting"], shown["in_use"]["version"]) == (None, "2")
    assert people.anonymous.get("/health/ready").json()["reencoding"] is None


def scores(answer: dict[str, Any]) -> dict[str, float]:
    return {match["listing"]["id"]: match["score"] for match in answer["matches"]}


@pytest.mark.parametrize("source", ["/etc", "fourth", "../other", ""])
def test_only_names_that_the_settings_allow(people: People, source: str) -> None:
    response = draft(people, source)
    assert (response.status_code, response.json()["error"]["field"]) == (422, "encoder_source")


def test_what_fails_is_said_to_admins_and_hinted_to_everybody(portal: Portal, people: People) -> None:
    portal.machine.fails.add("third")
    portal.publish(draft(people, "third").json()["id"])
    assert not portal.follower.reencode()
    shown = people.admin.get("/v1/profiles/published").json()
    assert "编码器 third 不可用" in shown["not_in_use"]
    assert "third" not in people.anonymous.get("/health/ready").json()["complaint"]


def test_a_draft_of_another_encoder_is_not_ranked_by_with_this_one(people: People) -> None:
    made = draft(people, "other").json()
    response = people.admin.post("/v1/matches", json=NEED | {"profile": made["id"]})
    assert response.status_code == 409
    assert "另一编码器" in response.json()["error"]["message"]
