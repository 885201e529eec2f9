"""What learns multiplies as what serves: the same rounding of weights and inputs, the slope of those not rounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from torch import Tensor, nn
from transformers import BertModel

from embeddings.bundled import build_bundled, layer_tensors
from embeddings.graph import build_layers, quantise
from embeddings.onnx import open_session
from embeddings.served_linear import ServedLinear, serve_linears, served_inputs, served_weights
from embeddings.weights import open_source

SEEDS = st.integers(0, 2**32 - 1)


def random(seed: int, *shape: int, spread: float = 1.0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(0, spread, shape).astype(np.float32))


@given(SEEDS, st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_weights_are_those_that_serve(seed: int, rows: int, columns: int) -> None:
    weight = random(seed, rows, columns)
    numbers, scales = quantise(weight.numpy().T)
    np.testing.assert_allclose(served_weights(weight).numpy(), (numbers * scales).T, rtol=1e-5, atol=1e-7)


def test_a_row_of_zeros_stays_one() -> None:
    assert served_weights(torch.zeros(2, 3)).tolist() == [[0.0] * 3] * 2
    assert served_inputs(torch.zeros(1, 2, 3)).tolist() == [[[0.0] * 3] * 2]


@pytest.fixture(scope="module")
def rounding() -> onnxruntime.InferenceSession:
    """ONNX Runtime's own rounding of inputs: to bytes and back."""
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["bytes", "scale", "zero"]),
        helper.make_node("DequantizeLinear", ["bytes", "scale", "zero"], ["y"]),
    ]
    given_, found = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["t", "d"]) for name in "xy")
    model = helper.make_model(
        helper.make_graph(nodes, "rounding", [given_], [found]),
        opset_imports=[helper.make_opsetid("", 21)],
        ir_version=10,
    )
    onnx.checker.check_model(model)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


@given(SEEDS, st.floats(0.01, 100), st.floats(-3, 3))
@settings(max_examples=60, deadline=None)
def test_inputs_are_rounded_as_onnx_runtime_rounds_them(
    rounding: onnxruntime.InferenceSession, seed: int, spread: float, middle: float
) -> None:
    x = random(seed, 1, 5, 7, spread=spread) + middle * spread
    (expected,) = rounding.run(None, {"x": x[0].numpy()})
    step = float(max(x.max(), 0) - min(x.min(), 0)) / 255
    apart = np.abs(served_inputs(x)[0].numpy() - expected)
    # The middle of two steps may go either way: the one divides by the step, the other multiplies.
    assert apart.max() <= step * 1.01
    assert (apart > step * 0.01).mean() < 0.1


def test_each_text_has_a_scale_of_its_own() -> None:
    small, large = random(1, 1, 4, 6), random(2, 1, 4, 6, spread=50.0)
    together = served_inputs(torch.cat([small, large]))
    torch.testing.assert_close(together[:1], served_inputs(small), rtol=0, atol=0)
    torch.testing.assert_close(together[1:], served_inputs(large), rtol=0, atol=0)


def test_gradients_go_through_as_if_nothing_were_rounded() -> None:
    linear = nn.Linear(6, 4)
    x = random(3, 2, 5, 6).requires_grad_(True)
    served = ServedLinear(linear, rows=False)
    served(x).sum().backward()
    found = x.grad, linear.weight.grad
    x.grad = linear.weight.grad = None
    nn.functional.linear(served_inputs(x.detach()), served_weights(linear.weight.detach())).sum()
    y = nn.functional.linear(x, linear.weight)
    y.sum().backward()
    assert x.grad is not None
    assert linear.weight.grad is not None
    assert found[0] is not None
    assert found[1] is not None
    torch.testing.assert_close(found[0], served_weights(linear.weight).sum(0).expand_as(x).detach())
    torch.testing.assert_close(found[1], served_inputs(x).sum((0, 1)).expand_as(linear.weight).detach())
    torch.testing.assert_close(found[0], x.grad, rtol=0.1, atol=0.05)


def test_an_optimizer_moves_the_linear_layer_s_own_parameters() -> None:
    linear = nn.Linear(3, 2)
    served = ServedLinear(linear, rows=True)
    assert [name for name, _ in served.named_parameters()] == [name for name, _ in linear.named_parameters()]
    assert served.weight is linear.weight
    assert served.bias is linear.bias


def test_layers_learn_with_what_the_graph_serves(tiny_source: Path, tmp_path: Path) -> None:
    """Layer by layer over the same input: nearer to the served graph than layers that round nothing."""
    folder = build_bundled(tmp_path / "cache", trained=tmp_path / "none")
    source = open_source(tiny_source)
    graph = build_layers(source.shape, layer_tensors(source, tmp_path / "none"))
    (tmp_path / "layers.onnx").write_bytes(graph.SerializeToString())
    session = open_session(tmp_path / "layers.onnx", 1)
    model = BertModel.from_pretrained(str(folder), attn_implementation="sdpa").eval().requires_grad_(False)
    x = model.embeddings(input_ids=torch.tensor([[0, 5, 9, 7, 6, 8, 2]]))
    expected = session.run(None, {"embedded": x.numpy()})[0]

    def error() -> float:
        hidden = x
        for layer in model.encoder.layer:
            made = layer(hidden)
            hidden = made[0] if isinstance(made, tuple) else made
        return float(np.abs(hidden.numpy() - expected).mean())

    plain = error()
    names = set(model.encoder.layer.state_dict())
    serve_linears(model.encoder.layer)
    assert set(model.encoder.layer.state_dict()) == names
    assert error() < plain / 3
