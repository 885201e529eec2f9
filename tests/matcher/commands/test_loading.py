"""`pilotmatch load`: one's own files become the catalogue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.published import published
from matcher.catalogue.listings.store import find
from matcher.catalogue.listings_file import write_listings
from tests.matcher.commands.conftest import Run, refused
from tests.matcher.small import LISTINGS, SUPPLY

IDS = [one.id for one in LISTINGS]


@pytest.fixture
def own_data(tmp_path: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that nobody else writes to, with the vectors of the small catalogue."""
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("encoders", "encodings"):
        (folder / name).symlink_to(small_data / name)
    monkeypatch.setenv("PILOTMATCH_DATA", str(folder))
    return folder


def stored(data: Path) -> list[str]:
    if not (data / "pilotmatch.db").exists():
        return []
    database = Database(f"sqlite:///{data / 'pilotmatch.db'}")
    with database.reading() as session:
        found = [one.id for one in published(session)]
    database.dispose()
    return found


def test_a_loaded_catalogue_is_ranked_from_then_on(run: Run, own_data: Path, listings: str) -> None:
    ended = run("load", listings)
    assert ended.code == 0
    assert f"{len(LISTINGS)} 个条目" in ended.out
    assert f"供给 {len(SUPPLY)} 个" in ended.out
    assert stored(own_data) == sorted(IDS)
    answer = run("match", "酶制剂发酵,GMP,广东", "--top", "50", "--json").json
    assert {match["listing"]["id"] for match in answer["matches"]} == {one.id for one in SUPPLY}
    assert answer["matches"][0]["listing"]["id"] == "PF-1"


def test_several_files_make_one_catalogue(run: Run, own_data: Path, tmp_path: Path) -> None:
    for name, part in (("a.jsonl", LISTINGS[:3]), ("b.jsonl", LISTINGS[3:5])):
        write_listings(tmp_path / name, part)
    assert run("load", "a.jsonl", "b.jsonl").code == 0
    assert stored(own_data) == sorted(IDS[:5])


def test_what_was_there_before_is_retired_not_lost(run: Run, own_data: Path, tmp_path: Path) -> None:
    write_listings(tmp_path / "a.jsonl", LISTINGS[:3])
    write_listings(tmp_path / "b.jsonl", LISTINGS[2:5])
    assert run("load", "a.jsonl").code == 0
    assert "2 个条目不在文件里,已下架" in run("load", "b.jsonl").out
    assert stored(own_data) == sorted(IDS[2:5])
    database = Database(f"sqlite:///{own_data / 'pilotmatch.db'}")
    with database.reading() as session:
        assert find(session, CONSOLE, IDS[0]).state == "retired"
    database.dispose()


def test_an_id_in_two_files_is_refused_and_the_old_catalogue_stays(run: Run, own_data: Path, tmp_path: Path) -> None:
    write_listings(tmp_path / "a.jsonl", LISTINGS[:3])
    write_listings(tmp_path / "b.jsonl", LISTINGS[2:5])
    assert run("load", "a.jsonl").code == 0
    refused(run("load", "a.jsonl", "b.jsonl"), 1, LISTINGS[2].id, "重复")
    assert stored(own_data) == sorted(IDS[:3])


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "空文件"), ("{broken", "第 1 行"), ('{"id": "P", "kind": "policy", "name": "办法"}', "没有可匹配的供给")],
)
def test_what_can_not_be_ranked_is_refused(run: Run, own_data: Path, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "bad.jsonl").write_text(content, encoding="utf-8")
    refused(run("load", "bad.jsonl"), 1, words)
    assert stored(own_data) == []


def test_a_file_that_is_not_there(run: Run, own_data: Path) -> None:
    refused(run("load", "nowhere.jsonl"), 2, "nowhere.jsonl")


def test_an_id_that_no_address_can_hold_is_refused_by_its_line(run: Run, own_data: Path, tmp_path: Path) -> None:
    write_listings(tmp_path / "a.jsonl", [LISTINGS[0], replace(LISTINGS[1], id="a/b")])
    refused(run("load", "a.jsonl"), 1, "第 2 行", "a/b")


def test_a_source_that_is_no_page_is_refused_by_its_line(run: Run, own_data: Path, tmp_path: Path) -> None:
    write_listings(tmp_path / "a.jsonl", [LISTINGS[0], replace(LISTINGS[1], source_url="javascript:alert(1)")])
    refused(run("load", "a.jsonl"), 1, "第 2 行", "source_url 不是网址")
