"""`pilotmatch judgements`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.judging.sets import find_set, list_sets, verify_set
from matcher.catalogue.listings.bulk import put_many
from matcher.evaluation.judgements import read_judgements
from tests.matcher.commands.conftest import Run, refused
from tests.matcher.small import LISTINGS

QRELS = "N-1 0 PF-1 3\nN-1 0 PF-2 0\nN-2 0 PF-3 2\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database that holds the small catalogue, and files of needs and judgements."""
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path))
    database = opened(tmp_path)
    with database.session() as session:
        put_many(session, LISTINGS, CONSOLE)
    database.dispose()
    needs = [{"id": f"N-{number}", "description": "发酵放大"} for number in (1, 2)]
    (tmp_path / "needs.jsonl").write_text("\n".join(map(json.dumps, needs)), encoding="utf-8")
    (tmp_path / "j.tsv").write_text(QRELS, encoding="utf-8")
    return tmp_path


def opened(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'pilotmatch.db'}")
    database.migrate()
    return database


def imported(run: Run, files: Path, *options: str) -> str:
    ended = run("judgements", "import", "dev", str(files / "j.tsv"), "--needs", str(files / "needs.jsonl"), *options)
    assert ended.code == 0, ended
    return ended.out


def test_a_preview_leaves_nothing_and_the_confirmation_all(run: Run, files: Path) -> None:
    assert "需求:新增 2,修改 0,相同 0\n标注:新增 3,修改 0,相同 0\n只是预览" in imported(run, files)
    assert "还没有标注集" in run("judgements", "list").out
    assert "已写入 dev 第 1 版" in imported(run, files, "--confirm")
    assert "标注:新增 0,修改 0,相同 3" in imported(run, files)
    table = run("judgements", "list").out
    assert "dev" in table
    assert "开放" in table


def test_what_goes_out_is_what_came_in(run: Run, files: Path) -> None:
    imported(run, files, "--confirm")
    out = files / "out.tsv"
    assert run("judgements", "export", "dev", str(out)).code == 0
    assert read_judgements(out).grades == read_judgements(files / "j.tsv").grades
    for name in ("out.csv", "needs.out.jsonl"):
        assert run("judgements", "export", "dev@1", str(files / name)).code == 0
    again = ("judgements", "import", "copy", str(files / "out.csv"), "--needs", str(files / "needs.out.jsonl"))
    assert "已写入 copy 第 1 版" in run(*again, "--confirm").out


def test_freezing(run: Run, files: Path) -> None:
    imported(run, files, "--confirm")
    assert "已冻结 dev 第 1 版" in run("judgements", "freeze", "dev").out
    database = opened(files)
    with database.reading() as session:
        assert verify_set(session, find_set(session, "dev@1").id)
        assert [one.version for one in list_sets(session)] == [2, 1]
    database.dispose()
    refused(run("judgements", "freeze", "dev@1"), 1, "已冻结")


def test_faults_are_told_and_nothing_is_written(run: Run, files: Path) -> None:
    (files / "j.tsv").write_text(QRELS + "N-9 0 PF-1 1\nN-1 0 PF-3 4\n" + "N-1 0 XX 1\n" * 30, encoding="utf-8")
    ended = run("judgements", "import", "dev", str(files / "j.tsv"), "--needs", str(files / "needs.jsonl"), "--confirm")
    assert ended.code == 2
    assert "第 4 行:标注集里没有需求 N-9" in ended.out
    assert "共 32 处错误" in ended.out
    assert "未写入" in ended.err
    assert "还没有标注集" in run("judgements", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["import"], 2, "名称"),
        (["import", "dev"], 2, "没有文件"),
        (["import", "dev", "missing.tsv"], 2, "missing.tsv"),
        (["import", "DEV", "j.tsv"], 2, "小写"),
        (["export", "dev"], 2, "文件名"),
        (["export", "dev", "x.csv"], 1, "没有名为 dev"),
        (["freeze", "dev"], 1, "没有名为 dev"),
    ],
)
def test_arguments_that_cannot_be_used(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, word: str
) -> None:
    monkeypatch.chdir(files)
    refused(run("judgements", *arguments), code, word)
