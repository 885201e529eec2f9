"""Encoders by name, and what is said when there is none of that name."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from embeddings import EncoderUnavailable, encoder
from embeddings.encoder import load_encoder
from embeddings.onnx import OnnxEncoder, load_onnx


@pytest.mark.parametrize("name", [None, "", "bundled"])
def test_the_default_is_the_bundled_one_on_onnx(
    tiny_source: Path, tmp_path: Path, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped trained piece fits the real encoder only, so the miniature is built without."""
    monkeypatch.setattr(encoder, "load_onnx", partial(load_onnx, trained=tmp_path / "untrained"))
    assert isinstance(load_encoder(name, tmp_path), OnnxEncoder)


def test_other_names_go_to_sentence_transformers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []
    monkeypatch.setattr(encoder, "load_sentence", asked.append)
    monkeypatch.setattr(encoder, "build_bundled", lambda cache, progress: cache / "folder")
    load_encoder("BAAI/bge-small-zh-v1.5", tmp_path)
    load_encoder("bundled-torch", tmp_path)
    assert asked == ["BAAI/bge-small-zh-v1.5", str(tmp_path / "folder")]


def test_a_hub_that_cant_be_reached_is_an_answer_within_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://192.0.2.1")  # RFC 5737: nobody answers there
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(EncoderUnavailable, match="BAAI/bge-small-zh") as caught:
        load_encoder("BAAI/bge-small-zh-v1.5", tmp_path)
    assert time.monotonic() - start < 20
    assert all(word in str(caught.value.hint) for word in ("PILOTMATCH_ENCODER", "本地", "bundled"))


@pytest.mark.parametrize("name", ["no such folder/at all/here", "../up", "a b"])
def test_a_name_that_is_neither_folder_nor_model_is_an_answer(tmp_path: Path, name: str) -> None:
    with pytest.raises(EncoderUnavailable, match="既不是文件夹"):
        load_encoder(name, tmp_path)
