"""A need read again with a listing in sight, as ONNX graphs: nothing of a pair is left to do in Python, where threads
wait for each other.

In the encoder's last layer, run once more, the tokens of the need see their own and those of the listing's card; the
card's see nobody new. So all that the layer needs of a card is made once: keys, values, and the token vectors that the
encoder gives anyway. A pair costs the layer for the tokens of the need alone: 2.3 ms where both cost 5.8.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from embeddings.graph import JOINT_LAYERS, Graph
from embeddings.trained import Tensors
from embeddings.weights import Shape

Floats = NDArray[np.float32]

STATE, PROJECTED = "state", "projected"
NEED, NEED_PROJECTED, NEED_FIRST = "need", "need_projected", "need_first"
CARD, CARD_SCALES, CARD_FIRST = "card", "card_scales", "card_first"
ODDS = "odds"
#: Queries, keys and values of a token stand side by side; of a card keys, values and unit vectors.
PARTS = 3
#: Less than any token's length: what divides must not be 0.
_SHORTEST = 1e-9


def build_projections(shape: Shape, tensors: Tensors) -> onnx.ModelProto:
    """The model of what the layer's attention makes of one text: `state` float32 [t, d] → `projected` [t, 3 d]."""
    graph = Graph(shape, tensors)
    projected = graph.projections(STATE, _prefix(shape))
    graph.plain("Identity", [projected], PROJECTED)
    sides = (STATE, shape.hidden), (PROJECTED, PARTS * shape.hidden)
    given, found = (helper.make_tensor_value_info(one, TensorProto.FLOAT, ["tokens", width]) for one, width in sides)
    return graph.model([given], [found])


def build_pair(shape: Shape, tensors: Tensors, late: float, weights: Floats, bias: float) -> onnx.ModelProto:
    """The model: a need's state float32 [a, d] and its projections [a, 3 d], and a card's keys, values and unit vectors
    int8 [b, 3 d] with their scales float32 [b, 3] → log-odds float32 [].

    The need's tokens attend to their own and to the card's, and go through the rest of the layer. Then the mean over
    them of their greatest cosine with the card's, times `late`; plus the mean of all the need's tokens times
    weights[0], and of the card's unit vectors times weights[1]; plus `bias`. Cosines are those of the tokens from
    `need_first` and `card_first` int64 [1] on, but the last.
    """
    graph = Graph(shape, tensors)
    keys, values, units = _card(graph, shape.hidden)
    x = _read(graph, shape, keys, values)
    first = graph.constant("axis.first", np.array([0]))
    own = graph.plain("Slice", [x, NEED_FIRST, graph.constant("last", np.array([-1])), first], "need.own")
    theirs = graph.plain("Slice", [units, CARD_FIRST, "last", first], "card.own")
    parts = [
        graph.plain(
            "Mul",
            [_late(graph, own, theirs), graph.constant("late.weight", np.array([late], np.float32))],
            "late.part",
        ),
        _linear(graph, "need", x, weights[0]),
        _linear(graph, "card", units, weights[1]),
        graph.constant("bias", np.array([bias], np.float32)),
    ]
    graph.plain("Sum", parts, "odds.one")
    graph.plain("Squeeze", ["odds.one", first], ODDS)
    inputs: list[tuple[str, int, list[str | int | None]]] = [
        (NEED, TensorProto.FLOAT, ["a", shape.hidden]),
        (NEED_PROJECTED, TensorProto.FLOAT, ["a", PARTS * shape.hidden]),
        (CARD, TensorProto.INT8, ["b", PARTS * shape.hidden]),
        (CARD_SCALES, TensorProto.FLOAT, ["b", PARTS]),
        (NEED_FIRST, TensorProto.INT64, [1]),
        (CARD_FIRST, TensorProto.INT64, [1]),
    ]
    given = [helper.make_tensor_value_info(*one) for one in inputs]
    return graph.model(given, [helper.make_tensor_value_info(ODDS, TensorProto.FLOAT, [])])


def _prefix(shape: Shape) -> str:
    return f"encoder.layer.{shape.layers - JOINT_LAYERS}."


def _card(graph: Graph, hidden: int) -> list[str]:
    """Keys, values and unit vectors of the card's tokens, float32 [b, d] each."""
    width = graph.constant("card.width", np.array([hidden] * PARTS))
    numbers = graph.plain("Cast", [CARD], "card.floats", to=TensorProto.FLOAT)
    found = []
    rows = graph.split(numbers, width, [f"card.part{part}" for part in range(PARTS)])
    ones = graph.constant("card.ones", np.array([1] * PARTS))
    scales = graph.split(CARD_SCALES, ones, [f"card.scale{part}" for part in range(PARTS)])
    for name, row, scale in zip(("keys", "values", "units"), rows, scales, strict=True):
        found.append(graph.plain("Mul", [row, scale], f"card.{name}"))
    return found


def _read(graph: Graph, shape: Shape, keys: str, values: str) -> str:
    """The need's tokens after the layer, float32 [a, d]."""
    width = graph.constant("need.width", np.array([shape.hidden] * PARTS))
    queries, *own = graph.split(NEED_PROJECTED, width, ["need.queries", "need.keys", "need.values"])
    batch = graph.constant("axis.batch", np.array([0]))
    seen = [
        graph.plain("Concat", [mine, theirs], f"both.{name}", axis=0)
        for name, mine, theirs in zip(("keys", "values"), own, (keys, values), strict=True)
    ]
    one = [graph.plain("Unsqueeze", [part, batch], f"{part}.one") for part in (queries, *seen, NEED)]
    attention = graph.attention(one[0], one[1], one[2], "cross")
    return graph.plain("Squeeze", [graph.after_attention(one[3], attention, _prefix(shape)), batch], "need.read")


def _late(graph: Graph, need: str, units: str) -> str:
    """float32 [1]: late interaction."""
    last = graph.constant("axis.last", np.array([-1]))
    lengths = graph.plain("ReduceL2", [need, last], "need.lengths", keepdims=1)
    floor = graph.constant("need.shortest", np.array(_SHORTEST, np.float32))
    unit = graph.plain("Div", [need, graph.plain("Max", [lengths, floor], "need.long")], "need.unit")
    cosines = graph.plain("MatMul", [unit, graph.plain("Transpose", [units], "card.turned", perm=[1, 0])], "cosines")
    best = graph.plain("ReduceMax", [cosines, last], "cosines.best", keepdims=0)
    return graph.plain("ReduceMean", [best, graph.constant("axis.only", np.array([0]))], "late", keepdims=1)


def _linear(graph: Graph, name: str, text: str, weights: Floats) -> str:
    """float32 [1]: the mean of all tokens times weights [d]."""
    first = graph.constant(f"{name}.axis", np.array([0]))
    mean = graph.plain("ReduceMean", [text, first], f"{name}.mean", keepdims=0)
    times = graph.plain("Mul", [mean, graph.constant(f"{name}.weights", weights)], f"{name}.times")
    return graph.plain("ReduceSum", [times, first], f"{name}.linear", keepdims=1)
