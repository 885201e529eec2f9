"""LoRA pairs beside the linear layers of a BertModel: what is trained, and the small file that is left of it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import BertModel
from transformers.utils import logging

from embeddings.trained import Tensors


class LoraLinear(nn.Module):
    """A frozen linear layer plus scale · B · A (Hu et al. 2021, "LoRA", §4.1)."""

    def __init__(self, linear: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.linear = linear
        self.a = nn.Parameter(torch.randn(rank, linear.in_features) / math.sqrt(linear.in_features))
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """[…, in] → […, out]."""
        low: Tensor = x @ self.a.T @ self.b.T
        return self.linear(x) + low * self.scale  # type: ignore[no-any-return]  # torch's modules return Any


@dataclass(frozen=True)
class Adapted:
    """A BertModel cut in two.

    Attributes:
        below: embeddings and the frozen layers. above: the other layers, with LoRA pairs.
        pairs: those by the name of the checkpoint's tensor that they add to.
    """

    below: list[nn.Module]
    above: nn.ModuleList
    pairs: dict[str, LoraLinear]


def adapt(folder: Path, frozen: int, rank: int, scale: float, merged: Tensors | None = None) -> Adapted:
    """The model of a folder with LoRA pairs in every linear layer from layer `frozen` on, nothing else trainable.

    Args:
        merged: tensors by name that take the places of the folder's.
    """
    quiet_loading()
    # On a CPU dropout's random numbers cost more than the layers, and eager attention has the faster backward.
    model = BertModel.from_pretrained(
        str(folder),
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=0.0,
        attn_implementation="eager",
    )
    model.load_state_dict({name: torch.from_numpy(value) for name, value in (merged or {}).items()}, strict=False)
    model.requires_grad_(False)
    layers = list(model.encoder.layer)
    pairs: dict[str, LoraLinear] = {}
    for number in range(frozen, len(layers)):
        linears = [(name, part) for name, part in layers[number].named_modules() if isinstance(part, nn.Linear)]
        for name, linear in linears:
            pair = LoraLinear(linear, rank, scale)
            parent, _, attribute = name.rpartition(".")
            setattr(layers[number].get_submodule(parent), attribute, pair)
            pairs[f"encoder.layer.{number}.{name}.weight"] = pair
    return Adapted([model.embeddings, *layers[:frozen]], nn.ModuleList(layers[frozen:]), pairs)


def quiet_loading() -> None:
    """No bars of transformers: standard error belongs to the command line."""
    quieten: Any = logging.disable_progress_bar  # untyped there
    quieten()


def through(layers: list[nn.Module] | nn.ModuleList, x: Tensor, **given: Any) -> Tensor:
    """The layers one after the other, in `halves`."""
    with halves():
        for layer in layers:
            output = layer(x, **given)
            # transformers return the hidden states alone or first in a tuple, by version
            x = output[0] if isinstance(output, tuple) else output
    return x.float()


def halves() -> torch.autocast:
    """Products in bfloat16, where the processor has instructions of its own for that: others are eight times as fast in
    float32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=_has_bfloat16())


@cache
def _has_bfloat16() -> bool:
    able = torch.cpu.get_capabilities()
    return any(able.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


def write_pairs(path: Path, pairs: Mapping[str, LoraLinear], scale: float, about: Mapping[str, Any]) -> None:
    """Store LoRA pairs as float16, and beside them a JSON with `scale` and `about`: what `trained.py` merges."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, pair in pairs.items():
        tensors[f"{name}.lora_A"] = pair.a.detach().half().contiguous()
        tensors[f"{name}.lora_B"] = pair.b.detach().half().contiguous()
    aside = path.with_suffix(".aside")
    save_file(tensors, aside)
    note = json.dumps({"scale": scale, **about}, ensure_ascii=False, indent=1)
    path.with_suffix(".json").write_text(note + "\n", encoding="utf-8")
    os.replace(aside, path)
