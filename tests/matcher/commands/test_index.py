"""`pilotmatch load`, `index` and `settings`: one's own catalogue, its vectors, and what is set."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from matcher.catalogue.listings_file import write_listings
from matcher.records import SUPPLY_KINDS
from tests.matcher.commands.conftest import Run, refused
from tests.matcher.small import LISTINGS

NOTHING_TO_MEND = "4 个条目:向量齐全、完好,无需修补"


@pytest.fixture
def own_data(tmp_path: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that nobody else writes to."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "encoders").symlink_to(small_data / "encoders")
    monkeypatch.setenv("PILOTMATCH_DATA", str(folder))
    return folder


def segments(data: Path) -> list[Path]:
    return sorted((data / "encodings").rglob("*.npz"))


class TestIndex:
    @pytest.fixture(autouse=True)
    def _loaded(self, run: Run, own_data: Path, tmp_path: Path) -> None:
        write_listings(own_data / "listings.jsonl", LISTINGS[:4])
        assert run("index", "--check").code == 0

    def test_check_finds_everything_in_place(self, run: Run) -> None:
        ended = run("index", "--check")
        assert ended.code == 0
        assert ended.out.strip() == NOTHING_TO_MEND

    def test_check_says_what_is_missing_and_mends_it(self, run: Run, own_data: Path) -> None:
        for path in segments(own_data):
            path.unlink()
        ended = run("index", "--check")
        assert ended.code == 0
        assert ended.out.strip() == "4 个条目:缺少 8 段文字的向量,已补上"
        assert run("index", "--check").out.strip() == NOTHING_TO_MEND

    def test_check_counts_only_what_is_missing(self, run: Run, own_data: Path, tmp_path: Path) -> None:
        write_listings(own_data / "listings.jsonl", LISTINGS[:6])
        assert "缺少 4 段文字" in run("index", "--check").out

    @pytest.mark.parametrize(
        "damage",
        [
            lambda whole: whole[: len(whole) // 2],
            lambda whole: b"",
            lambda whole: b"not an archive",
            lambda whole: whole[:-9],
        ],
        ids=["half", "empty", "other", "end"],
    )
    @pytest.mark.slow
    @pytest.mark.parametrize("flag", ["--check", "--rebuild"])
    def test_damaged_vectors_are_refused_until_they_are_mended(
        self, run: Run, own_data: Path, damage: Callable[[bytes], bytes], flag: str
    ) -> None:
        before = run("match", "发酵中试", "--format", "trec").out
        (path,) = segments(own_data)
        path.write_bytes(damage(path.read_bytes()))
        refused(run("match", "发酵中试"), 1, path.name, "pilotmatch index --check")
        ended = run("index", flag)
        assert ended.code == 0
        assert "8 段文字" in ended.out
        assert (path.name in ended.out) == (flag == "--check")
        assert run("match", "发酵中试", "--format", "trec").out == before
        assert run("index", "--check").out.strip() == NOTHING_TO_MEND

    @pytest.mark.parametrize("flags", [(), ("--check", "--rebuild"), ("--cards", "--check")])
    def test_one_of_them(self, run: Run, flags: tuple[str, ...]) -> None:
        refused(run("index", *flags), 2, "--rebuild")


def test_cards_are_read_once(run: Run, tmp_path: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "own"
    (folder / "encoders").mkdir(parents=True)
    for model in (one for one in (small_data / "encoders").iterdir() if one.is_dir()):
        (folder / "encoders" / model.name).symlink_to(model)
    monkeypatch.setenv("PILOTMATCH_DATA", str(folder))
    supply = sum(listing.kind in SUPPLY_KINDS for listing in LISTINGS[:5])
    write_listings(folder / "listings.jsonl", LISTINGS[:4])
    assert run("index", "--cards").out.strip() == f"{supply - 1} 个条目:新读 {supply - 1} 个,其余已读过"
    write_listings(folder / "listings.jsonl", LISTINGS[:5])
    assert run("index", "--cards").out.strip() == f"{supply} 个条目:新读 1 个,其余已读过"
    assert run("index", "--cards").out.strip() == f"{supply} 个条目:新读 0 个,其余已读过"


class TestSettings:
    def test_secrets_are_masked(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PILOTMATCH_SECRET", "k9Qw-Zr7_tYx2LmP4sVb8NcD6fGh1JuE")
        monkeypatch.setenv("PILOTMATCH_DATABASE", "postgresql+psycopg://me:hunter2@host/db")
        ended = run("settings")
        assert ended.code == 0
        assert "PILOTMATCH_SECRET" in ended.out
        assert "k9Qw" not in ended.out
        assert "hunter2" not in ended.out
        assert "环境变量" in ended.out
        assert "默认" in ended.out
        assert "environment" not in ended.out

    def test_brackets_are_no_markup(self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PILOTMATCH_DATA", "x[bold]y")
        assert "x[bold]y" in run("settings").out

    def test_a_value_that_can_not_be_used(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PILOTMATCH_ENV", "holiday")
        refused(run("settings"), 2, "PILOTMATCH_ENV")


def test_a_folder_that_can_not_be_written(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_listings(tmp_path / "few.jsonl", LISTINGS[:2])
    (tmp_path / "data" / "pilotmatch.db").mkdir(parents=True)
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path / "data"))
    ended = run("load", "few.jsonl")
    assert ended.code == 1
    assert "错误:数据库不可用" in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err
    assert json.loads((tmp_path / "few.jsonl").read_text(encoding="utf-8").splitlines()[0])["id"] == LISTINGS[0].id


class TestIndexOfADatabase:
    """With a database the vectors lie in it, and what is published there counts."""

    @pytest.fixture(autouse=True)
    def _loaded(self, run: Run, own_data: Path, tmp_path: Path) -> None:
        write_listings(tmp_path / "few.jsonl", LISTINGS[:4])
        assert run("load", "few.jsonl").code == 0

    def vectors(self, own_data: Path) -> sqlite3.Connection:
        return sqlite3.connect(own_data / "pilotmatch.db", isolation_level=None)

    def test_check_finds_everything_in_place(self, run: Run) -> None:
        assert run("index", "--check").out.strip() == NOTHING_TO_MEND

    @pytest.mark.slow
    def test_missing_damaged_and_unused_ones_are_told_and_mended(
        self, run: Run, own_data: Path, tmp_path: Path
    ) -> None:
        before = run("match", "发酵中试", "--format", "trec").out
        with closing(self.vectors(own_data)) as database:
            keys = [key for (key,) in database.execute("SELECT text_key FROM vectors ORDER BY text_key")]
            assert len(keys) == 8
            database.execute("DELETE FROM vectors WHERE text_key = ?", keys[:1])
            database.execute("UPDATE vectors SET tokens = x'00' WHERE text_key = ?", keys[1:2])
        refused(run("match", "发酵中试"), 1, "pilotmatch index --check")
        ended = run("index", "--check")
        assert ended.code == 0
        assert "1 处向量已损坏" in ended.out
        assert "缺少 2 段文字的向量" in ended.out
        assert run("match", "发酵中试", "--format", "trec").out == before
        write_listings(tmp_path / "less.jsonl", LISTINGS[:3])
        assert run("load", "less.jsonl").code == 0
        assert run("index", "--check").out.strip() == "3 个条目:2 段不再使用的向量已清除"
        assert run("index", "--check").out.strip() == "3 个条目:向量齐全、完好,无需修补"

    def test_rebuild_computes_all_of_them(self, run: Run) -> None:
        before = run("match", "发酵中试", "--format", "trec").out
        assert "已重新计算 8 段文字的向量" in run("index", "--rebuild").out
        assert run("match", "发酵中试", "--format", "trec").out == before
