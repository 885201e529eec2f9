"""The encoder as ONNX graphs, quantised by hand: the 4-bit word table as it came, and layers of int8 matrices with
seven bits a weight. Words and layers are apart, since needs have layers of their own (`need_layers.py`).

Why not an exporter with a quantiser after it. Measured on one core, a need of 50 tokens, cosine to float32 over 80
texts:

| graph | p50 | cosine, mean and least |
|---|---|---|
| fused operators, float32 | 21.1 ms | 1 |
| the same, dynamic int8 per column | 6.9 ms | 0.9977, 0.9968 |
| feed-forward input scaled by row | 7.7 ms | 0.9990, 0.9986 |
| and layer normalisation apart from its addition | 5.0 ms | 0.9990, 0.9986 |

- One channel of `<s>` and `</s>` reaches 60 after GELU where words reach 4, and a scale for the whole tensor leaves
  the words four bits. Dividing each row by its largest value first, and multiplying after, takes two thirds of the
  error away.
- SkipLayerNormalization of ONNX Runtime is not vectorised for 384 columns: 100 µs where Add and LayerNormalization
  take 25. So the session must not fuse them again (`onnx.py` runs with basic optimisations).
- Seven bits a weight: on processors without VNNI two products of eight bits overflow their 16-bit sum, and the same
  model would give other vectors. The eighth bit is worth 0.0004 of cosine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from embeddings.trained import Tensors
from embeddings.weights import BLOCK, FourBit, Shape

INPUT, EMBEDDED = "ids", "embedded"
#: Layers in which a need is read again with a listing in sight, in a graph of their own (`pair_graph.py`).
JOINT_LAYERS = 1
_MICROSOFT = "com.microsoft"
_OPSET, _IR = 21, 10
_MIDDLE = 8  # the 4-bit number that stands for zero
#: The largest number that a weight becomes: seven bits, since 2 · 255 · 63 fits int16.
WEIGHT_LIMIT = 63
#: GELU never goes below -0.17: a row without larger values needs no stretching.
ROW_FLOOR = 0.2


def build_words(shape: Shape, words: FourBit, tensors: Tensors) -> onnx.ModelProto:
    """The model of what goes into the first layer: `ids` int64 [1, t] → float32 [1, t, hidden]."""
    graph = Graph(shape, tensors)
    ids = helper.make_tensor_value_info(INPUT, TensorProto.INT64, [1, "tokens"])
    return graph.model([ids], [_state(graph.embed(words), shape)])


def build_layers(shape: Shape, tensors: Tensors) -> onnx.ModelProto:
    """The model of the layers: `embedded` float32 [1, t, hidden] → the last hidden state, and what the last
    `JOINT_LAYERS` are given, of the same shape. One text a run: there is no attention mask.
    """
    graph = Graph(shape, tensors)
    states = [EMBEDDED]
    for layer in range(shape.layers):
        states.append(graph.layer(states[-1], f"encoder.layer.{layer}."))
    below = graph.plain("Identity", [states[-1 - JOINT_LAYERS]], "below")
    return graph.model([_state(EMBEDDED, shape)], [_state(one, shape) for one in (states[-1], below)])


def quantise(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix [in, out] as int8 in ±63 with a scale for each column [out], symmetric."""
    scales = np.abs(weight).max(axis=0) / WEIGHT_LIMIT
    scales[scales == 0] = 1.0
    return np.rint(weight / scales).astype(np.int8), scales.astype(np.float32)


def _state(name: str, shape: Shape) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "tokens", shape.hidden])


