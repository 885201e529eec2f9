"""The layers that needs are read with: a few, taught to make of a need what all of the encoder's make of it.

Listings are read once and kept, by all layers; of a need the layers are most of what an answer takes. Those that were
taught share the encoder's words and its space, so that a need's vectors are compared with listings' as before (Campos
et al. 2023, "Quick dense retrievers consume KALE": only the side of the query is made smaller, after training).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from embeddings.errors import EncoderUnavailable
from embeddings.trained import Tensors
from embeddings.weights import digest

NEEDS = Path(__file__).parent / "artefacts" / "needs"
FILE = "layers.safetensors"
_NUMBERS, _SCALES = ".int8", ".scales"
_MEND = "恢复该文件,或用 pilotmatch train needs 重新训练"


def read_about(folder: Path = NEEDS) -> dict[str, Any]:
    """What is said of the layers: which encoder taught them, by which recipe, how near they come.

    Raises:
        EncoderUnavailable: it can't be read.
    """
    path = (folder / FILE).with_suffix(".json")
    try:
        about = json.loads(path.read_text("utf-8"))
        if not isinstance(about, dict) or not isinstance(about["encoder"], str):
            raise ValueError("no encoder is named")
    except (OSError, ValueError, KeyError) as error:
        raise EncoderUnavailable(f"{FILE} 旁边的说明文件缺失或已损坏", hint=_MEND) from error
    return about


def taught_by(encoder: str, folder: Path = NEEDS) -> Path:
    """The file of the layers that the encoder of this `bundled_fingerprint` taught.

    Raises:
        EncoderUnavailable: another one taught them, or there are none, or what is said of them can't be read.
    """
    path = folder / FILE
    if read_about(folder)["encoder"] != encoder or not path.exists():
        raise EncoderUnavailable("读需求用的层缺失,或不是由这一编码器教出来的", hint=_MEND)
    return path


def layers_digest(path: Path) -> str:
    """Eight hex digits over the layers: equal digits, equal vectors."""
    return digest(path)[:8]


def read_layers(path: Path) -> tuple[int, Tensors]:
    """How many layers there are, and their tensors by name as in a checkpoint, from 0 on, float32.

    Raises:
        EncoderUnavailable: the file is missing, damaged or holds no whole layers.
    """
    try:
        stored = load_file(path)
        tensors: Tensors = {}
        for name, values in stored.items():
            if name.endswith(_NUMBERS):
                matrix = name.removesuffix(_NUMBERS)
                tensors[matrix] = values.astype(np.float32) * stored[matrix + _SCALES][:, None]
            elif not name.endswith(_SCALES):
                tensors[name] = values.astype(np.float32)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise EncoderUnavailable(f"读需求用的层 {path.name} 无法读取:{error}", hint=_MEND) from error
    count = len({name.split(".")[2] for name in tensors if name.startswith("encoder.layer.")})
    if not count or any(not name.startswith("encoder.layer.") for name in tensors):
        raise EncoderUnavailable(f"读需求用的层 {path.name} 不完整", hint=_MEND)
    return count, tensors


def write_layers(folder: Path, tensors: Tensors, encoder: str, about: Mapping[str, Any]) -> None:
    """Store layers that an encoder taught, with matrices in the bytes that serving multiplies, and what is to be said.

    Args:
        encoder: its `bundled_fingerprint`.
    """
    from embeddings.graph import quantise  # the `onnx` package is for building only

    stored: dict[str, np.ndarray[Any, Any]] = {}
    for name, values in tensors.items():
        if values.ndim == 2:
            numbers, scales = quantise(values.T)
            stored[name + _NUMBERS], stored[name + _SCALES] = np.ascontiguousarray(numbers.T), scales
        else:
            stored[name] = values.astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    aside = path.with_suffix(".aside")
    save_file(stored, aside)
    note = json.dumps({"encoder": encoder, **about}, ensure_ascii=False, indent=1)
    path.with_suffix(".json").write_text(note + "\n", encoding="utf-8")
    os.replace(aside, path)
