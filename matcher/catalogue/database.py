"""The database: opens it, brings its tables up to date, and lends sessions."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session, sessionmaker

from matcher.errors import BrokenArtefact, InvalidInput, Unavailable
from matcher.settings import Settings, masked

__all__ = ["Database", "Session", "open_database"]

FILE = "pilotmatch.db"
MIGRATIONS = Path(__file__).with_name("migrations")
#: A writer waits this long for another before it gives up.
BUSY_SECONDS = 15
#: Threads that answer requests in one process, as anyio has them: so many can ask for a connection at once.
THREADS = 40
#: For what goes on beside the requests (following, sending, counting), and for requests that hold two at once.
BESIDE = 10
#: Connections that are kept open, and more that are opened when many ask at once. With fewer than threads, requests
#: that hold one and wait for a thread would wait for requests that hold a thread and wait for a connection.
POOL, OVERFLOW = 10, THREADS + BESIDE - 10
#: Whoever gets no connection by then is told to come back: something holds them all.
POOL_SECONDS = 5
#: The same for all processes: whoever holds this advisory lock of PostgreSQL migrates.
_MIGRATING = 0x70696C6F74
#: For threads of one process: Alembic keeps the connection that it works on in one place for all of them, so that two
#: databases migrated side by side would get each other's tables.
_MIGRATING_HERE = threading.Lock()


class Database:
    """One database, by its SQLAlchemy URL.

    Raises:
        InvalidInput: the URL can't be used. Unavailable: the database can't be reached.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            parsed = make_url(url)
            if parsed.drivername in ("postgres", "postgresql"):
                parsed = parsed.set(drivername="postgresql+psycopg")
            self.dialect = parsed.get_backend_name()
            if self.dialect not in ("sqlite", "postgresql"):
                raise InvalidInput(
                    f"不支持数据库 {self.dialect}", hint="可用 sqlite 或 postgresql", field="PILOTMATCH_DATABASE"
                )
            if self.dialect == "sqlite" and parsed.database:
                _make_folder(Path(parsed.database))
            self.engine = _engine(parsed, self.dialect)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise InvalidInput(
                f"数据库地址不能用:{masked(url)}",
                hint="如 sqlite:///var/pilotmatch.db 或 postgresql+psycopg://用户:口令@主机/库名",
                field="PILOTMATCH_DATABASE",
            ) from error
        # Connections of one that nobody holds any more are closed, as those of a file are.
        weakref.finalize(self, self.engine.dispose).atexit = False
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        # Shares connections with the other.
        self._readers = sessionmaker(self.engine.execution_options(**self._snapshot()), expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that is one transaction: committed at the end of the block, rolled back if the block fails.

        On SQLite it takes the right to write at once, so two writers queue instead of failing half-way.

        Raises:
            Unavailable: the database can't be reached, is locked or full.
        """
        with _in_words(), self._sessions() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading only: rolled back at the end; it sees one state of the database throughout.

        That state is the one at the first question; the connection is taken then, so that a request that waits for
        something else before it asks anything keeps none from others. Errors as for `session`.
        """
        with _in_words(), self._readers() as session:
            yield session
            session.rollback()

    def _snapshot(self) -> dict[str, Any]:
        if self.dialect == "postgresql":
            return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return {"reading": True}

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to a revision; safe to call from several processes and threads at once.

        Raises:
            BrokenArtefact: the database was written by a newer version of this program.
        """
        with _in_words(), _MIGRATING_HERE, self.engine.connect() as connection:
            self._lock(connection)
            try:
                if revision == "head" and self._is_current(connection):
                    connection.rollback()
                    return
                config = Config()
                config.set_main_option("script_location", str(MIGRATIONS))
                config.attributes["connection"] = connection
                step = command.downgrade if self._is_behind(connection, revision) else command.upgrade
                step(config, revision)
                connection.commit()
            except CommandError as error:
                raise BrokenArtefact(
                    "数据库的版本与程序不符", hint="它可能由更新的版本写成;请升级程序或恢复备份"
                ) from error

    def revision(self) -> str | None:
        """The revision that the tables are at; None for an empty database."""
        with _in_words(), self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def _is_current(self, connection: Connection) -> bool:
        return MigrationContext.configure(connection).get_current_revision() == _scripts().get_current_head()

    def _is_behind(self, connection: Connection, revision: str) -> bool:
        """Whether going to `revision` means going back."""
        current = MigrationContext.configure(connection).get_current_revision()
        if current is None or revision == "head":
            return False
        if revision == "base":
            return True
        older = {one.revision for one in _scripts().iterate_revisions(current, "base")}
        return revision in older and revision != current

    def _lock(self, connection: Connection) -> None:
        if self.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """The database that the settings name, its tables up to date; errors as for `Database` and `migrate`."""
    database = Database(settings.database or f"sqlite:///{(settings.data / FILE).absolute()}")
    database.migrate()
    return database


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _make_folder(path: Path) -> None:
    if str(path) != ":memory:":
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"无法建立文件夹 {path.parent}", hint="请检查路径与权限") from error


def _engine(url: Any, dialect: str) -> Engine:
    pool = {"pool_size": POOL, "max_overflow": OVERFLOW, "pool_timeout": POOL_SECONDS}
    if dialect == "postgresql":
        return create_engine(url, pool_pre_ping=True, **pool)
    if url.database in (None, "", ":memory:"):
        pool = {}  # one connection a thread, each with a database of its own
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # The driver's own idea of when a transaction begins would let a read turn into a write half-way, which fails at
    # once when another process has written in between; `_begin_sqlite` says it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # An acknowledged row must survive a power cut, not only a crash of the process.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _in_words() -> Iterator[None]:
    """Failures of the database itself as domain errors; what the caller did wrong (constraints) stays as it is."""
    try:
        yield
    except NoConnection as error:
        raise Unavailable("数据库连接都在使用中", hint="请稍后再试") from error
    except OperationalError as error:
        said = str(error.orig)
        if "locked" in said or "busy" in said:
            raise Unavailable("数据库正忙", hint="请稍后再试") from error
        raise Unavailable("数据库不可用", hint="请检查地址、磁盘空间与权限") from error
    except DataError as error:
        # NUL, half a surrogate pair, a number beyond the column: what passed all checks before and can't be stored.
        raise InvalidInput("含有数据库不能保存的内容", hint="请去掉控制字符,并检查数值是否过大") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("与数据库的连接中断", hint="请稍后再试") from error
        if "malformed" in str(error.orig) or "not a database" in str(error.orig):
            raise BrokenArtefact("数据库文件已损坏", hint="请从备份恢复") from error
        raise
