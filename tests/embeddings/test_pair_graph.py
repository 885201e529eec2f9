"""The score of a pair: by hand, and against the transformer and the formula written out in numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings.bundled import layer_tensors
from embeddings.graph import build_graph
from embeddings.pair_graph import build_pair
from embeddings.weights import Shape, Source, open_source
from tests.embeddings import tiny

Array = NDArray[np.float32]
PLAIN = np.zeros((2, 2), np.float32)


def odds(model: Any, need: Any, card: Any, need_first: int = 1, card_first: int = 1) -> float:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = {
        "need": np.array(need, np.float16),
        "card": np.array(card, np.float16),
        "need_first": np.array([need_first]),
        "card_first": np.array([card_first]),
    }
    found = session.run(None, given)[0]
    assert found.shape == ()
    return float(found)


def bare(columns: int, late: float = 1.0, weights: Array = PLAIN, bias: float = 0.0) -> Any:
    """The score alone, without a layer."""
    shape = Shape(columns, 1, 1, 4, 10, 10, 1, 1e-12)
    return build_pair(shape, {}, late, weights, bias, layers=0)


def formula(need: Array, card: Array, first: int, late: float, weights: Array, bias: float) -> float:
    own, theirs = need[first:-1], card[first:-1]
    cosines = [
        max(float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b)) for b in theirs.astype(np.float64))
        for a in own.astype(np.float64)
    ]
    return float(late * np.mean(cosines) + need.mean(0) @ weights[0] + card.mean(0) @ weights[1] + bias)


def test_by_hand() -> None:
    # One prompt token and one at the end each; the need's own are (3, 0) and (0, 2), the card's own (5, 0) alone.
    need, card = [[9, 9], [3, 0], [0, 2], [9, 9]], [[7, 1], [5, 0], [1, 7]]
    assert odds(bare(2, late=30.0), need, card) == pytest.approx(30 * 0.5)
    weights = np.array([[0.1, 0], [0, 1]], np.float32)
    # Means over all tokens: the need's first channel 21 / 4, the card's second 8 / 3.
    linear = 0.1 * 21 / 4 + 8 / 3
    assert odds(bare(2, 60.0, weights, -4.0), need, card) == pytest.approx(60 * 0.5 + linear - 4, rel=1e-5)


def test_tokens_of_no_length_are_like_nothing() -> None:
    assert odds(bare(2), [[1, 1], [0, 0], [1, 1]], [[1, 1], [1, 0], [1, 1]]) == 0


@given(need=st.integers(3, 9), card=st.integers(3, 9), first=st.integers(1, 1), seed=st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_any_lengths_follow_the_formula(need: int, card: int, first: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    ours, theirs = (random.normal(size=(size, 4)).astype(np.float16).astype(np.float32) for size in (need, card))
    weights = random.normal(size=(2, 4)).astype(np.float32)
    late, bias = random.normal(size=2).tolist()
    wanted = formula(ours, theirs, first, late, weights, bias)
    assert odds(bare(4, late, weights, bias), ours, theirs, first, first) == pytest.approx(wanted, abs=1e-4)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    tiny.write(tmp_path / "w.bin", seed=3)
    return open_source(tmp_path / "w.bin")


@pytest.mark.parametrize("cut", [3, 5])
def test_the_layer_is_the_encoder_s_last_over_both_texts(source: Source, tmp_path: Path, cut: int) -> None:
    """A need and a card that are the two parts of one text: the layer makes of them what it makes of the text."""
    ids, tensors = np.array([0, 5, 7, 4, 15, 14, 17, 18, 2]), layer_tensors(source, tmp_path)
    whole = build_graph(source.shape, source.four_bit("emb.word", tiny.HIDDEN), tensors)
    session = onnxruntime.InferenceSession(whole.SerializeToString(), providers=["CPUExecutionProvider"])
    hidden, below = (one[0] for one in session.run(None, {"ids": ids[None]}))
    weights = np.random.default_rng(0).normal(size=(2, tiny.HIDDEN)).astype(np.float32)
    model = build_pair(source.shape, tensors, 3.0, weights, 0.5)
    wanted = formula(hidden[:cut], hidden[cut:], 1, 3.0, weights, 0.5)
    assert odds(model, below[:cut], below[cut:]) == pytest.approx(wanted, abs=0.05)  # halves go in
