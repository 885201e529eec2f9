"""A site for tests of edits: a published profile, listings in the database, and a matcher that can be tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from matcher.catalogue.database import Database
from matcher.evaluation.judged_sets import JudgedSet
from matcher.match import Matcher
from matcher.settings import Settings
from tests.api.people import People
from tests.api.tried_site import tried_site
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
    return tried_site(database, plain, judged, tmp_path)


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
