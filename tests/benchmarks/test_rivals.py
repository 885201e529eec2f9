"""Every system on a task small enough to know the answer; those that are not installed are skipped by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.fusion import fuse
from tests.benchmarks.rivals.systems import SYSTEMS, System
from tests.benchmarks.rivals.task import Row, Task, kinds_of, listing_text, need_text, read_rows, supply

TEXTS = {
    "PF-1": "生物发酵中试平台 发酵罐 500L 菌种放大",
    "PF-2": "8英寸晶圆中试线 光刻 刻蚀",
    "MF-1": "锂电池代工厂 电芯试制 涂布",
    "EQ-1": "喷雾干燥塔 粉体 食品",
}
NEEDS = {"N-1": "需要发酵罐做菌种放大", "N-2": "晶圆光刻流片"}
#: By words and by vectors alike.
ANSWERS = {"N-1": "PF-1", "N-2": "PF-2"}


def unit_vectors(rows: list[list[float]]) -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = np.array(rows, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


@pytest.fixture
def task() -> Task:
    return Task(
        listing_ids=tuple(TEXTS),
        listing_texts=tuple(TEXTS.values()),
        listing_vectors=unit_vectors([[1, 0, 0.1, 0.1], [0, 1, 0.1, 0.1], [0.1, 0.2, 1, 0], [0.2, 0.1, 0, 1]]),
        need_ids=tuple(NEEDS),
        need_texts=tuple(NEEDS.values()),
        need_vectors=unit_vectors([[1, 0.1, 0.1, 0.2], [0.1, 1, 0.2, 0.1]]),
        depth=3,
    )


def ranked(system: System, task: Task) -> tuple[Run, int]:
    ticks: list[int] = []
    return system.rank(task, lambda: ticks.append(1)), len(ticks)


# Other people's packages warn of what is theirs to mend.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: f"{system.module}.{system.function}")
def test_the_answer_comes_first_within_the_depth(system: System, task: Task) -> None:
    if system.version() is None:
        pytest.skip(f"{', '.join(system.packages)} not installed")
    run, ticks = ranked(system, task)
    assert ticks == len(NEEDS)
    for need, answer in ANSWERS.items():
        ranking = run.of(need)
        assert ranking[0] == answer
        assert len(ranking) <= task.depth
        assert set(ranking) <= set(TEXTS)


def test_a_missing_package_has_no_version() -> None:
    assert System("x", "", "dense", packages=("no-such-package-here",)).version() is None


def test_no_package_needed_has_an_empty_version() -> None:
    assert System("x", "", "dense").version() == ""


def test_every_rival_of_the_plan_is_listed() -> None:
    names = {system.name.split()[0] for system in SYSTEMS}
    assert names == {"BM25", "Dense", "RRF", "txtai", "Haystack", "LanceDB", "Milvus"}


class TestFuse:
    def test_hand_worked(self) -> None:
        fused = fuse([("A", "B"), ("B", "C")], depth=3)
        assert list(fused) == ["B", "A", "C"]
        assert fused["B"] == pytest.approx(1 / 62 + 1 / 61)
        assert fused["A"] == pytest.approx(1 / 61)

    def test_equal_scores_go_by_id_and_depth_cuts(self) -> None:
        assert list(fuse([("B",), ("A",)], depth=1)) == ["A"]


class TestTexts:
    row: ClassVar[Row] = {
        "id": "PF-1",
        "kind": "platform",
        "name": "平台",
        "operator": None,
        "industry": ["食品", "发酵"],
        "capabilities": [],
        "parameters": [
            {"name": "罐容", "min": 50, "max": 500, "unit": "L"},
            {"name": "寸", "min": 8, "max": 8, "unit": "英寸"},
            {"name": "面积", "min": None, "max": 90, "unit": "m2"},
        ],
        "services": ["试产"],
    }

    def test_listing_text_holds_every_field_and_no_gaps(self) -> None:
        assert listing_text(self.row) == "平台。食品 发酵。罐容 50–500L 寸 8英寸 面积 90m2。试产"

    def test_need_text(self) -> None:
        assert need_text({"title": "题", "description": "文"}) == "题。文"
        assert need_text({"title": None, "description": "文"}) == "文"

    def test_only_supply_is_ranked(self, tmp_path: Path) -> None:
        path = tmp_path / "l.jsonl"
        path.write_text(
            "\n".join(json.dumps({"id": kind, "kind": kind}) for kind in ("platform", "case", "policy", "equipment"))
        )
        rows = supply(read_rows(path))
        assert kinds_of(rows) == {"platform": "platform", "equipment": "equipment"}
