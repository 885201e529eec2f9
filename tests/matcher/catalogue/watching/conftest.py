"""A scene on each kind of database."""

from __future__ import annotations

import pytest

from matcher.catalogue.database import Database
from tests.databases import database as database
from tests.matcher.catalogue.watching.scene import Scene


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)
