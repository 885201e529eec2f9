"""Everybody, before an application whose matcher ranks the small catalogue; `org` offers PF-1 and PF-4."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.app import create_app
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.match import Matcher
from matcher.settings import Settings
from tests.api.people import People
from tests.databases import database  # noqa: F401
from tests.matcher.small import LISTINGS

OURS = ("PF-1", "PF-4")


@pytest.fixture
def offering(database: Database, tmp_path: Path, small_matcher: Matcher) -> People:  # noqa: F811
    """The people, on each kind of database in turn."""
    # Nothing is kept for feedback: what writes it would outlive the test.
    values = {"sign_in_rate": 0, "match_rate": 0, "feedback_days": 0}
    settings = Settings(_env_file=None, data=tmp_path, database=database.url, **values)
    app = create_app(settings, load=lambda: small_matcher)
    app.state.database = lambda: database
    app.state.loading.start()
    assert app.state.loading.wait(10)
    people = People(app, database)
    with database.session() as session:
        ours = [one for one in LISTINGS if one.id in OURS]
        theirs = [one for one in LISTINGS if one.id not in OURS]
        put_many(session, ours, CONSOLE, organisation_id=people.orgs["org"])
        put_many(session, theirs, CONSOLE, organisation_id=people.orgs["other_org"])
    return people
