"""The database on SQLite and PostgreSQL: transactions, snapshots, failures in words."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, InternalError, StatementError
from sqlalchemy.pool import QueuePool

from matcher.catalogue.database import Database, open_database
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.base import new_key
from matcher.errors import BrokenArtefact, InvalidInput, Unavailable
from matcher.settings import Settings
from tests.databases import BOTH, fresh_url, postgresql_uri


def organisation(name: str) -> OrganisationRow:
    return OrganisationRow(id=new_key("org"), name=name)


def names(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(OrganisationRow.name)))


class TestTransactions:
    def test_a_block_that_ends_is_stored_and_one_that_fails_is_not(self, database: Database) -> None:
        with database.session() as session:
            session.add(organisation("甲"))
        with pytest.raises(IntegrityError), database.session() as session:
            session.add_all([organisation("乙"), organisation("甲")])
        assert names(database) == {"甲"}

    def test_a_reader_sees_one_state_while_others_write(self, database: Database) -> None:
        with database.session() as session:
            session.add(organisation("甲"))
        with database.reading() as session:
            before = session.scalar(select(func.count()).select_from(OrganisationRow))
            with database.session() as writer:
                writer.add(organisation("乙"))
            assert session.scalar(select(func.count()).select_from(OrganisationRow)) == before == 1
        assert names(database) == {"甲", "乙"}

    def test_reading_stores_nothing(self, database: Database) -> None:
        with contextlib.suppress(InternalError), database.reading() as session:
            session.add(organisation("甲"))
            session.flush()  # PostgreSQL refuses it outright, SQLite rolls it back
        assert names(database) == set()

    def test_writers_at_once_queue_and_lose_nothing(self, database: Database) -> None:
        def write(writer: int) -> None:
            for number in range(20):
                with database.session() as session:
                    # Reading first is what turns a deferred transaction of SQLite into a lock that can't be upgraded.
                    session.scalar(select(func.count()).select_from(OrganisationRow))
                    session.add(organisation(f"{writer}/{number}"))

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(names(database)) == 80

    def test_two_rows_of_one_name_are_refused_by_the_database_itself(self, database: Database) -> None:
        with database.session() as session:
            session.add(organisation("甲"))
        with pytest.raises(IntegrityError), database.session() as session:
            session.add(organisation("甲"))

    def test_a_time_comes_back_in_utc_and_one_without_zone_is_refused(self, database: Database) -> None:
        noon = datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))
        with database.session() as session:
            row = organisation("甲")
            row.created_at = noon
            session.add(row)
        with database.reading() as session:
            stored = session.scalars(select(OrganisationRow)).one().created_at
        assert stored == noon
        assert stored.tzinfo is UTC
        naive = organisation("乙")
        naive.created_at = datetime(2026, 3, 1)
        with pytest.raises(StatementError, match="without zone"), database.session() as session:
            session.add(naive)


class TestFailures:
    @pytest.mark.parametrize("url", ["mysql://x/y", "oracle://x", "sqlite+nodriver:///x", "://"])
    def test_an_address_that_cannot_be_used_is_named(self, url: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            Database(url)
        assert caught.value.field == "PILOTMATCH_DATABASE"
        assert caught.value.hint

    def test_passwords_are_not_repeated(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            Database("sqlite+nodriver://user:geheim@host/x")
        assert "geheim" not in str(caught.value)

    def test_a_server_that_is_not_there(self) -> None:
        with pytest.raises(Unavailable):
            Database("postgresql://nobody@127.0.0.1:1/x").migrate()

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        path = tmp_path / "x.db"
        path.write_bytes(b"not a database, but long enough to look at" * 100)
        with pytest.raises(BrokenArtefact):
            Database(f"sqlite:///{path}").migrate()
        assert path.read_bytes().startswith(b"not a database")

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(Unavailable):
            Database(f"sqlite:///{tmp_path}/file/deeper/x.db")

    def test_a_locked_database_is_busy_not_broken(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("matcher.catalogue.database.BUSY_SECONDS", 0.1)
        database = Database(fresh_url("sqlite", tmp_path))
        database.migrate()
        other = sqlite3.connect(database.engine.url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="正忙"), database.session() as session:
            session.add(organisation("甲"))
        other.rollback()
        other.close()
        with database.session() as session:
            session.add(organisation("甲"))
        database.dispose()


class TestOpening:
    def test_without_an_address_it_is_a_file_in_the_data_folder(self, tmp_path: Path) -> None:
        opened = open_database(Settings(_env_file=None, data=tmp_path / "new"))
        assert opened.revision() is not None
        assert (tmp_path / "new" / "pilotmatch.db").exists()
        opened.dispose()

    def test_an_address_of_postgresql_without_driver_is_understood(self, tmp_path: Path) -> None:
        url = fresh_url("postgresql", tmp_path)
        assert url.startswith("postgresql://")
        opened = open_database(Settings(_env_file=None, data=tmp_path, database=url))
        assert opened.dialect == "postgresql"
        opened.dispose()

    @pytest.mark.slow
    @pytest.mark.parametrize("backend", BOTH)
    def test_processes_that_start_at_once_migrate_once(self, backend: str, tmp_path: Path) -> None:
        url = fresh_url(backend, tmp_path, migrated=False)
        program = f"from matcher.catalogue.database import Database; Database({url!r}).migrate()"
        started = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(4)]
        for process in started:
            _, said = process.communicate(timeout=60)
            assert process.returncode == 0, said.decode()
        opened = Database(url)
        assert names(opened) == set()
        opened.dispose()


@pytest.mark.slow
def test_threads_that_migrate_databases_of_their_own_do_not_mix_them(tmp_path: Path) -> None:
    databases = [Database(fresh_url("sqlite", tmp_path, migrated=False)) for _ in range(8)]
    begin = threading.Barrier(len(databases))
    failed: list[Exception] = []

    def migrate(number: int) -> None:
        begin.wait()
        try:
            databases[number].migrate()
            with databases[number].session() as session:
                session.add(organisation(f"机构{number}"))
        except Exception as error:  # a thread's exception would be lost
            failed.append(error)

    threads = [threading.Thread(target=migrate, args=(number,)) for number in range(len(databases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [names(database) for database in databases] == [{f"机构{number}"} for number in range(len(databases))]
    for database in databases:
        database.dispose()


@pytest.mark.parametrize("backend", BOTH)
def test_one_that_nobody_holds_closes_its_connections(backend: str, tmp_path: Path) -> None:
    database = Database(fresh_url(backend, tmp_path))
    assert names(database) == set()
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedin() == 1
    (held,) = [record.dbapi_connection for record in pool._pool.queue]
    del database
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        held.execute("SELECT 1")


def test_the_test_server_is_a_real_one() -> None:
    database = Database(postgresql_uri())
    with database.reading() as session:
        version = session.connection().exec_driver_sql("SHOW server_version").scalar_one()
    assert int(version.split(".")[0]) >= 14
    database.dispose()
