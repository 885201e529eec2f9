"""A site for tests of edits: a published profile, listings in the database, and a matcher that can be tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from api.app import create_app
from api.trying import Trying
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish
from matcher.evaluation.judged_sets import JudgedSet
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.settings import Settings
from tests.api.people import People
from tests.matcher.evaluation.small_judged import judged_set, needs
from tests.matcher.hash_encoder import HashEncoder
from tests.matcher.small import LISTINGS, PROFILE

PIN: dict[str, Any] = {
    "what": "pin", "listing_id": "SO-1", "reason": "省级示范", "owner": "张三", "expires": "2999-12-31",
}  # fmt: skip


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    settings = Settings(_env_file=None, data=tmp_path_factory.mktemp("data"))
    return Matcher.load(settings, LISTINGS, profile=PROFILE, encoder=HashEncoder())


@pytest.fixture(scope="module")
def judged(plain: Matcher) -> JudgedSet:
    """Five needs whose best listing is the one that comes first without any rule."""
    asked = needs(5)
    return judged_set(asked, {str(one.id): {plain.match(one, top=1).matches[0].listing.id: 3} for one in asked})


@pytest.fixture
def site(database: Database, plain: Matcher, judged: JudgedSet, tmp_path: Path) -> People:
    settings = Settings(_env_file=None, data=tmp_path, database=database.url, sign_in_rate=0, match_rate=0)
    app = create_app(settings, load=lambda: plain)
    app.state.database = lambda: database
    app.state.trying = Trying(settings, judged)
    app.state.loading.start()
    assert app.state.loading.wait(10)
    with database.session() as session:
        put_many(session, LISTINGS, CONSOLE)
        publish(session, CONSOLE, create(session, CONSOLE, "city", Document(PROFILE), "随附").id, "首次")
    return People(app, database)


def published(site: People) -> str:
    """The id of the published version."""
    answer: str = site.admin.get("/v1/profiles/published").json()["id"]
    return answer


def error_of(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    return error


def made(response: Response) -> dict[str, Any]:
    """The answer of an edit that made a version."""
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    assert response.headers["location"] == f"/v1/profiles/{answer['profile']['id']}"
    return answer
