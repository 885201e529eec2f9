"""The last layer of the encoder over two texts at once, and their score, as one ONNX graph: nothing of a pair is left
to do in Python, where threads wait for each other."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from embeddings.graph import JOINT_LAYERS, Graph
from embeddings.trained import Tensors
from embeddings.weights import Shape

Floats = NDArray[np.float32]

NEED, CARD, NEED_FIRST, CARD_FIRST, ODDS = "need", "card", "need_first", "card_first", "odds"
#: Less than any token's length: what divides must not be 0.
_SHORTEST = 1e-9
_END = np.iinfo(np.int64).max


def build_pair(
    shape: Shape, tensors: Tensors, late: float, weights: Floats, bias: float, layers: int = JOINT_LAYERS
) -> onnx.ModelProto:
    """The model: what `layers` last layers are given of a `need` float16 [a, d] and a `card` float16 [b, d] → log-odds
    float32 [].

    Tokens of both see each other in the layers. Then the mean over the need's tokens of their greatest cosine with the
    card's, times `late`; plus the mean of all the need's tokens times weights[0], and of the card's times weights[1];
    plus `bias`. Cosines are those of the tokens from `need_first` and `card_first` int64 [1] on, but the last.
    """
    graph = Graph(shape, tensors)
    halves = [graph.plain("Cast", [name], f"{name}.floats", to=TensorProto.FLOAT) for name in (NEED, CARD)]
    first_axis = graph.constant("axis.first", np.array([0]))
    x = graph.plain("Unsqueeze", [graph.plain("Concat", halves, "both", axis=0), first_axis], "both.batch")
    for layer in range(shape.layers - layers, shape.layers):
        x = graph.layer(x, f"encoder.layer.{layer}.")
    x = graph.plain("Squeeze", [x, first_axis], "read")
    length = graph.plain("Shape", [NEED], "need.length", start=0, end=1)
    end = graph.constant("end", np.array([_END]))
    need = graph.plain("Slice", [x, first_axis, length], "need.read")
    card = graph.plain("Slice", [x, length, end], "card.read")
    parts = [
        graph.plain(
            "Mul", [_late(graph, need, card), graph.constant("late.weight", np.array([late], np.float32))], "late.part"
        ),
        *(_linear(graph, text, row) for text, row in ((need, weights[0]), (card, weights[1]))),
        graph.constant("bias", np.array([bias], np.float32)),
    ]
    graph.plain("Sum", parts, "odds.one")
    graph.plain("Squeeze", ["odds.one", first_axis], ODDS)
    tokens = [helper.make_tensor_value_info(one, TensorProto.FLOAT16, [one, shape.hidden]) for one in (NEED, CARD)]
    firsts = [helper.make_tensor_value_info(one, TensorProto.INT64, [1]) for one in (NEED_FIRST, CARD_FIRST)]
    return graph.model([*tokens, *firsts], [helper.make_tensor_value_info(ODDS, TensorProto.FLOAT, [])])


def _late(graph: Graph, need: str, card: str) -> str:
    """float32 [1]: late interaction."""
    last = graph.constant("axis.last", np.array([-1]))
    units = []
    for text, first in ((need, NEED_FIRST), (card, CARD_FIRST)):
        own = graph.plain("Slice", [text, first, last], f"{text}.own")
        lengths = graph.plain("ReduceL2", [own, last], f"{text}.lengths", keepdims=1)
        floor = graph.constant(f"{text}.shortest", np.array(_SHORTEST, np.float32))
        units.append(graph.plain("Div", [own, graph.plain("Max", [lengths, floor], f"{text}.long")], f"{text}.unit"))
    turned = graph.plain("Transpose", [units[1]], "card.turned", perm=[1, 0])
    cosines = graph.plain("MatMul", [units[0], turned], "cosines")
    best = graph.plain("ReduceMax", [cosines, last], "cosines.best", keepdims=0)
    return graph.plain("ReduceMean", [best, graph.constant("axis.only", np.array([0]))], "late", keepdims=1)


def _linear(graph: Graph, text: str, weights: Floats) -> str:
    """float32 [1]: the mean of all tokens times weights [d]."""
    first = graph.constant(f"{text}.axis", np.array([0]))
    mean = graph.plain("ReduceMean", [text, first], f"{text}.mean", keepdims=0)
    times = graph.plain("Mul", [mean, graph.constant(f"{text}.weights", weights)], f"{text}.times")
    return graph.plain("ReduceSum", [times, first], f"{text}.linear", keepdims=1)
