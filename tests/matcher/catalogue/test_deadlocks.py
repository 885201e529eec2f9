"""Whoever changes many rows takes the change counter last, so that nobody who has a row and waits for it is killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.change_log import Changes, changes_after, record_change
from matcher.catalogue.database import Database
from matcher.catalogue.lifecycle import GRACE_DAYS
from matcher.catalogue.listings.bulk import put_instead, put_many
from matcher.catalogue.tables.listings import ListingRow
from matcher.catalogue.tables.needs import NeedRow
from matcher.sending.background import Background
from matcher.settings import Settings
from matcher.today import today
from tests.databases import fresh_url
from tests.matcher.catalogue.alerts.scene import SECRET, Scene, WordFits, listing


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """PostgreSQL: SQLite lets one write at a time."""
    opened = Database(fresh_url("postgresql", tmp_path))
    opened.migrate()
    yield opened
    opened.dispose()


def meanwhile(database: Database, row: Any, work: Callable[[], Any]) -> Any:
    """What `work` returns, done while another transaction holds the row, and takes the counter once `work` waits."""
    with ThreadPoolExecutor(1) as pool:
        with database.session() as session:
            session.execute(row.with_for_update())
            done = pool.submit(work)
            wait_until_blocked(database)
            record_change(session, "need", "N-elsewhere", "gone")
        return done.result(30)


def wait_until_blocked(database: Database) -> None:
    deadline = time.monotonic() + 20
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while time.monotonic() < deadline:
        with database.reading() as session:
            if session.execute(waiting).scalar_one():
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for the row")


def recorded(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(one.about_id, one.what) for one in changes_after(session, 0)]


def test_a_load_beside_an_edit(database: Database) -> None:
    with database.session() as session:
        put_many(session, [listing("PF-1"), listing("PF-2")], CONSOLE)

    def load() -> None:
        with database.session() as session:
            put_instead(session, [listing("PF-2", "改名的平台")], CONSOLE)

    meanwhile(database, select(ListingRow.id).where(ListingRow.id == "PF-2"), load)
    assert recorded(database)[2:] == [("N-elsewhere", "gone"), ("PF-1", "gone"), ("PF-2", "shown")]


def test_the_daily_clock_beside_a_change_of_a_need(database: Database, tmp_path: Path) -> None:
    scene = Scene(database)
    need = scene.need(publish=True)
    scene.publish(listing("PF-1"))
    with database.session() as session:
        session.execute(update(ListingRow).values(due_on=today() - timedelta(days=GRACE_DAYS + 1)))
        session.execute(update(NeedRow).values(expires_on=today() - timedelta(days=1)))
    before = len(recorded(database))
    settings = Settings(_env_file=None, data=tmp_path, database=database.url, secret=SECRET)
    background = Background(database, settings, WordFits())
    meanwhile(database, select(NeedRow.id), background.work)
    found = recorded(database)[before:]
    assert found[0] == ("N-elsewhere", "gone")
    assert ("PF-1", "shown") in found[1:]
    with database.reading() as session:
        assert session.scalars(select(NeedRow.state).where(NeedRow.id == need.id)).one() == "expired"


def test_what_is_collected_keeps_its_order_and_is_recorded_once(database: Database) -> None:
    changes = Changes()
    changes.add("listing", "PF-2", "shown", {})
    changes.add("listing", "PF-1", "gone")
    with database.session() as session:
        changes.record(session)
        changes.record(session)
    assert recorded(database) == [("PF-2", "shown"), ("PF-1", "gone")]
