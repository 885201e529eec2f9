"""Precision: the table and its verdict."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.encoder import BUNDLED, BUNDLED_FEW, BUNDLED_TORCH
from matcher.evaluation.bootstrap import compare
from tests.benchmarks.precision import Outcome, page, row, took, verdict


def outcome(encoder: str, quality: list[float]) -> Outcome:
    return Outcome(encoder, [10.0, 20.0, 30.0], {"default": np.array(quality), "fast": np.array(quality)})


def test_a_row_has_times_and_each_profile() -> None:
    found = row(outcome(BUNDLED, [0.5, 0.7]))
    assert found == "| int8, all layers | 20.0 ms | 29.0 ms | 0.6000 | 0.6000 |"


@pytest.mark.parametrize(("ours", "word"), [(0.699, "within"), (0.701, "within"), (0.69, "beyond")])
def test_the_verdict_is_on_what_is_lost(ours: float, word: str) -> None:
    said = verdict(BUNDLED_FEW, "fast", compare([ours, ours], [0.7, 0.7]))
    assert said.startswith(f"fast, int8, few layers for needs (served): loses {0.7 - ours:+.4f} nDCG@10")
    assert f"{word} 0.005" in said


def test_the_page_compares_need_by_need() -> None:
    ours = [outcome(BUNDLED, [0.5, 0.7]), outcome(BUNDLED_FEW, [0.5, 0.9])]
    text = page(ours, outcome(BUNDLED_TORCH, [0.5, 0.9]), "a machine")
    assert "float32, sentence-transformers on torch" in text
    assert "on a machine" in text
    assert "default, int8, all layers: loses +0.1000 nDCG@10 [+0.0000, +0.2000], beyond" in text
    assert "fast, int8, few layers for needs (served): loses +0.0000 nDCG@10 [+0.0000, +0.0000], within 0.005." in text


def test_each_text_is_read_once_and_is_another_than_the_one_that_was_ranked() -> None:
    read: list[str] = []
    texts = ["需要发酵罐做菌种放大", "八英寸晶圆光刻加工"]
    assert len(took(read.append, texts)) == 2
    assert all(len(seen) == len(text) - 1 for seen, text in zip(read, texts, strict=True))