class Graph:
    """Collects nodes and constants; each method adds one part and returns the name of its output."""

    def __init__(self, shape: Shape, tensors: Tensors) -> None:
        self._shape = shape
        self._tensors = tensors
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def embed(self, words: FourBit) -> str:
        """Word + position + type, normalised."""
        hidden = self._shape.hidden
        x = self._words(words)
        positions = self._tensors["embeddings.position_embeddings.weight"]
        types = self._tensors["embeddings.token_type_embeddings.weight"][:1]  # e5 has one sentence only
        table = self.constant("positions", (positions + types).reshape(-1, hidden))
        self.plain("Shape", [INPUT], "length", start=1, end=2)
        start = self.constant("start", np.zeros(1, np.int64))
        self.plain("Slice", [table, start, "length"], "positions.x")
        self.plain("Add", [x, "positions.x"], "words.placed")
        return self._normalise("words.placed", "embeddings.LayerNorm", "x")

    def _words(self, words: FourBit) -> str:
        """Rows of the word table, two weights to a byte: GatherBlockQuantized takes five times as long for the same
        numbers (280 µs for 60 tokens).
        """
        hidden, blocks = self._shape.hidden, self._shape.hidden // BLOCK
        low, high = words.halves[:, 0::2], words.halves[:, 1::2]
        self.plain("Gather", [self.constant("words", low | (high << 4)), INPUT], "words.bytes")
        self.plain("BitwiseAnd", ["words.bytes", self.constant("words.low_half", np.array(15, np.uint8))], "words.low")
        self.plain(
            "BitShift",
            ["words.bytes", self.constant("words.half", np.array(4, np.uint8))],
            "words.high",
            direction="RIGHT",
        )
        last = self.constant("words.last", np.array([-1]))
        halves = [self.plain("Unsqueeze", [half, last], half + ".column") for half in ("words.low", "words.high")]
        self.plain("Concat", halves, "words.pairs", axis=-1)
        shape = self.constant("words.blocks.shape", np.array([1, -1, blocks, BLOCK]))
        self.plain("Reshape", ["words.pairs", shape], "words.blocks")
        self.plain("Cast", ["words.blocks"], "words.floats", to=TensorProto.FLOAT)
        self.plain("Sub", ["words.floats", self.constant("words.zero", np.array(_MIDDLE, np.float32))], "words.values")
        scales = words.scales.astype(np.float32)[..., None]
        self.plain("Gather", [self.constant("words.scales", scales), INPUT], "words.factors")
        self.plain("Mul", ["words.values", "words.factors"], "words.scaled")
        shape = self.constant("words.shape", np.array([1, -1, hidden]))
        return self.plain("Reshape", ["words.scaled", shape], "words.x")

    def layer(self, x: str, prefix: str) -> str:
        """One transformer layer, normalised after each half."""
        return self.after_attention(x, self._attention(x, prefix), prefix)

    def after_attention(self, x: str, attention: str, prefix: str) -> str:
        """The rest of the layer, given what attention made of its input."""
        y = self._product(attention, prefix + "attention.output.dense")
        y = self.plain("Add", [y, x], prefix + "attention.sum")
        x = self._normalise(y, prefix + "attention.output.LayerNorm", prefix + "attention.x")
        y = self._product(x, prefix + "intermediate.dense")
        y = self.plain("Gelu", [y], prefix + "gelu")
        y = self._scaled_product(y, prefix + "output.dense")
        y = self.plain("Add", [y, x], prefix + "sum")
        return self._normalise(y, prefix + "output.LayerNorm", prefix + "x")

    def model(self, given: list[onnx.ValueInfoProto], found: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
        """What was collected, from its inputs to its outputs."""
        graph = helper.make_graph(self._nodes, "multilingual-e5-small", given, found, self._constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR)

    def projections(self, x: str, prefix: str) -> str:
        """Queries, keys and values of the layer's attention side by side, [t, 3 · hidden] of its input [t, hidden]."""
        name = prefix + "projections"
        weight, bias = self._attention_weights(prefix)
        inputs = [x, *self._quantised(name, weight), self.constant(name + ".bias", bias)]
        return self._node("DynamicQuantizeMatMul", inputs, name)

    def _attention_weights(self, prefix: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        names = [f"{prefix}attention.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self._tensors[name + ".weight"] for name in names]).T
        return weight, np.concatenate([self._tensors[name + ".bias"] for name in names])

    def _attention(self, x: str, prefix: str) -> str:
        weight, bias = self._attention_weights(prefix)
        name = prefix + "attention"
        packed, scales, zeros = self._quantised(name, weight)
        self._nodes.append(helper.make_node("DynamicQuantizeLinear", [x], [f"{name}.q", f"{name}.s", f"{name}.z"]))
        inputs = [
            f"{name}.q",
            packed,
            self.constant(name + ".bias", bias),
            f"{name}.s",
            scales,
            "",
            f"{name}.z",
            zeros,
        ]
        return self._node("QAttention", inputs, name, num_heads=self._shape.heads)

    def _product(self, x: str, name: str) -> str:
        inputs = [x, *self._quantised(name, self._tensors[name + ".weight"].T), self._bias(name)]
        return self._node("DynamicQuantizeMatMul", inputs, name)

    def _scaled_product(self, x: str, name: str) -> str:
        """The product with each row of x divided by its largest value beforehand and multiplied after."""
        axis = self.constant(name + ".axis", np.array([-1]))
        largest = self.plain("ReduceMax", [x, axis], name + ".largest", keepdims=1)
        floor = self.constant(name + ".floor", np.array(ROW_FLOOR, np.float32))
        rows = self.plain("Max", [largest, floor], name + ".rows")
        x = self.plain("Div", [x, rows], name + ".scaled")
        inputs = [x, *self._quantised(name, self._tensors[name + ".weight"].T)]
        y = self._node("DynamicQuantizeMatMul", inputs, name + ".y")
        y = self.plain("Mul", [y, rows], name + ".unscaled")
        return self.plain("Add", [y, self._bias(name)], name)

    def _normalise(self, x: str, name: str, output: str) -> str:
        inputs = [
            x,
            *(self.constant(f"{name}.{part}", self._tensors[f"{name}.{part}"]) for part in ("weight", "bias")),
        ]
        return self.plain("LayerNormalization", inputs, output, axis=-1, epsilon=self._shape.epsilon)

    def _quantised(self, name: str, weight: NDArray[np.float32]) -> tuple[str, str, str]:
        values, scales = quantise(weight)
        zeros = np.zeros(scales.shape, np.int8)
        return (
            self.constant(name + ".weight", values),
            self.constant(name + ".scales", scales),
            self.constant(name + ".zeros", zeros),
        )

    def _bias(self, name: str) -> str:
        return self.constant(name + ".bias", self._tensors[name + ".bias"])

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """An array under a name."""
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def plain(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """A node of ONNX itself."""
        return self._node(kind, inputs, output, domain="", **attributes)

    def split(self, x: str, widths: str, outputs: list[str]) -> list[str]:
        """The columns of an input [t, n], cut into stretches of the given widths."""
        self._nodes.append(helper.make_node("Split", [x, widths], outputs, name=f"{outputs[0]}.split", axis=1))
        return outputs

    def attention(self, queries: str, keys: str, values: str, output: str) -> str:
        """Attention in float32 of queries [1, a, hidden] to keys and values [1, b, hidden], [1, a, hidden]."""
        return self._node("MultiHeadAttention", [queries, keys, values], output, num_heads=self._shape.heads)

    def _node(self, kind: str, inputs: list[str], output: str, domain: str = _MICROSOFT, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output
