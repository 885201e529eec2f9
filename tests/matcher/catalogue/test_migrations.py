"""Migrations: up, down, from every earlier version with data in it, and in step with the tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    select,
)
from sqlalchemy.types import JSON

from matcher.catalogue.database import MIGRATIONS, Database
from matcher.catalogue.tables import Base
from matcher.errors import BrokenArtefact
from tests.databases import BOTH, fresh_url

pytestmark = pytest.mark.slow

SCRIPTS = ScriptDirectory(str(MIGRATIONS))
REVISIONS: Sequence[str] = [one.revision for one in SCRIPTS.walk_revisions()][::-1]


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    opened = Database(fresh_url(request.param, tmp_path, migrated=False))
    yield opened
    opened.dispose()


#: Columns that take a few words only.
WORDS = {
    ("profiles", "state"): "draft",
    ("judging_tasks", "state"): "open",
    ("experiments", "what"): "shadow",
    ("experiments", "state"): "running",
}


def value_for(column: Any) -> Any:
    """Something that the column takes."""
    kind = column.type
    if (column.table.name, column.name) in WORDS:
        return WORDS[column.table.name, column.name]
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, (Float, Numeric)):
        return 1.5
    if isinstance(kind, DateTime):
        return datetime(2026, 1, 1, tzinfo=UTC)
    if isinstance(kind, Date):
        return date(2026, 1, 1)
    if isinstance(kind, LargeBinary):
        return b"\x01\x02"
    if isinstance(kind, JSON) or "JSON" in type(kind).__name__:
        return {"a": "中试"}
    return "x"


def tables_of(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def fill(connection: Connection) -> None:
    """One row in every table that is there, referenced tables first."""
    for table in tables_of(connection):
        if connection.execute(select(table)).first() is None:
            connection.execute(table.insert().values({column.name: value_for(column) for column in table.columns}))
    connection.commit()


def contents(connection: Connection) -> dict[str, list[str]]:
    return {
        table.name: [json.dumps(list(row), default=str, sort_keys=True) for row in connection.execute(select(table))]
        for table in tables_of(connection)
    }


def test_the_tables_are_what_the_migrations_make(empty: Database) -> None:
    empty.migrate()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_from_every_version_with_data_up_to_the_latest_keeps_the_data(empty: Database, revision: str) -> None:
    empty.migrate(revision)
    with empty.engine.connect() as connection:
        fill(connection)
        before = contents(connection)
    empty.migrate()
    with empty.engine.connect() as connection:
        after = contents(connection)
    assert before["audit"]
    assert {name for name, rows in before.items() if rows} <= set(after)
    assert all(len(after[name]) >= len(rows) for name, rows in before.items())
    if revision == REVISIONS[-1]:
        assert after == before


@pytest.mark.parametrize("revision", REVISIONS)
def test_down_with_data_in_it_and_up_again(empty: Database, revision: str) -> None:
    empty.migrate()
    with empty.engine.connect() as connection:
        fill(connection)
    below = SCRIPTS.get_revision(revision).down_revision or "base"
    empty.migrate(str(below))
    assert empty.revision() == (None if below == "base" else below)
    empty.migrate()
    assert empty.revision() == REVISIONS[-1]


def test_each_version_has_one_successor() -> None:
    assert len(SCRIPTS.get_heads()) == 1
    assert len(SCRIPTS.get_bases()) == 1


def test_a_database_of_a_newer_program_is_refused_and_left_alone(empty: Database) -> None:
    empty.migrate()
    with empty.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BrokenArtefact) as caught:
        empty.migrate()
    assert caught.value.hint
    assert empty.revision() == "9999"


def test_migrating_twice_does_nothing_the_second_time(empty: Database) -> None:
    empty.migrate()
    with empty.engine.connect() as connection:
        fill(connection)
        before = contents(connection)
    empty.migrate()
    with empty.engine.connect() as connection:
        assert contents(connection) == before


def test_listings_of_before_are_found_however_words_are_written(empty: Database) -> None:
    empty.migrate("0007")
    with empty.engine.connect() as connection:
        fill(connection)
        listings = next(table for table in tables_of(connection) if table.name == "listings")
        (row,) = connection.execute(select(listings)).mappings()
        rows = [{**row, "id": f"x{number}", "words": "iso 13485\ngmp"} for number in range(3)]
        connection.execute(listings.insert(), rows)
        connection.commit()
    empty.migrate()
    with empty.engine.connect() as connection:
        said = connection.execute(select(listings.c.words).where(listings.c.id.startswith("x"))).scalars()
        assert set(said) == {"x", "iso13485\ngmp"}
