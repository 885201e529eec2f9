"""Files written by the command line: the ending says what they are, an old file survives a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.reading import read_table
from matcher.catalogue.listings_file import read_listings
from matcher.commands.exporting import export_file, template_file
from matcher.errors import InvalidInput, Unavailable

LISTINGS = read_listings(Path(__file__).parents[3] / "datasets" / "listings.jsonl")[:30]


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv", "out.CSV"])
def test_tables_come_back(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = export_file(LISTINGS, tmp_path / name)
    found = preview(read_table(name, tmp_path / name), [])
    assert [row.listing for row in found.rows] == list(LISTINGS)
    assert done.listings == len(LISTINGS)
    assert f"已导出 {len(LISTINGS)} 个条目到 {name}(本系统模板)" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_json_lines_come_back(tmp_path: Path) -> None:
    export_file(LISTINGS, tmp_path / "out.jsonl")
    assert read_listings(tmp_path / "out.jsonl") == tuple(LISTINGS)


def test_other_forms_and_encodings(tmp_path: Path) -> None:
    export_file(LISTINGS, tmp_path / "out.csv", "directory", "gb18030")
    assert "建设/运营单位" in (tmp_path / "out.csv").read_bytes().decode("gb18030")


@pytest.mark.parametrize(
    ("name", "form", "message"),
    [("out.pdf", None, "不认识的扩展名 .pdf"), ("out", None, "不认识的扩展名"), ("out.csv", "jsonl", "不能写成 .csv"),
     ("out.jsonl", "directory", "不能写成 JSON Lines")],
)  # fmt: skip
def test_endings_that_do_not_fit(tmp_path: Path, name: str, form: str | None, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        export_file(LISTINGS, tmp_path / name, form)  # type: ignore[arg-type]  # forms by name
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="无法写入"):
        export_file(LISTINGS, tmp_path / "no" / "out.csv")


def test_templates_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template_file(tmp_path / "t.xlsx", "instruments")
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")
    assert "已写出模板 t.xlsx" in capsys.readouterr().out
    with pytest.raises(InvalidInput, match="模板是"):
        template_file(tmp_path / "t.csv")
