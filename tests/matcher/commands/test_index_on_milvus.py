"""`pilotmatch match` and `index` with PILOTMATCH_INDEX: the same answers, and the command that mends."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from embeddings.milvus_address import Address
from embeddings.milvus_client import Client
from matcher.catalogue.listings_file import write_listings
from tests.matcher.commands.conftest import Run, refused
from tests.matcher.small import LISTINGS

pytest.importorskip("pymilvus", reason="the extra `milvus` is not installed")
pytest.importorskip("milvus_lite", reason="the extra `milvus` is not installed")

NEED = "500 L发酵罐中试放大,GMP"


@pytest.fixture
def own_data(tmp_path: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that nobody else writes to, with a small catalogue and an index on Milvus Lite."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "encoders").symlink_to(small_data / "encoders")
    write_listings(folder / "listings.jsonl", LISTINGS[:6])
    monkeypatch.setenv("PILOTMATCH_DATA", str(folder))
    monkeypatch.setenv("PILOTMATCH_PROFILE", "fast")
    return folder


@pytest.fixture
def url(tmp_path: Path, own_data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    assert own_data.exists()
    url = f"milvus-lite://{tmp_path}/x.db"
    monkeypatch.setenv("PILOTMATCH_INDEX", url)
    return url


def answer(run: Run) -> list[str]:
    """Lines of an answer without the time it took."""
    ended = run("match", NEED)
    assert ended.code == 0, ended.err
    return [line for line in ended.out.splitlines() if "毫秒" not in line and " ms" not in line]


def test_matches_as_in_memory_and_can_be_checked(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = answer(run)
    assert any("PF-1" in line for line in shared)
    assert run("index", "--check").out.strip() == "6 个条目:向量齐全、完好,无需修补"
    monkeypatch.delenv("PILOTMATCH_INDEX")
    assert answer(run) == shared


def test_check_writes_what_is_lacking_and_clears_the_rest(run: Run, url: str, own_data: Path) -> None:
    assert run("index", "--check").out.strip().endswith("向量库缺少或不同的 6 个条目,已写入")
    write_listings(own_data / "listings.jsonl", LISTINGS[2:6])
    assert "向量库里多出的 2 个条目已清除" in run("index", "--check").out


@pytest.mark.slow
def test_a_collection_for_something_else_is_refused_until_it_is_rebuilt(run: Run, url: str, own_data: Path) -> None:
    answer(run)
    client = Client(Address.parse(url))
    client.ask("alter_collection_properties", "pilotmatch", {"pilotmatch.encoder": "another"})
    client.close()
    refused(run("match", NEED), 1, "pilotmatch index --rebuild")
    assert "向量库写入 6 个条目" in run("index", "--rebuild").out
    assert any("PF-1" in line for line in answer(run))


def test_a_server_that_is_away_and_a_missing_extra_are_said_in_a_line(
    run: Run, own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOTMATCH_INDEX", "milvus://user:geheim@127.0.0.1:9/x")
    ended = run("match", NEED)
    refused(ended, 1, "Milvus")
    assert "geheim" not in ended.err
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    refused(run("match", NEED), 1, "pip install 'pilotmatch[milvus]'")
