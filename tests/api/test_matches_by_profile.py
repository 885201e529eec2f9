"""Matches by a profile that an admin names, and what /health/ready says of the one in use, over a real follower."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from api.answers import MatchesAnswer
from api.app import create_app
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.tables.governance import ProfileRow
from matcher.ranking.documents import Document
from matcher.settings import Settings
from tests.api.people import People
from tests.matcher.small import LISTINGS, PROFILE
from tests.matcher.test_following import Site

NEED = {"text": "500 L发酵罐中试放大"}


class Portal:
    """An application that follows a database, and everybody in front of it."""

    def __init__(self, database: Database, folder: Path) -> None:
        site = Site(database, folder)
        site.put(*LISTINGS)
        self.database = database
        settings = Settings(
            _env_file=None,
            data=folder,
            database=database.url,
            sign_in_rate=0,
            match_rate=0,
        )
        self.app = create_app(settings, follow=lambda _: site.follower())

    def store(self, late: float, *, published: bool = False, **edits: Any) -> StoredProfile:
        document = Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}), **edits)
        with self.database.session() as session:
            stored = create(session, CONSOLE, "city", document, "试一试")
            if published:
                publish(session, CONSOLE, stored.id, "上线")
        self.app.state.committed()
        return stored

    def match(self, client: TestClient, **fields: Any) -> dict[str, Any]:
        response = client.post("/v1/matches", json=NEED | fields)
        assert response.status_code == 200, response.text
        MatchesAnswer.model_validate(response.json())
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Iterator[Portal]:
    made = Portal(database, tmp_path)
    with TestClient(made.app):
        assert made.app.state.loading.wait(60)
        assert made.app.state.loading.error is None
        yield made


@pytest.fixture
def people(portal: Portal) -> People:
    return People(portal.app, portal.database)


def scores(answer: dict[str, Any]) -> dict[str, float]:
    return {match["listing"]["id"]: match["score"] for match in answer["matches"]}


def test_an_admin_names_a_draft_and_everybody_else_goes_on_as_before(portal: Portal, people: People) -> None:
    portal.store(2.0, published=True)
    other = portal.store(1.0)
    before = portal.match(people.anonymous)
    assert before["profile"] == {"name": "city", "version": "1"}
    for named in ("city", "city@2", other.id):
        answer = portal.match(people.admin, profile=named)
        assert answer["profile"] == {"name": "city", "version": "2"}
        assert scores(answer) != scores(before)
    assert scores(portal.match(people.admin, profile="city@1")) == scores(before)
    assert scores(portal.match(people.anonymous)) == scores(before)


def test_it_answers_as_it_would_when_published(portal: Portal, people: People) -> None:
    portal.store(2.0, published=True)
    draft = portal.store(1.0, added=(("放大", "流片"),), dictionary=("中试放大",))
    asked = scores(portal.match(people.admin, profile=draft.id))
    with portal.database.session() as session:
        publish(session, CONSOLE, draft.id, "上线")
    portal.app.state.committed()
    assert scores(portal.match(people.anonymous)) == asked


def test_a_listing_that_is_gone_is_gone_there_too(portal: Portal, people: People) -> None:
    portal.store(2.0, published=True)
    draft = portal.store(1.0)
    first = portal.match(people.admin, profile=draft.id)["matches"][0]["listing"]["id"]
    Site(portal.database, Path()).retire(first)
    portal.app.state.committed()
    assert first not in scores(portal.match(people.admin, profile=draft.id))


@pytest.mark.slow
def test_only_admins_may(portal: Portal, people: People) -> None:
    portal.store(2.0, published=True)
    body = NEED | {"profile": "city"}
    assert people.anonymous.post("/v1/matches", json=body).status_code == 401
    for person in (people.operator, people.requester, people.broker, people.key("admin", "match")):
        assert person.post("/v1/matches", json=body).status_code == 403
    assert people.key("admin", "match", "admin").post("/v1/matches", json=body).status_code == 200
    # Whether there is such a profile is nobody else's business either.
    assert people.requester.post("/v1/matches", json=NEED | {"profile": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("named", "status"), [("nothing", 404), ("city@9", 404), ("", 422), (5, 422), ("a" * 201, 422)]
)
def test_unknown_names(portal: Portal, people: People, named: object, status: int) -> None:
    portal.store(2.0, published=True)
    response = people.admin.post("/v1/matches", json=NEED | {"profile": named})
    assert (response.status_code, response.json()["error"]["field"]) == (status, "profile")


def test_one_that_can_not_be_used_says_no_more_than_that(portal: Portal, people: People) -> None:
    portal.store(2.0, published=True)
    draft = portal.store(1.0)
    with portal.database.session() as session:
        session.execute(update(ProfileRow).where(ProfileRow.id == draft.id).values(document="{}"))
    assert people.admin.post("/v1/matches", json=NEED | {"profile": draft.id}).status_code == 503
    assert portal.match(people.admin)["profile"]["version"] == "1"


def test_ready_tells_the_profile_in_use_and_that_a_newer_one_could_not_be_used(portal: Portal, people: People) -> None:
    portal.store(2.0, published=True)
    ready = people.anonymous.get("/health/ready").json()
    assert (ready["profile"], ready["complaint"]) == ({"name": "city", "version": "1"}, None)
    bad = portal.store(1.0)
    with portal.database.session() as session:
        publish(session, CONSOLE, bad.id, "上线")
        session.execute(update(ProfileRow).where(ProfileRow.id == bad.id).values(document="{}"))
    portal.app.state.committed()
    ready = people.anonymous.get("/health/ready").json()
    assert ready["profile"] == {"name": "city", "version": "1"}
    assert "未能启用" in ready["complaint"]
    assert "被改动" not in ready["complaint"]
