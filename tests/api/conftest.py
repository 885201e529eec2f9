"""One application over the stand-in for all tests of HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from matcher.settings import Settings
from tests.api.stand_in import CharacterMatcher


@pytest.fixture(scope="session")
def stand_in() -> CharacterMatcher:
    return CharacterMatcher()


@pytest.fixture(scope="session")
def client(stand_in: CharacterMatcher) -> Iterator[TestClient]:
    app = create_app(Settings(_env_file=None), load=lambda: stand_in)
    with TestClient(app) as client:
        assert app.state.loading.wait(10)
        yield client
