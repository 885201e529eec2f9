"""One application over the stand-in for all tests of HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from matcher.settings import Settings
from tests.api.people import people as people
from tests.api.stand_in import CharacterMatcher
from tests.databases import database as database


@pytest.fixture(scope="session")
def stand_in() -> CharacterMatcher:
    return CharacterMatcher()


@pytest.fixture(scope="session")
def client(stand_in: CharacterMatcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    # A data folder of its own: the database of whoever runs the tests may hold listings.
    settings = Settings(_env_file=None, data=tmp_path_factory.mktemp("data"))
    app = create_app(settings, load=lambda: stand_in)
    with TestClient(app) as client:
        assert app.state.loading.wait(10)
        yield client
