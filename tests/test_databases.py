"""The PostgreSQL server of the tests doesn't wait for the disk, and is gone at once with all of its files."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.databases import CARELESS, postgresql_uri

_RUN = """
from tests.databases import postgresql_uri
uri = postgresql_uri()
import psycopg
with psycopg.connect(uri) as connection:
    print(connection.execute("SHOW data_directory").fetchone()[0])
"""


@pytest.mark.parametrize("name", CARELESS)
def test_nothing_waits_for_the_disk(name: str) -> None:
    deadline = time.monotonic() + 10
    value = None
    while value != "off" and time.monotonic() < deadline:
        # The server takes a moment to read its settings again.
        with psycopg.connect(postgresql_uri()) as connection:
            (value,) = connection.execute(f"SHOW {name}").fetchone() or (None,)
    assert value == "off"


def test_no_server_and_no_file_is_left() -> None:
    done = subprocess.run([sys.executable, "-c", _RUN], capture_output=True, text=True, check=True, timeout=60)
    folder = Path(done.stdout.strip())
    assert folder.name.startswith("pilotmatch-pg-")
    assert not folder.exists()
