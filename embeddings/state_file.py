"""What a model made of texts, kept on disk for the next time. Losing it costs time and nothing else."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.int8]

#: Texts that are kept; of cards, 120 kB each, some 3 GB.
MOST = 25_000
#: Of the texts that are kept, those that came first go when there are too many, so many at a time.
_GO = 0.1
_WAIT_SECONDS = 2.0
_TABLE = "CREATE TABLE IF NOT EXISTS states (number INTEGER PRIMARY KEY, key BLOB UNIQUE, state BLOB, checksum INTEGER)"


class StateFile:
    """Arrays of signed bytes by the text they were made of, in one SQLite file. Safe from threads and beside other
    processes.

    No method raises: what can't be read is missing, and what can't be written is not kept. A file that is damaged is
    removed, and begun anew by whoever opens it next.

    Args:
        path: of the file; its name should say which model made the states. columns: d of the arrays [t, d].
        most: texts that are kept.
    """

    def __init__(self, path: Path, columns: int, most: int = MOST) -> None:
        self._path, self._columns, self._most = path, columns, most
        self._lock = threading.Lock()
        self._connection = self._opened()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="states")

    def get(self, text: str) -> Bytes | None:
        """int8 [t, d], read-only; None where it is not kept."""
        row = self._run("SELECT state, checksum FROM states WHERE key = ?", _key(text))
        if row is None or not isinstance(row[0], bytes) or zlib.crc32(row[0]) != row[1]:
            return None
        # Whole rows only: the checksum says that it is what was written.
        return np.frombuffer(row[0], np.int8).reshape(-1, self._columns)

    def holds(self, text: str) -> bool:
        """Whether a text's state is kept, without reading it."""
        return self._run("SELECT 1 FROM states WHERE key = ?", _key(text)) is not None

    def put(self, text: str, state: Bytes) -> Future[None]:
        """Keep what was made of a text: soon, in a thread of its own."""
        return self._writer.submit(self._write, _key(text), state.tobytes())

    def _write(self, key: bytes, state: bytes) -> None:
        self._run(
            "INSERT OR REPLACE INTO states (key, state, checksum) VALUES (?, ?, ?)", key, state, zlib.crc32(state)
        )
        count = self._run("SELECT max(number) - min(number) + 1 FROM states")
        if count is not None and count[0] is not None and count[0] > self._most:
            self._run("DELETE FROM states WHERE number <= (SELECT max(number) FROM states) - ?", self._kept_then)

    @property
    def _kept_then(self) -> int:
        return self._most - int(self._most * _GO)

    def _run(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            if self._connection is None:
                return None
            try:
                found: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
                return found
            except sqlite3.OperationalError:  # locked for long, or the disk is full: the next one may do
                return None
            except sqlite3.Error:
                self._give_up()
                return None

    def _give_up(self) -> None:
        connection, self._connection = self._connection, None
        with contextlib.suppress(sqlite3.Error):
            if connection is not None:
                connection.close()
        with contextlib.suppress(OSError):
            for end in ("", "-wal", "-shm"):
                Path(f"{self._path}{end}").unlink(missing_ok=True)

    def _opened(self) -> sqlite3.Connection | None:
        try:
            return self._open()
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError:  # no database: begun anew
            self._connection = None
            self._give_up()
            with contextlib.suppress(sqlite3.Error):
                return self._open()
            return None

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, _WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        # A power cut may take the last writes, and damages nothing.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_TABLE)
        return connection


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
