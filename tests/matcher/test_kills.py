"""kill -9 at random moments: an import is there as a whole or not at all, and the index has nothing to mend."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.change_log import changed_after, last_change
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.published import count_published, published
from matcher.catalogue.tables.accounts import AuditRow
from matcher.catalogue.tables.listings import ListingRow, ListingVersionRow
from matcher.commands.exporting import export_file
from matcher.records import Listing, Need, Parameter
from tests.databases import BACKENDS, fresh_url
from tests.matcher.index_child import follower_of

ROWS = 800
#: Each takes seconds: the full number where most installations are, a few where the database is a server of its own.
KILLS = {"sqlite": 20, "postgresql": 5}
ENCODING_KILLS = 12
ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def listing(number: int) -> Listing:
    words = ("发酵", "涂布", "流片", "冻干", "挤出")[number % 5]
    return Listing(
        f"PF-T{number:05}", "platform", f"{words}中试平台第{number * 7919}号", operator=f"甲{number}有限公司",
        province="广东省", city="东莞市", summary=f"{words}放大与小批量试制,{number} 号线",
        parameters=(Parameter("容积", 1 + number, 2 + number, "L"),),
    )  # fmt: skip


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return fresh_url(request.param, tmp_path)


def counted(database: Database) -> tuple[int, int, int, int]:
    """Rows of listings, of their versions, of changes and of the audit: what one import writes together."""
    with database.reading() as session:
        tables = (ListingRow, ListingVersionRow, AuditRow)
        counts = [session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
        return counts[0], counts[1], len(changed_after(session, 0, "listing")[1]), counts[2]


def test_an_import_killed_at_twenty_random_moments_is_whole_or_not_there(url: str, tmp_path: Path) -> None:
    file = tmp_path / "名录.xlsx"
    export_file([listing(number) for number in range(ROWS)], file)
    database = Database(url)
    database.migrate()
    with database.session() as session:
        put_many(session, [Listing("PF-1", "platform", "原有平台")], CONSOLE)
    before = counted(database)
    environment = os.environ | {"PILOTMATCH_DATABASE": url, "PILOTMATCH_DATA": str(tmp_path)}

    def importing() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "matcher", "import", str(file), "--confirm", "--suggestions"]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    chance, longest = random.Random(7), 5.0
    killed = 0
    while killed < KILLS[database.dialect]:
        process = importing()
        began = time.monotonic()
        try:
            said, _ = process.communicate(timeout=chance.uniform(1.0, longest))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            said, _ = process.communicate()
            killed += 1
        else:
            assert process.returncode == 0
            # From now on the kill comes before the end; an import of what is there already changes nothing.
            longest = max(1.0, 0.9 * (time.monotonic() - began))
        now = counted(database)
        if "已写入".encode() in said:
            assert now[0] == before[0] + ROWS
        assert now[0] in (before[0], before[0] + ROWS)
        assert now[1] - before[1] == now[2] - before[2] == now[0] - before[0]
        assert (now[3] > before[3]) == (now[0] > before[0])
        if now[0] > before[0]:
            # Begin anew, so that each kill meets an import that has everything to do.
            database.migrate("base")
            database.migrate()
            with database.session() as session:
                put_many(session, [Listing("PF-1", "platform", "原有平台")], CONSOLE)
            before = counted(database)
    said, errors = importing().communicate(timeout=300)
    assert "已写入" in said.decode(), errors.decode()
    assert counted(database)[0] == before[0] + ROWS
    database.dispose()


def test_encoding_killed_at_random_moments_is_taken_up_and_nothing_is_left_to_mend(url: str, tmp_path: Path) -> None:
    database = Database(url)
    database.migrate()
    listings = [listing(number) for number in range(400)]
    with database.session() as session:
        put_many(session, listings, CONSOLE)
    chance, started = random.Random(3), 0
    for _ in range(ENCODING_KILLS):
        command = [sys.executable, "-m", "tests.matcher.index_child", url, str(tmp_path)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        if process.stdout.readline() == "started\n":
            started += 1
            time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert started == ENCODING_KILLS
    last = subprocess.run(
        [sys.executable, "-m", "tests.matcher.index_child", url, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert last.returncode == 0
    follower, encoder = follower_of(url, tmp_path)
    assert encoder.texts == []
    assert follower.progress().waiting == 0
    found = {match.listing.id for match in follower.live.current.match(Need("中试放大"), top=1000).matches}
    with database.reading() as session:
        assert found == {one.id for one in published(session)} == {one.id for one in listings}
        assert count_published(session) == 400
        assert follower.progress().number == last_change(session)
    follower._database.dispose()
    database.dispose()
