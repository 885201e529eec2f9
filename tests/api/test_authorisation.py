"""Every endpoint, tried by everybody; and no endpoint without a row."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.errors import PROGRAMS
from matcher.catalogue.database import Database
from tests.api.authorisation_table import CALLERS, ROWS, Row
from tests.api.authorisation_world import MAKERS, World
from tests.api.people import People, app_over
from tests.databases import BACKENDS, fresh_url


@pytest.fixture(scope="module", params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    database = Database(fresh_url(request.param, folder))
    database.migrate()
    yield World(People(app_over(database, folder), database))
    database.dispose()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_everybody_gets_what_the_table_says(world: World, row: Row) -> None:
    expected = {caller: expected_of(row, caller) for caller in CALLERS}
    found = {caller: world.call(row, caller) for caller in CALLERS}
    assert {caller: status for caller, status in found.items() if status not in expected[caller]} == {}


def test_every_endpoint_has_one_row(world: World) -> None:
    """The way to mend it is a line in `authorisation_table.py`."""
    named = [row.name for row in ROWS]
    assert sorted({one for one in named if named.count(one) > 1}) == []
    assert sorted(endpoints(world.people.app) - set(named)) == []
    assert sorted(set(named) - endpoints(world.people.app)) == []


def test_every_place_of_a_path_has_a_maker() -> None:
    makers = {row.made.get(name, name) for row in ROWS for name in re.findall(r"\{(\w+)\}", row.path)}
    assert sorted(makers - set(MAKERS)) == []


def test_callers_are_written_right() -> None:
    assert {row.name: word for row in ROWS for word in row.allowed.split() if word not in CALLERS} == {}


@pytest.mark.parametrize("header", ["Bearer pm_unknown", "Bearer something", "Basic YTpi", "pm_x", ""])
@pytest.mark.parametrize("path", ["/v1/session", "/v1/account", "/v1/organisations"])
def test_a_bad_key_is_never_taken_for_a_stranger(world: World, path: str, header: str) -> None:
    response = world.people.anonymous.get(path, headers={"Authorization": header})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorised")


def endpoints(app: FastAPI) -> set[str]:
    found = [(one.path, method) for one in iter_route_contexts(app.routes) for method in one.methods or ()]
    # Pages have a table of their own: `tests/api/portal/page_table.py`.
    ours = [(path, method) for path, method in found if path.startswith(PROGRAMS)]
    return {f"{method} {path}" for path, method in ours if method not in ("HEAD", "OPTIONS")}


def expected_of(row: Row, caller: str) -> tuple[int, ...]:
    if caller in row.allowed.split():
        return row.passes
    if caller in row.unseen.split():
        return (404,)
    if caller == "anonymous":
        return (row.anonymous,)
    return (row.refused_keys if caller.startswith("key:") else row.refused,)
