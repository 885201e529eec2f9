"""The score of a pair against the transformer and the formula written out in numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from embeddings.bundled import layer_tensors
from embeddings.encoded import unit
from embeddings.graph import build_layers
from embeddings.pair_graph import build_pair, build_projections
from embeddings.trained import Tensors
from embeddings.weights import Source, open_source
from tests.embeddings import tiny
from tests.embeddings.test_graph import embed, layer, opened

Array = NDArray[np.float32]
LAST = f"encoder.layer.{tiny.LAYERS - 1}."
PLAIN = np.zeros((2, tiny.HIDDEN), np.float32)


class Models:
    """Both graphs over the miniature, and a pair's score from states before the last layer."""

    def __init__(self, source: Source, tensors: Tensors, late: float, weights: Array, bias: float) -> None:
        pair = build_pair(source.shape, tensors, late, weights, bias)
        self._pair, self._projections = (
            onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            for model in (pair, build_projections(source.shape, tensors))
        )

    def projected(self, state: Array) -> Array:
        found: Array = self._projections.run(None, {"state": state})[0]
        return found

    def odds(self, need: Array, card: Array, units: Array, need_first: int = 1, card_first: int = 1) -> float:
        parts = np.concatenate([self.projected(card)[:, tiny.HIDDEN :], units], 1).reshape(len(card), 3, -1)
        scales = np.abs(parts).max(2) / 127
        given: dict[str, Any] = {
            "need": need,
            "need_projected": self.projected(need),
            "card": np.rint(parts / scales[..., None]).astype(np.int8).reshape(len(card), -1),
            "card_scales": scales,
            "need_first": np.array([need_first]),
            "card_first": np.array([card_first]),
        }
        found = self._pair.run(None, given)[0]
        assert found.shape == ()
        return float(found)


def formula(
    read: Array, units: Array, late: float, weights: Array, bias: float, need_first: int = 1, card_first: int = 1
) -> float:
    cosines = unit(read[need_first:-1]) @ units[card_first:-1].T
    linear = read.mean(0) @ weights[0] + units.mean(0) @ weights[1]
    return float(late * cosines.max(1).mean() + linear + bias)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    path = tmp_path_factory.mktemp("source") / "w.bin"
    tiny.write(path, seed=3)
    return open_source(path)


@pytest.fixture(scope="module")
def tensors(source: Source) -> Tensors:
    return layer_tensors(source, Path("none"))


@pytest.mark.parametrize("seed", range(25))
def test_any_lengths_follow_the_formula(source: Source, tensors: Tensors, seed: int) -> None:
    random = np.random.default_rng(seed)
    need, card = random.integers(4, 12, 2).tolist()
    firsts = random.integers(1, 3, 2).tolist()
    ours, theirs = (random.normal(size=(size, tiny.HIDDEN)).astype(np.float32) for size in (need, card))
    units = unit(random.normal(size=theirs.shape).astype(np.float32))
    weights = (0.2 * random.normal(size=(2, tiny.HIDDEN))).astype(np.float32)
    late, bias = random.normal(size=2).tolist()
    # What the need's tokens are in the layer over both is what they are where the card's are not asked for.
    read = layer(np.concatenate([ours, theirs]), tensors, LAST)[:need]
    wanted = formula(read, units, late, weights, bias, *firsts)
    found = Models(source, tensors, late, weights, bias).odds(ours, theirs, units, *firsts)
    assert found == pytest.approx(wanted, abs=0.06)  # bytes and int8 products


@pytest.mark.parametrize("cut", [3, 5])
def test_the_layer_is_the_encoder_s_last(source: Source, tensors: Tensors, cut: int) -> None:
    """A need and a card that are the two parts of one text: the layer makes of the need what it makes of the text."""
    ids = np.array([0, 5, 7, 4, 15, 14, 17, 18, 2])
    embedded = embed(source.shape, source.four_bit("emb.word", tiny.HIDDEN), tensors, ids)
    layers = opened(build_layers(source.shape, tensors))
    hidden, below = (one[0] for one in layers.run(None, {"embedded": embedded}))
    wanted = formula(hidden[:cut], unit(hidden[cut:]), 3.0, PLAIN, 0.5)
    found = Models(source, tensors, 3.0, PLAIN, 0.5).odds(below[:cut], below[cut:], unit(hidden[cut:]))
    assert found == pytest.approx(wanted, abs=0.05)


def test_projections_are_the_attention_s(source: Source, tensors: Tensors) -> None:
    state = np.random.default_rng(1).normal(size=(6, tiny.HIDDEN)).astype(np.float32)
    found = Models(source, tensors, 1.0, PLAIN, 0.0).projected(state)
    names = [f"{LAST}attention.self.{part}" for part in ("query", "key", "value")]
    wanted = np.concatenate([state @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"] for name in names], 1)
    np.testing.assert_allclose(found, wanted, atol=0.02 * np.abs(wanted).max())


def test_each_part_of_the_head_counts(source: Source, tensors: Tensors) -> None:
    random = np.random.default_rng(2)
    need, card = (random.normal(size=(5, tiny.HIDDEN)).astype(np.float32) for _ in range(2))
    units = unit(random.normal(size=card.shape).astype(np.float32))
    sides = np.eye(2, dtype=np.float32)[:, :, None] * random.normal(size=tiny.HIDDEN).astype(np.float32)

    def found(late: float, weights: Array, bias: float) -> float:
        return Models(source, tensors, late, weights, bias).odds(need, card, units)

    plain = found(10.0, PLAIN, -3.0)
    assert found(0.0, PLAIN, -3.0) == pytest.approx(-3.0)
    assert found(20.0, PLAIN, -3.0) + 3.0 == pytest.approx(2 * (plain + 3.0), rel=1e-5)
    both = [found(0.0, side, 0.0) for side in sides]
    assert min(map(abs, both)) > 0
    assert found(10.0, sides.sum(0), -3.0) == pytest.approx(plain + sum(both), abs=1e-4)


def test_unit_vectors_of_nothing_are_like_nothing(source: Source, tensors: Tensors) -> None:
    need = np.random.default_rng(3).normal(size=(4, tiny.HIDDEN)).astype(np.float32)
    units = np.zeros((3, tiny.HIDDEN), np.float32)
    model = Models(source, tensors, 30.0, PLAIN, 1.0)
    with np.errstate(invalid="ignore"):
        assert model.odds(need, need[:3], units + 1e-30) == pytest.approx(1.0, abs=1e-3)
