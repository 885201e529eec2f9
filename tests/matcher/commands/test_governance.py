"""`pilotmatch ledger` and `pilotmatch profiles`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from matcher.__main__ import application
from matcher.catalogue.access import CONSOLE, Actor
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.catalogue.profiles.allowance import waive
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish, published
from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.flushing import flush
from matcher.ranking.documents import Document
from matcher.today import today
from tests.databases import database as database
from tests.matcher.catalogue.watching.scene import answer
from tests.matcher.small import LISTINGS, PROFILE

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PILOTMATCH_DATABASE", database.url)
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def call(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(application(command), [command, *arguments])

    return call


def put(database: Database, late: float, *, shown: bool = True) -> str:
    document = Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}))
    with database.session() as session:
        stored = create(session, CONSOLE, "city", document, "试\n一试")
        if shown:
            publish(session, CONSOLE, stored.id, "上线")
    return stored.id


class TestLedger:
    def test_an_exported_one_is_verified_without_the_database(
        self, run: Run, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for late in range(3):
            put(database, float(late))
        own = run("ledger", "verify")
        assert own.exit_code == 0
        assert own.stdout.startswith("账本完整:3 条")
        assert run("ledger", "export", "账本.jsonl").stdout == "已导出 3 条到 账本.jsonl\n"
        assert sorted(one.name for one in tmp_path.glob("*.jsonl*")) == ["账本.jsonl"]
        monkeypatch.setenv("PILOTMATCH_DATABASE", "sqlite:////nowhere/at/all.db")
        last = own.stdout.split()[-1]
        given = run("ledger", "verify", "账本.jsonl", "--end", last.upper())
        assert (given.exit_code, given.stdout) == (0, own.stdout)

    @pytest.mark.parametrize("how", ["altered", "removed", "reordered", "cut", "spoilt", "binary", "blank"])
    def test_a_forged_one_is_told(self, run: Run, database: Database, tmp_path: Path, how: str) -> None:
        for late in range(4):
            put(database, float(late))
        run("ledger", "export", "a.jsonl")
        end = run("ledger", "verify").stdout.split()[-1]
        lines = (tmp_path / "a.jsonl").read_bytes().splitlines(keepends=True)
        forged = {
            "altered": [lines[0], lines[1].replace("上线".encode(), "下线".encode()), *lines[2:]],
            "removed": [lines[0], *lines[2:]],
            "reordered": [lines[0], lines[2], lines[1], lines[3]],
            "cut": lines[:-1],
            "spoilt": [lines[0], b"{}\n"],
            "binary": [lines[0], b"\xff\xfe\n"],
            "blank": [lines[0], b"\n", *lines[1:]],
        }[how]
        (tmp_path / "a.jsonl").write_bytes(b"".join(forged))
        ended = run("ledger", "verify", "a.jsonl", "--end", end)
        assert ended.exit_code == 1
        assert ended.stderr.startswith("错误:")
        assert "最后一条" in ended.stderr if how == "cut" else "第 2 " in ended.stderr

    def test_an_empty_one(self, run: Run) -> None:
        assert run("ledger", "verify").stdout == f"账本完整:0 条,最后一条的哈希 {'0' * 64}\n"
        assert run("ledger", "export", "a.jsonl").stdout == "已导出 0 条到 a.jsonl\n"

    @pytest.mark.parametrize("arguments", [["export"], ["verify", "missing.jsonl"], ["burn"], []])
    def test_wrong_arguments(self, run: Run, arguments: list[str]) -> None:
        assert run("ledger", *arguments).exit_code == 2

    def test_a_folder_that_is_not_there(self, run: Run) -> None:
        ended = run("ledger", "export", "no/where.jsonl")
        assert (ended.exit_code, "无法读写" in ended.stderr) == (1, True)


class TestExposure:
    def show(self, database: Database, moment: datetime) -> None:
        counters = Counters(lambda: moment)
        counters.answered(answer(listings=LISTINGS[:2]), 1.0)
        flush(database, counters)

    def test_a_month_that_is_over_goes_into_the_ledger_once(self, run: Run, database: Database) -> None:
        self.show(database, datetime(2026, 3, 5, tzinfo=UTC))
        for _ in range(2):
            ended = run("ledger", "exposure", "--month", "2026-03")
            assert (ended.exit_code, ended.stdout.splitlines()[-1]) == (0, "2026-03:账本第 1 条")
        told = json.loads(ended.stdout.rpartition("2026-03:")[0])
        assert (told["exposure"], told["operators_seen"]) == (1.63093, 2)
        assert run("ledger", "verify").stdout.startswith("账本完整:1 条")

    def test_the_present_month_is_shown_and_not_written(self, run: Run, database: Database) -> None:
        self.show(database, datetime.now(UTC))
        month = today().isoformat()[:7]
        ended = run("ledger", "exposure", "--month", month)
        assert (ended.exit_code, ended.stdout.splitlines()[-1]) == (0, f"{month}:尚未结束")
        assert json.loads(ended.stdout.rpartition(f"{month}:")[0])["operators_seen"] == 2
        assert run("ledger", "verify").stdout.startswith("账本完整:0 条")

    def test_a_month_without_answers_is_not_written(self, run: Run) -> None:
        ended = run("ledger", "exposure", "--month", "2026-01")
        assert (ended.exit_code, ended.stdout.splitlines()[-1]) == (0, "2026-01:没有曝光")
        assert run("ledger", "verify").stdout.startswith("账本完整:0 条")

    @pytest.mark.parametrize(
        "arguments", [["exposure"], ["exposure", "--month", "x"], ["verify", "--month", "2026-01"]]
    )
    def test_wrong_arguments(self, run: Run, arguments: list[str]) -> None:
        assert run("ledger", *arguments).exit_code == 2


class TestProfiles:
    def test_list(self, run: Run, database: Database) -> None:
        assert "还没有" in run("profiles", "list").stdout
        put(database, 1.0)
        put(database, 2.0, shown=False)
        lines = [line.split("\t") for line in run("profiles", "list").stdout.splitlines()]
        assert [(line[0], line[1], line[3]) for line in lines] == [
            ("city@2", "草稿", "试 一试"),
            ("city@1", "已发布", "试 一试"),
        ]
        assert run("profiles", "list", "city").stdout.count("\n") == 2
        assert "还没有" in run("profiles", "list", "town").stdout

    def test_show(self, run: Run, database: Database) -> None:
        put(database, 1.0)
        put(database, 2.0, shown=False)
        told = json.loads(run("profiles", "show", "city").stdout)
        assert (told["version"], told["from_published"]) == (2, {"weights": {"late": [1.0, 2.0]}})
        assert told["document"]["weights"]["late"] == 2.0
        assert json.loads(run("profiles", "show", "city@1").stdout)["from_published"] == {}
        assert run("profiles", "show", "town").exit_code == 1

    def test_publishing_passes_the_same_gate_as_in_the_api(self, run: Run, database: Database) -> None:
        put(database, 1.0)
        draft = put(database, 2.0, shown=False)
        refused = run("profiles", "publish", "city@2", "--reason", "更好")
        assert (refused.exit_code, "门禁" in refused.stderr) == (1, True)
        with database.session() as session:
            waive(session, Actor("u-2", "admin"), draft, "可以")
        done = run("profiles", "publish", "city@2", "--reason", "更好")
        assert (done.exit_code, done.stdout) == (0, "已发布 city 第 2 版\n")
        with database.reading() as session:
            now = published(session)
            assert now is not None
            assert now.id == draft
            assert read_audit(session)[0].user_id == "console"

    def test_rollback(self, run: Run, database: Database) -> None:
        put(database, 1.0)
        assert run("profiles", "rollback", "--reason", "差了").exit_code == 1
        put(database, 2.0)
        done = run("profiles", "rollback", "--reason", "差了")
        assert (done.exit_code, done.stdout) == (0, "已回退到 city 第 1 版\n")

    @pytest.mark.parametrize(
        "arguments",
        [["show"], ["publish"], ["publish", "city"], ["rollback"], ["rollback", "city", "--reason", "x"], ["burn"], []],
    )
    def test_wrong_arguments(self, run: Run, database: Database, arguments: list[str]) -> None:
        put(database, 1.0)
        put(database, 2.0)
        put(database, 3.0, shown=False)
        assert run("profiles", *arguments).exit_code == 2
