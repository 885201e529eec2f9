"""Encoders by name. `Encoder` says what one can do; which one serves is a setting (PILOTMATCH_ENCODER)."""

from __future__ import annotations

from pathlib import Path

from embeddings.bundled import Progress as BuildProgress
from embeddings.bundled import build_bundled
from embeddings.encoded import Encoded, Encoder
from embeddings.need_layers import NEEDS
from embeddings.onnx import load_onnx
from embeddings.sentence import SentenceEncoder, load_sentence

__all__ = ["BUNDLED", "BUNDLED_FEW", "BUNDLED_TORCH", "Encoded", "Encoder", "SentenceEncoder", "load_encoder"]

BUNDLED, BUNDLED_FEW, BUNDLED_TORCH = "bundled", "bundled-few", "bundled-torch"


def load_encoder(
    name: str | None, cache: Path, threads: int | None = None, progress: BuildProgress | None = None
) -> Encoder:
    """The encoder of a name.

    Args:
        name: None or "bundled": the offline default on ONNX Runtime; "bundled-few": the same, which always reads needs
            with few layers; "bundled-torch": the default in float32 on torch, the reference; anything else: a local
            sentence-transformers folder or a hub id.
        cache: where built models are kept.
        threads: for one text, default 1; a bulk of texts always uses all cores. ONNX Runtime only.
        progress: called with the part done, 0…1, where a model is built first.

    Raises:
        EncoderUnavailable: with what to do about it.
    """
    if name in (None, "", BUNDLED, BUNDLED_FEW):
        whole = load_onnx(cache, threads or 1, progress, needs=NEEDS)
        return (name == BUNDLED_FEW and whole.few) or whole
    if name == BUNDLED_TORCH:
        return load_sentence(str(build_bundled(cache, progress)))
    return load_sentence(name)
