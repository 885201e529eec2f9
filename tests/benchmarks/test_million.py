"""The benchmark of a million, on a few hundred: what it measures is what it says."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import million_vectors
from tests.benchmarks.million import PLACES, Figures, Task, measure_milvus, measure_ours, name, recall, row
from tests.benchmarks.million_vectors import mixtures

D, ROWS = 32, 1_500


def unit(seed: int, count: int) -> million_vectors.Floats:
    rows = np.random.default_rng(seed).standard_normal((count, D)).astype(np.float32)
    found: million_vectors.Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Task:
    monkeypatch.setattr(million_vectors, "CHUNK", 400)
    monkeypatch.setattr("tests.benchmarks.million.CHUNK", 400)
    monkeypatch.setattr("tests.benchmarks.million.AT_ONCE", 800)
    return Task(unit(0, 50), unit(1, 6), ROWS)


def test_vectors_are_unit_all_different_clustered_and_the_same_each_time(task: Task) -> None:
    made = np.concatenate(list(mixtures(task.base, ROWS)))
    assert made.shape == (ROWS, D)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(made, np.concatenate(list(mixtures(task.base, ROWS))))
    cosines = made @ made.T - 2 * np.eye(ROWS)
    assert cosines.max() < 0.9999
    assert np.median(cosines.max(axis=1)) > np.median((unit(2, ROWS) @ unit(3, ROWS).T).max(axis=1)) + 0.1
    assert not np.array_equal(made, np.concatenate(list(mixtures(task.base, ROWS, seed=1))))


def test_ours_finds_what_brute_force_finds(task: Task) -> None:
    figures, made = measure_ours(task), np.concatenate(list(mixtures(task.base, ROWS)))
    assert figures.found is not None
    assert figures.found_filtered is not None
    for number, need in enumerate(task.needs):
        scores = made @ need
        assert figures.found[number] == [name(one) for one in np.argsort(-scores)[:10].tolist()]
        scores[np.arange(ROWS) % PLACES != number] = -2
        assert figures.found_filtered[number] == [name(one) for one in np.argsort(-scores)[:10].tolist()]
    assert figures.memory > 1e6
    assert len(figures.took or ()) == len(task.needs)


def test_milvus_exact_finds_the_same(task: Task, tmp_path: Path) -> None:
    pytest.importorskip("pymilvus", reason="the extra `milvus` is not installed")
    pytest.importorskip("milvus_lite", reason="the extra `milvus` is not installed")
    truth, figures = measure_ours(task), measure_milvus(task, f"milvus-lite://{tmp_path}/x.db", os.getpid())
    assert recall(figures.found or [], truth.found or []) == 1
    assert recall(figures.found_filtered or [], truth.found_filtered or []) == 1
    cells = [cell.strip() for cell in row("Milvus", ROWS, figures, truth).strip("| ").split("|")]
    assert (cells[0], cells[1], cells[7], cells[9]) == ("Milvus", "1,500", "1.000", "1.000")


def test_recall_is_the_share_of_true_hits() -> None:
    assert recall([["a", "b"], ["c", "x"]], [["a", "b"], ["c", "d"]]) == 0.75
    with pytest.raises(ValueError, match="zip"):
        recall([], [["a"]])


def test_the_table_has_a_cell_for_each_column() -> None:
    from tests.benchmarks.million import HEADER

    figures = Figures(1.4, 2.6, 3e9, [0.001, 0.002], [0.003], [["a"]], [["a"]])
    assert row("x", 1_000_000, figures, figures).count("|") == HEADER.count("|")
    assert row("x", 1_000_000, figures, figures).startswith("| x | 1,000,000 | 1 | 3 | 3.0 | 1.5 |")
