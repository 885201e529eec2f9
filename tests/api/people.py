"""People of every kind signed in to an application over a real database: for tests of who may do what.

from tests.api.people import people  # noqa: F401
from tests.databases import database  # noqa: F401

def test_…(people: People) -> None:
    people.operator.post("/v1/listings", json=…)      # signed in with a session, CSRF token included
    people.key("operator", "listings").post(…)         # the same person through an API key
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import Response

from api.app import create_app
from api.security import COOKIE, set_session_cookie
from matcher.catalogue.access import CONSOLE, Actor, Role, Scope
from matcher.catalogue.accounts.api_keys import add_key
from matcher.catalogue.accounts.organisations import OrganisationFields, add_organisation
from matcher.catalogue.accounts.passwords import hash_password
from matcher.catalogue.accounts.signing_in import start_session
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.database import Database
from matcher.settings import Settings
from tests.api.stand_in import CharacterMatcher
from tests.matcher.small import LISTINGS

PASSWORD: Final = "五台发酵罐 in a row"
#: Name → role and organisation.
PEOPLE: Final[dict[str, tuple[Role, str | None]]] = {
    "admin": ("admin", None),
    "operator": ("operator", "org"),
    "colleague": ("operator", "org"),
    "other_operator": ("operator", "other_org"),
    "requester": ("requester", None),
    "other_requester": ("requester", None),
    "broker": ("broker", "broker_org"),
}


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


class People:
    """A client for everybody; `ids` and `orgs` are the ids of their accounts and organisations."""

    admin: TestClient
    operator: TestClient
    colleague: TestClient
    other_operator: TestClient
    requester: TestClient
    other_requester: TestClient
    broker: TestClient
    anonymous: TestClient

    def __init__(self, app: FastAPI, database: Database) -> None:
        self.app = app
        self.database = database
        self.ids: dict[str, str] = {}
        self.orgs: dict[str, str] = {}
        self.anonymous = TestClient(app)
        with database.session() as session:
            for key, title in (("org", "东莞中试基地"), ("other_org", "深圳中试基地"), ("broker_org", "技术转移中心")):
                self.orgs[key] = add_organisation(session, CONSOLE, OrganisationFields(title)).id
            for name, (role, org) in PEOPLE.items():
                fields = UserFields(f"{name}@example.cn", name, role, org and self.orgs[org])
                user = add_user(session, CONSOLE, fields, password_hash=password_hash(), email_verified=True)
                self.ids[name] = user.id

    def __getattr__(self, name: str) -> TestClient:
        """Signs a person in when a test first looks for them: most tests need two or three of the seven."""
        if name not in PEOPLE:
            raise AttributeError(name)
        client = self.signed_in(name)
        setattr(self, name, client)
        return client

    def actor(self, name: str, scopes: frozenset[Scope] | None = None) -> Actor:
        """The person as the stores know them."""
        role, org = PEOPLE[name]
        return Actor(self.ids[name], role, org and self.orgs[org], scopes)

    def signed_in(self, name: str) -> TestClient:
        """Another browser of the person, signed in."""
        with self.database.session() as session:
            made = start_session(session, self.ids[name])
        response = Response()
        set_session_cookie(response, made.token, self.app.state.settings)
        value = response.headers["set-cookie"].partition("=")[2].partition(";")[0]
        return TestClient(self.app, cookies={COOKIE: value}, headers={"X-CSRF-Token": made.csrf})

    def key(self, name: str, *scopes: Scope) -> TestClient:
        """A program of the person, with an API key of these scopes."""
        return TestClient(self.app, headers={"Authorization": f"Bearer {self.secret(name, *scopes)}"})

    def secret(self, name: str, *scopes: Scope) -> str:
        """A new API key of the person."""
        with self.database.session() as session:
            return add_key(session, self.actor(name), "test", scopes)[1]


def app_over(database: Database, folder: Path, **settings: Any) -> FastAPI:
    """An application over a database, with the stand-in matcher and a data folder of its own; loaded."""
    # Nothing is kept for feedback unless a test asks for it: what writes it would outlive the test.
    values = {"sign_in_rate": 0, "match_rate": 0, "feedback_days": 0} | settings
    app = create_app(
        Settings(_env_file=None, data=folder, database=database.url, **values), load=lambda: CharacterMatcher(LISTINGS)
    )
    app.state.database = lambda: database
    app.state.loading.start()
    assert app.state.loading.wait(10)
    return app


@pytest.fixture
def people(database: Database, tmp_path: Path) -> People:
    """Everybody, on each kind of database in turn."""
    return People(app_over(database, tmp_path), database)
