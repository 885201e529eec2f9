"""Sets of judged needs from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.judged_sets import read_judged_set, shipped_set
from matcher.settings import Settings

NEEDS = (
    '{"id": "N-1", "description": "酶制剂发酵", "explicit": true, "industry": ["食品"]}',
    '{"id": "N-2", "description": "晶圆流片"}',
    '{"id": "N-3", "description": "没有人标注"}',
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    needs, judgements = tmp_path / "own.jsonl", tmp_path / "own.tsv"
    needs.write_text("\n".join(NEEDS), encoding="utf-8")
    judgements.write_text("N-1 0 PF-1 3\nN-2 0 PF-5 0\nN-9 0 PF-5 3\n", encoding="utf-8")
    return needs, judgements


def test_judged_needs_of_both_files(files: tuple[Path, Path]) -> None:
    found = read_judged_set(*files)
    assert found.name == "own"
    assert [need.id for need in found.needs] == ["N-1", "N-2"]
    assert [one.explicit for one in found.traits] == [True, None]
    assert found.judgements.need_ids == ("N-1", "N-2")
    assert found.version == f"own@{found.hash[:12]}"


def test_another_grade_is_another_version(files: tuple[Path, Path]) -> None:
    before = read_judged_set(*files)
    files[1].write_text(files[1].read_text().replace("PF-1 3", "PF-1 2"))
    assert read_judged_set(*files).version != before.version


def test_a_version_fits_its_column(files: tuple[Path, Path]) -> None:
    assert len(read_judged_set(*files, name="很长的名字" * 40).version) == 64


def test_what_can_not_be_used_is_said(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        read_judged_set(tmp_path / "nowhere", files[1])
    with pytest.raises(NotFound, match="nowhere"):
        read_judged_set(files[0], tmp_path / "nowhere")
    files[1].write_text("N-9 0 PF-1 3\n")
    with pytest.raises(InvalidInput, match="没有"):
        read_judged_set(*files)
    files[0].write_text("{")
    with pytest.raises(InvalidInput):
        read_judged_set(*files)


def test_the_shipped_set_is_large_enough_for_the_gate(shipped_settings: Settings) -> None:
    from matcher.evaluation.gate import NEEDS_MIN

    found = shipped_set(shipped_settings)
    assert sum(map(found.judgements.is_answerable, found.judgements.need_ids)) > 3 * NEEDS_MIN
    assert found.version.startswith("dev@")
