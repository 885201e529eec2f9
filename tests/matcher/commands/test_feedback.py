"""`pilotmatch feedback`: what is kept, grades from it in a form of their own, and the proof."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from matcher.__main__ import application
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import Event, add_events
from matcher.errors import InvalidInput
from matcher.evaluation.judgements import read_judgements
from matcher.feedback.lessons import LEAST_SWAPPED
from matcher.feedback.swaps import Swap
from tests.databases import database as database
from tests.matcher.catalogue.feedback.answers import answer, put

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PILOTMATCH_DATABASE", database.url)
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(application("feedback"), ["feedback", *arguments])

    return call


def fill(database: Database, swaps: bool) -> None:
    made = [answer("ab", swap=Swap(1, False) if swaps else None) for _ in range(LEAST_SWAPPED)]
    put(database, *made)
    with database.session() as session:
        add_events(session, [Event(one.id, "a", "enquired") for one in made[::2]])


def test_of_nothing(run: Run) -> None:
    found = run("report")
    assert found.exit_code == 0
    assert found.stdout.startswith("回答 0 个")


def test_a_report(run: Run, database: Database) -> None:
    fill(database, swaps=False)
    found = run("report").stdout
    assert f"回答 {LEAST_SWAPPED} 个,自 2026-11-20 起" in found
    assert f"提出对接 {LEAST_SWAPPED // 2}" in found
    assert "没有校正" in found
    assert "可判等级的主题与条目 2 对:3 级 1,2 级 0,1 级 0,0 级 1" in found


def test_with_exchanges_it_tells_what_places_are_worth(run: Run, database: Database) -> None:
    fill(database, swaps=True)
    found = run("report").stdout
    assert re.search(r"被看到的机会.*1\.00 0\.\d\d ", found)
    assert "没有校正" not in found


def test_grades_are_written_in_a_form_that_nobody_takes_for_judges(
    run: Run, database: Database, tmp_path: Path
) -> None:
    fill(database, swaps=True)
    found = run("judgements", "--out", "grades.tsv")
    assert found.exit_code == 0, found.output
    lines = (tmp_path / "grades.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == ["topic", "listing_id", "grade", "worth", "answers"]
    assert [line.split("\t")[:3] for line in lines[1:]] == [
        ["biotech|-|volume", "a", "3"],
        ["biotech|-|volume", "b", "0"],
    ]
    with pytest.raises(InvalidInput):
        read_judgements(tmp_path / "grades.tsv")


def test_refusals(run: Run) -> None:
    assert run("judgements").exit_code == 2
    assert run("judgements", "--out", "nowhere/at/all.tsv").exit_code == 1
    assert run("guess").exit_code == 2
    assert run("simulate", "--runs", "0").exit_code == 2


@pytest.mark.slow
def test_the_simulation_prints_its_figures(run: Run) -> None:
    found = run("simulate", "--runs", "10")
    assert found.exit_code == 0, found.output
    naive, corrected = map(float, re.findall(r"不校正 ([\d.]+),校正后 ([\d.]+)", found.stdout)[0])
    assert corrected > naive + 0.08
    better, worse = map(int, re.findall(r"判对 (\d+),判错 (\d+)", found.stdout)[0])
    assert (better, worse) == (10, 0)
    assert "误判出高下" in found.stdout
