"""Experiments over HTTP, on live requests: begun and ended by admins, followed by all processes, unseen by the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.answers import MatchesAnswer
from api.app import create_app
from api.experiment_answers import ExperimentAnswer, ExperimentsAnswer
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.experiments import tend
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish
from matcher.ranking.documents import Document
from matcher.ranking.features import FEATURES
from matcher.settings import Settings
from tests.api.people import People
from tests.matcher.feedback.test_experimenting import wait
from tests.matcher.small import LISTINGS, PROFILE
from tests.matcher.test_following import Site

NEED = {"text": "500 L发酵罐中试放大", "top": 5}
OTHER = replace(PROFILE, weights=dict.fromkeys(FEATURES, 0.0) | {"completeness": 40.0})
LATER = timedelta(hours=1)


class Portal:
    """Two processes over one database, and everybody in front of the first."""

    def __init__(self, database: Database, folder: Path, **settings: Any) -> None:
        self.site, self.database, self.folder = Site(database, folder), database, folder
        self.site.put(*LISTINGS)
        self.store("city", Document(PROFILE), published=True)
        self.draft = self.store("draft", Document(OTHER))
        self.settings: dict[str, Any] = {"sign_in_rate": 0, "match_rate": 0} | settings

    def store(self, name: str, document: Document, *, published: bool = False) -> str:
        with self.database.session() as session:
            stored = create(session, CONSOLE, name, document, "试一试")
            if published:
                publish(session, CONSOLE, stored.id, "上线")
        return stored.id

    @contextmanager
    def process(self) -> Iterator[FastAPI]:
        settings = Settings(_env_file=None, data=self.folder, database=self.database.url, **self.settings)
        app = create_app(settings, follow=lambda _: self.site.follower())
        with TestClient(app):
            assert app.state.loading.wait(60)
            assert app.state.loading.error is None
            yield app

    def body(self, **fields: Any) -> dict[str, Any]:
        return {"what": "interleaving", "profile": "draft", "share": 1.0, "reason": "比一比"} | fields


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    return Portal(database, tmp_path)


def match(client: TestClient, **fields: Any) -> dict[str, Any]:
    response = client.post("/v1/matches", json=NEED | fields)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    MatchesAnswer.model_validate(answer)
    return answer


def begun(client: TestClient, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/v1/experiments", json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    ExperimentAnswer.model_validate(made)
    assert response.headers["Location"] == f"/v1/experiments/{made['id']}"
    return made


@pytest.mark.slow
def test_an_interleaving_from_its_start_to_its_verdict_in_two_processes(portal: Portal) -> None:
    with portal.process() as here, portal.process() as there:
        people = People(here, portal.database)
        neighbour = TestClient(there)
        plain = match(people.anonymous, deterministic=True)
        made = begun(people.admin, portal.body())
        assert (made["draft"]["name"], made["published"]["name"]) == ("draft", "city")
        assert made["interleaving"]["verdict"] == "undecided"

        # Everybody gets mixed answers within a second, by the published profile's name; admins are told.
        wait(lambda: "experiment" in match(people.admin), 1.5)
        assert match(people.admin)["experiment"] == {"id": made["id"], "what": "interleaving"}
        wait(lambda: ids(match(neighbour)) != ids(plain), 1.5)
        answer = match(people.requester)
        assert "experiment" not in answer
        assert answer["profile"] == {"name": "city", "version": "1"}
        assert ids(match(neighbour, deterministic=True)) == ids(plain)
        # An admin who names a profile gets that one, whole.
        named = match(people.admin, profile="draft")
        assert (named["profile"]["name"], named["answer_id"]) == ("draft", None)

        # People like only what the draft ranks first.
        liked = set(ids(named)) - set(ids(plain)) or {ids(named)[0]}
        for _ in range(40):
            answer = match(people.anonymous)
            events = [
                {"answer_id": answer["answer_id"], "listing_id": one, "act": "opened"}
                for one in ids(answer)
                if one in liked
            ]
            if events:
                assert people.anonymous.post("/v1/feedback", json={"events": events}).status_code == 200
        wait(lambda: people.admin.get(f"/v1/experiments/{made['id']}").json()["interleaving"]["waiting"] >= 40, 5)
        with portal.database.session() as session:
            tend(session, datetime.now(UTC) + LATER)
        found = people.admin.get(f"/v1/experiments/{made['id']}").json()
        assert (found["state"], found["ending"], found["interleaving"]["verdict"]) == ("decided", "草稿更好", "b")
        assert found["interleaving"]["p_value"] <= 0.05

        wait(lambda: ids(match(people.anonymous)) == ids(plain), 1.5)
        wait(lambda: all(ids(match(neighbour)) == ids(plain) for _ in range(5)), 1.5)


def test_a_shadow_changes_nothing_that_is_shown(portal: Portal) -> None:
    with portal.process() as app:
        people = People(app, portal.database)
        plain = ids(match(people.anonymous, deterministic=True))
        made = begun(people.admin, portal.body(what="shadow"))
        url = f"/v1/experiments/{made['id']}"
        shadow = app.state.presenter.experiments
        wait(lambda: bool(shadow._sides), 1.5)
        for _ in range(5):
            answer = match(people.admin)
            assert ids(answer) == plain
            assert "experiment" not in answer
        wait(lambda: people.admin.get(url).json()["shadow"]["requests"] == 5, 10)
        found = people.admin.get(url).json()["shadow"]
        assert found["failed"] == 0
        assert 0 <= found["overlap"] <= 1
        assert found["rank_biased"] < 1
        assert found["p50"] > 0
        ended = people.admin.post(f"{url}/ending", json={"reason": "看够了"}).json()
        assert (ended["state"], ended["ending"], ended["shadow"]["requests"]) == ("stopped", "看够了", 5)
        assert people.admin.post(f"{url}/ending", json={"reason": "再停"}).status_code == 409
        page = people.admin.get("/v1/experiments", params={"state": "stopped"}).json()
        ExperimentsAnswer.model_validate(page)
        assert [one["id"] for one in page["experiments"]] == [made["id"]]
        assert people.admin.get("/v1/experiments", params={"state": "running"}).json()["total"] == 0


def test_refusals(portal: Portal) -> None:
    with portal.process() as app:
        people = People(app, portal.database)
        for fields, status, field in (
            ({"profile": "nothing"}, 404, "profile"),
            ({"what": "guess"}, 422, "what"),
            ({"share": 0}, 422, "share"),
            ({"share": 1.5}, 422, "share"),
            ({"share": "all"}, 422, "share"),
            ({"alpha": 0.6}, 422, "alpha"),
            ({"reason": " "}, 422, "reason"),
            ({"profile": "city"}, 409, None),
            ({"more": 1}, 422, "more"),
        ):
            response = people.admin.post("/v1/experiments", json=portal.body(**fields))
            assert (response.status_code, response.json()["error"].get("field")) == (status, field), fields
        begun(people.admin, portal.body())
        assert people.admin.post("/v1/experiments", json=portal.body()).status_code == 409
        assert people.admin.get("/v1/experiments/experiment-x").status_code == 404
        assert people.operator.get("/v1/experiments").status_code == 403


def test_sending_the_request_again_begins_no_second_one(portal: Portal) -> None:
    with portal.process() as app:
        people = People(app, portal.database)
        sent = {"json": portal.body(what="shadow"), "headers": {"Idempotency-Key": "one"}}
        first, second = (people.admin.post("/v1/experiments", **sent) for _ in range(2))
        assert first.json()["id"] == second.json()["id"]
        assert people.admin.get("/v1/experiments").json()["total"] == 1


def test_where_nothing_is_kept_there_are_none(database: Database, tmp_path: Path) -> None:
    portal = Portal(database, tmp_path, feedback_days=0)
    with portal.process() as app:
        people = People(app, portal.database)
        response = people.admin.post("/v1/experiments", json=portal.body())
        assert response.status_code == 409
        assert "PILOTMATCH_FEEDBACK_DAYS" in response.json()["error"]["hint"]


def ids(answer: dict[str, Any]) -> list[str]:
    return [one["listing"]["id"] for one in answer["matches"]]
