"""Sets of judged needs from a folder, and their folds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from matcher.errors import InvalidInput
from matcher.evaluation.folds import fold_of
from matcher.evaluation.judged import DEVELOPMENT, FOLDS, TRAINING, JudgedNeeds, read_judged
from matcher.records import Need

DATASETS = Path(__file__).resolve().parents[3] / "datasets"


def write(folder: Path, name: str, needs: list[str], judgements: list[str]) -> None:
    lines = [json.dumps({"id": need, "description": f"{need} 的描述"}, ensure_ascii=False) for need in needs]
    (folder / f"needs_{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / f"judgements_{name}.tsv").write_text("\n".join(judgements) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "dev", ["N-1", "N-2", "N-3"], ["N-1\t0\tPF-1\t3", "N-1\t0\tPF-2\t0", "N-2\t0\tPF-1\t1"])
    write(tmp_path, "train", ["T-1"], ["T-1\t0\tPF-2\t2"])
    return tmp_path


def test_sets_come_one_after_the_other(folder: Path) -> None:
    judged = read_judged(folder, "dev", "train")
    assert [need.id for need in judged.needs] == ["N-1", "N-2", "N-3", "T-1"]
    assert judged.needs[0].text == "N-1 的描述"
    assert judged.grades == {"N-1": {"PF-1": 3, "PF-2": 0}, "N-2": {"PF-1": 1}, "T-1": {"PF-2": 2}}


def test_answerable_from_grade_two(folder: Path) -> None:
    judged = read_judged(folder, "dev", "train")
    assert [need.id for need in judged.needs if judged.answerable(need)] == ["N-1", "T-1"]
    assert not judged.answerable(Need("", id="N-unknown"))
    assert not judged.answerable(Need(""))


def test_every_need_is_in_one_fold_and_outside_all_others() -> None:
    judged = JudgedNeeds(tuple(Need("", id=f"N-{number}") for number in range(200)), {}, "")
    inside = [judged.fold(number, inside=True) for number in range(FOLDS)]
    assert all(inside)
    assert sorted(need.id or "" for fold in inside for need in fold) == sorted(need.id or "" for need in judged.needs)
    for number, fold in enumerate(inside):
        assert all(fold_of(need.id or "", FOLDS) == number for need in fold)
        outside = judged.fold(number, inside=False)
        assert {need.id for need in outside}.isdisjoint(need.id for need in fold)
        assert len(outside) + len(fold) == len(judged.needs)


def test_a_need_stays_in_its_fold_when_sets_are_added(folder: Path) -> None:
    for number in range(FOLDS):
        alone = read_judged(folder, "dev").fold(number, inside=True)
        together = read_judged(folder, "dev", "train").fold(number, inside=True)
        assert alone == tuple(need for need in together if (need.id or "").startswith("N-"))


def test_sets_that_are_not_there_are_left_out(folder: Path) -> None:
    assert read_judged(folder, "dev", "extra") == read_judged(folder, "dev")
    (folder / "judgements_train.tsv").unlink()
    assert read_judged(folder, "dev", "train") == read_judged(folder, "dev")
    assert read_judged(folder).needs == ()


def test_a_broken_need_is_refused_by_file_and_line(folder: Path) -> None:
    path = folder / "needs_train.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + "{\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"needs_train\.jsonl 第 2 行"):
        read_judged(folder, "dev", "train")
    assert read_judged(folder, "dev").needs


@pytest.mark.parametrize("line", ["T-1\t0\tPF-9", "T-1\t0\tPF-9\t4", "T-1\t0\tPF-2\t1"])
def test_a_broken_judgement_is_refused_by_line(folder: Path, line: str) -> None:
    path = folder / "judgements_train.tsv"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InvalidInput, match=r"judgements_train\.tsv 第 2 行"):
        read_judged(folder, "train")


def test_a_need_in_two_sets_is_refused(folder: Path) -> None:
    write(folder, "extra", ["T-2", "N-1"], ["N-1\t0\tPF-9\t2"])
    with pytest.raises(InvalidInput, match="N-1"):
        read_judged(folder, "dev", "train", "extra")


def test_the_hash_follows_every_file(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = read_judged(folder, "dev", "train").data_hash
    copy = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(folder, copy)
    assert read_judged(copy, "dev", "train").data_hash == before
    assert read_judged(folder, "dev").data_hash != before
    for path in sorted(copy.iterdir()):
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        assert read_judged(copy, "dev", "train").data_hash != before
        path.write_bytes(content)


def test_the_shipped_sets() -> None:
    judged = read_judged(DATASETS, DEVELOPMENT, *TRAINING)
    assert len([need for need in judged.needs if (need.id or "").startswith("N-")]) == 123
    assert len({need.id for need in judged.needs}) == len(judged.needs)
    assert set(judged.grades) <= {need.id for need in judged.needs}
    assert sum(judged.answerable(need) for need in read_judged(DATASETS, DEVELOPMENT).needs) == 103
