"""In the background: experiments are counted and ended, and what is old is forgotten, by whoever has the turn."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matcher.__main__ import application
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.experiments import SETTLE
from matcher.catalogue.feedback.store import kept
from matcher.catalogue.tables import base
from matcher.errors import InvalidInput
from matcher.feedback.tending import EVERY, Tending
from matcher.sending.background import Background
from matcher.settings import Settings
from tests.databases import database as database
from tests.matcher.catalogue.feedback.answers import NOON, answer, put
from tests.matcher.catalogue.feedback.test_experiments import Bench


class Clock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_it_counts_what_has_settled_and_ends_what_is_decided(bench: Bench) -> None:
    made, clock = bench.start(), Clock()
    bench.answers(made, ["b"] * 30)
    tending = Tending(bench.database, clock)
    assert not tending.tend()
    assert bench.now(made).losses == 0, "people may still act"
    clock.now += SETTLE + timedelta(minutes=1)
    assert tending.tend()
    assert bench.now(made).state == "decided"
    assert not tending.tend()


def test_it_looks_now_and_then_only(bench: Bench) -> None:
    made, clock = bench.start(), Clock(NOON + SETTLE)
    tending = Tending(bench.database, clock)
    assert not tending.tend()
    bench.answers(made, ["a"])
    clock.now += EVERY / 2
    tending.tend()
    assert bench.now(made).wins == 0
    clock.now += EVERY
    tending.tend()
    assert bench.now(made).wins == 1


def test_the_background_tends_and_forgets(bench: Bench, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path, database=bench.database.url, feedback_days=30)
    background = Background(bench.database, settings, None, clock=Clock(NOON + timedelta(hours=1)))
    made = bench.start()
    bench.answers(made, ["a"])
    put(bench.database, old := answer(at=NOON - timedelta(days=31)), young := answer(at=NOON - timedelta(days=29)))
    while background.work():
        pass
    with bench.database.reading() as session:
        left = {one.id for one in kept(session)}
    assert young.id in left
    assert old.id not in left
    assert bench.now(made).wins == 1


def test_so_does_the_command(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = base.now()
    put(database, answer(at=now - timedelta(days=8)), young := answer(at=now - timedelta(days=6)))
    for name, value in {"DATABASE": database.url, "DATA": str(tmp_path), "FEEDBACK_DAYS": "7"}.items():
        monkeypatch.setenv(f"PILOTMATCH_{name}", value)
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(application("tick"), ["tick"])
    assert found.exit_code == 0, found.output
    with database.reading() as session:
        assert [one.id for one in kept(session)] == [young.id]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("feedback_days", "-1", "不能小于"),
        ("feedback_days", "3651", "不能大于"),
        ("swap_share", "0.3", "不能大于"),
        ("swap_share", "-0.1", "不能小于"),
        ("swap_share", "nan", "不能"),
    ],
)
def test_settings_out_of_range(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"PILOTMATCH_{name.upper()}", value)
    with pytest.raises(InvalidInput, match=said):
        Settings(_env_file=None)


def test_settings_by_default() -> None:
    settings = Settings(_env_file=None)
    assert (settings.feedback_days, settings.swap_share) == (180, 0.0)
