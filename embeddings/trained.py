"""Small trained pieces that are merged into the bundled encoder when it is built.

Each `*.safetensors` of `artefacts/encoder/` has a JSON of the same name beside it, which says where it came from and
may hold `scale`. A tensor named as one of the checkpoint replaces it; a pair `NAME.lora_A` [r, in] and `NAME.lora_B`
[out, r] adds scale · B · A to NAME (Hu et al. 2021, LoRA, §4.1; `scale` is their α / r, 1 where the JSON has none).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from embeddings.errors import EncoderUnavailable
from embeddings.weights import digest

Array = NDArray[np.float32]
Tensors = dict[str, Array]

TRAINED = Path(__file__).parent / "artefacts" / "encoder"
_A, _B = ".lora_A", ".lora_B"


def trained_files(folder: Path) -> list[Path]:
    """The pieces in the order they are merged; none where the folder is absent."""
    return sorted(folder.glob("*.safetensors"))


def trained_digests(folder: Path) -> list[str]:
    """sha256 of every piece and of the JSON beside it, in merging order."""
    paths = [path for piece in trained_files(folder) for path in (piece, piece.with_suffix(".json"))]
    return [digest(path) for path in paths if path.exists()]


def merge_trained(tensors: Tensors, folder: Path) -> Tensors:
    """The checkpoint with all pieces merged, in a new dict; EncoderUnavailable where a piece does not fit."""
    merged = dict(tensors)
    for piece in trained_files(folder):
        _merge(merged, _read(piece), _scale(piece), _refuser(piece))
    return merged


def _merge(tensors: Tensors, trained: Tensors, scale: float, refuse: Callable[[str], EncoderUnavailable]) -> None:
    for target in {name.removesuffix(_A).removesuffix(_B) for name in trained}:
        if target not in tensors:
            raise refuse(f"{target} 不是编码器的可训练参数")
        value = trained[target] if target in trained else _adapted(tensors[target], trained, target, scale)
        if value is None or value.shape != tensors[target].shape:
            raise refuse(f"{target} 的形状与编码器 {tensors[target].shape} 不符,或 LoRA 参数不成对")
        tensors[target] = value.astype(np.float32)


def _adapted(old: Array, trained: Tensors, target: str, scale: float) -> Array | None:
    """The old tensor plus its LoRA pair; None where the pair is incomplete or does not multiply to its shape."""
    a, b = trained.get(target + _A), trained.get(target + _B)
    if a is None or b is None or a.ndim != 2 or b.ndim != 2:
        return None
    if (b.shape[0], a.shape[1]) != old.shape or b.shape[1] != a.shape[0]:
        return None
    return old + np.float32(scale) * (b @ a)


def _read(piece: Path) -> Tensors:
    try:
        return {name: value.astype(np.float32) for name, value in load_file(piece).items()}
    except (OSError, SafetensorError) as error:
        raise _refuser(piece)(str(error)) from error


def _scale(piece: Path) -> float:
    try:
        return float(json.loads(piece.with_suffix(".json").read_text("utf-8")).get("scale", 1.0))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _refuser(piece)(f"旁边的说明文件无法读取:{error}") from error


def _refuser(piece: Path) -> Callable[[str], EncoderUnavailable]:
    hint = "移走该文件,或用 pilotmatch train 重新训练"
    return lambda why: EncoderUnavailable(f"训练产物 {piece.name} 不能合并:{why}", hint=hint)
