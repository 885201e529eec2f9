"""`pilotmatch import`, `export`, `template` and `tick`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.importing.reading import read_table
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.published import published
from matcher.catalogue.listings_file import read_listings, write_listings
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.records import Listing
from matcher.today import today
from tests.matcher.commands.conftest import Run, refused
from tests.matcher.small import LISTINGS


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def database(data: Path) -> Database:
    opened = Database(f"sqlite:///{data / 'pilotmatch.db'}")
    opened.migrate()
    return opened


def stored(data: Path) -> list[Listing]:
    opened = database(data)
    with opened.reading() as session:
        found = list(published(session))
    opened.dispose()
    return found


class TestImport:
    def test_a_preview_writes_nothing(self, run: Run, data: Path, listings: str) -> None:
        ended = run("import", listings)
        assert ended.code == 0
        assert f"新增 {len(LISTINGS)}" in ended.out
        assert "只是预览" in ended.out
        assert stored(data) == []

    def test_confirmed_and_again(self, run: Run, data: Path, listings: str) -> None:
        assert f"新增 {len(LISTINGS)} 条" in run("import", listings, "--confirm", "--suggestions").out
        assert stored(data) == sorted(LISTINGS, key=lambda one: one.id)
        assert "新增 0 条,更新 0 条" in run("import", listings, "--confirm").out

    def test_errors_are_told_by_row_and_nothing_is_written(self, run: Run, data: Path, tmp_path: Path) -> None:
        lines = ('{"id": "A", "kind": "platform", "name": "甲平台"}', '{"id": "B", "kind": "castle", "name": "乙"}')
        (tmp_path / "some.jsonl").write_text("\n".join(lines), encoding="utf-8")
        ended = run("import", "some.jsonl", "--confirm")
        assert ended.code != 0
        assert "第 2 行" in ended.out
        assert stored(data) == []
        assert run("import", "some.jsonl", "--confirm", "--skip-errors").code == 0
        assert [one.id for one in stored(data)] == ["A"]

    def test_into_a_state(self, run: Run, data: Path, listings: str) -> None:
        assert run("import", listings, "--confirm", "--suggestions", "--state", "draft").code == 0
        assert stored(data) == []

    @pytest.mark.parametrize(
        "arguments", [("--state", "hidden"), ("--decide", "1-1"), ("--decide", "1-1=eat"), ("--organisation", "nobody")]
    )
    def test_wrong_arguments(self, run: Run, data: Path, listings: str, arguments: tuple[str, ...]) -> None:
        assert run("import", listings, "--confirm", *arguments).code == 2
        assert stored(data) == []

    def test_files_that_are_none(self, run: Run, data: Path, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").write_bytes(b"%PDF-1.7 renamed")
        ended = run("import", "a.xlsx", "--confirm")
        assert ended.code != 0
        assert "PDF" in ended.err
        assert run("import", "nowhere.xlsx").code == 2


class TestExport:
    @pytest.mark.parametrize(
        ("form", "name"),
        [
            ("xlsx", "a.xlsx"),
            ("csv", "a.csv"),
            ("gb18030", "a.csv"),
            ("uniquip", "a.xlsx"),
            ("instruments", "a.xlsx"),
            ("directory", "a.xlsx"),
        ],
    )
    def test_every_form(self, run: Run, data: Path, tmp_path: Path, listings: str, form: str, name: str) -> None:
        run("import", listings, "--confirm", "--suggestions")
        ended = run("export", form, name)
        assert ended.code == 0
        assert f"{len(LISTINGS)} 个条目" in ended.out
        assert read_table(name, tmp_path / name).sheets

    def test_json_lines_come_back_the_same(self, run: Run, data: Path, tmp_path: Path, listings: str) -> None:
        run("import", listings, "--confirm", "--suggestions")
        assert run("export", "jsonl", "a.jsonl").code == 0
        assert read_listings(tmp_path / "a.jsonl") == tuple(sorted(LISTINGS, key=lambda one: one.id))

    @pytest.mark.parametrize(("form", "name"), [("xlsx", "a.csv"), ("jsonl", "a"), ("castle", "a.xlsx")])
    def test_wrong_arguments(self, run: Run, data: Path, form: str, name: str) -> None:
        assert run("export", form, name).code == 2

    def test_without_a_database_the_shipped_catalogue(self, run: Run, data: Path, tmp_path: Path) -> None:
        assert run("export", "jsonl", "a.jsonl").code == 0
        assert len(read_listings(tmp_path / "a.jsonl")) > 100
        assert not (data / "pilotmatch.db").exists()


@pytest.mark.parametrize("form", ["template", "uniquip", "instruments", "directory"])
def test_templates(run: Run, tmp_path: Path, form: str) -> None:
    assert run("template", form, "t.xlsx").code == 0
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")
    refused(run("template", form, "t.doc"), 2, ".xlsx")


def test_tick(run: Run, data: Path, tmp_path: Path) -> None:
    verified = today() - timedelta(days=600)
    opened = database(data)
    with opened.session() as session:
        session.add(OrganisationRow(id="o-1", name="某单位"))
        session.flush()
        old = replace(LISTINGS[0], verified_on=verified.isoformat())
        put_many(session, [old, *LISTINGS[1:]], CONSOLE, organisation_id="o-1")
    opened.dispose()
    ended = run("tick")
    assert ended.code == 0
    assert f"o-1 {LISTINGS[0].id}" in ended.out
    assert "共 1 条提醒" in ended.out
    assert "共 0 条提醒" in run("tick").out
    write_listings(tmp_path / "x.jsonl", stored(data))
    assert [one.id for one in read_listings(tmp_path / "x.jsonl") if one.stale_since] == [LISTINGS[0].id]
