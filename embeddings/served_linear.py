"""Linear layers that multiply in training as the served graph does: seven bits a weight, eight an input.

Rounding has no slope; gradients go through it as if it were not there (Bengio et al. 2013, "Estimating or Propagating
Gradients Through Stochastic Neurons", §4: the straight-through estimator).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from embeddings.graph import ROW_FLOOR, WEIGHT_LIMIT

_BYTE = 255
_TINY = 1e-12


class ServedLinear(nn.Linear):
    """The parameters of a linear layer, used as they are served.

    Args:
        linear: whose parameters these are; shared, not copied.
        rows: whether each token's input is divided by its largest value first, as after GELU.
    """

    def __init__(self, linear: nn.Linear, rows: bool) -> None:
        super().__init__(linear.in_features, linear.out_features, device="meta")
        self.weight, self.bias = linear.weight, linear.bias
        self._rows = rows

    def forward(self, input: Tensor) -> Tensor:
        """[n, t, in] → [n, t, out]; each of the n is a text by itself."""
        if not self._rows:
            return functional.linear(served_inputs(input), served_weights(self.weight), self.bias)
        largest = input.amax(-1, keepdim=True).clamp_min(ROW_FLOOR)
        product = functional.linear(served_inputs(input / largest), served_weights(self.weight))
        return product * largest + self.bias


def serve_linears(layers: nn.ModuleList) -> None:
    """Have every linear layer of some transformer layers multiply as it is served; parameters keep their names."""
    for layer in layers:
        for name, part in list(layer.named_modules()):
            if isinstance(part, nn.Linear):
                above, _, last = name.rpartition(".")
                setattr(layer.get_submodule(above), last, ServedLinear(part, rows=name == "output.dense"))


def served_weights(weight: Tensor) -> Tensor:
    """A matrix [out, in] as `graph.quantise` leaves it: a scale for each row, symmetric."""
    scales = weight.detach().abs().amax(1, keepdim=True).clamp_min(_TINY) / WEIGHT_LIMIT
    return _through(weight, torch.round(weight.detach() / scales) * scales)


def served_inputs(x: Tensor) -> Tensor:
    """Inputs [n, t, d] as DynamicQuantizeLinear of ONNX leaves them: one scale for a text, from least to largest."""
    still = x.detach()
    least, largest = still.amin((1, 2), keepdim=True).clamp_max(0), still.amax((1, 2), keepdim=True).clamp_min(0)
    scale = ((largest - least) / _BYTE).clamp_min(_TINY)
    zero = torch.round(-least / scale)
    rounded = (torch.clamp(torch.round(still / scale) + zero, 0, _BYTE) - zero) * scale
    return _through(x, rounded)


def _through(x: Tensor, rounded: Tensor) -> Tensor:
    """The rounded values, with the slope of those that they stand for."""
    return x + (rounded - x.detach())
