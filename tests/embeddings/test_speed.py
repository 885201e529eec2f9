"""Timings, printed and not asserted, each with the quality of the same vectors in its row: `pytest -m benchmark -s`."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from embeddings import Encoder, VectorIndex
from embeddings.onnx import OnnxEncoder, load_onnx

NEEDS = Path(__file__).parents[2] / "datasets" / "needs_dev.jsonl"
ROWS, DIMENSION = 24_000, 384


@pytest.fixture(scope="module")
def needs() -> list[str]:
    with NEEDS.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [f"{row['title']} {row['description']}" for row in rows[:60]]


@pytest.mark.benchmark
def test_encoders(encoder: OnnxEncoder, reference: Encoder, models: Path, needs: list[str]) -> None:
    of_fifty = min(needs, key=lambda need: abs(len(encoder.read_need(need).tokens) - 45))
    truth = reference.encode_listings(needs)
    for name, each in [("torch float32", reference), ("int8, 1 thread", encoder), ("int8, 2", load_onnx(models, 2))]:
        cosines = (each.encode_listings(needs) * truth).sum(axis=1)
        shown = f"cosine mean {cosines.mean():.4f} least {cosines.min():.4f}"
        print(f"{name:16} p50 {milliseconds(lambda each=each: each.read_listing(of_fifty)):6.2f} ms   {shown}")  # noqa: T201


@pytest.mark.benchmark
def test_index() -> None:
    vectors, query = random_units(ROWS), random_units(1, seed=1)
    index = VectorIndex(DIMENSION, "benchmark")
    index.add([str(row) for row in range(ROWS)], vectors)
    mask = np.random.default_rng(2).random(ROWS) < 0.01
    truth = np.argsort(-(vectors @ query[0]))[:100]
    recall = len({int(key) for key in index.search(query, 100)[0][0]} & set(truth.tolist())) / 100
    for name, work in [
        ("search 100", lambda: index.search(query, 100)),
        ("search 100 in 1 %", lambda: index.search(query, 100, mask)),
        ("scores", lambda: index.scores(query[0])),
        ("replace one row", lambda: index.replace(["7"], query)),
    ]:
        print(f"{name:18} p50 {milliseconds(work):6.2f} ms   recall@100 {recall:.2f}, {ROWS} rows")  # noqa: T201


def milliseconds(work: Callable[[], object], times: int = 30) -> float:
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def random_units(rows: int, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((rows, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
