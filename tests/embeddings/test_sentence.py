"""Encoders on sentence-transformers; the bundled one on torch is the reference for what serves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from embeddings import Encoder, EncoderUnavailable, load_encoder
from embeddings.bundled import build_bundled
from embeddings.onnx import OnnxEncoder, load_onnx
from embeddings.sentence import load_sentence
from tests.embeddings import tiny

ROOT = Path(__file__).parents[2]
TEXTS = ["发酵罐 500L", "中试平台", "a～b", "发酵" * 400, ""]


@pytest.fixture
def folder(tiny_source: Path, tmp_path: Path) -> Path:
    return build_bundled(tmp_path / "cache", trained=tmp_path / "none")


def test_the_folder_loads_and_agrees_with_onnx(folder: Path, tmp_path: Path) -> None:
    torch, onnx = load_sentence(str(folder)), load_onnx(tmp_path / "cache", trained=tmp_path / "none")
    assert torch.dimension == onnx.dimension == tiny.HIDDEN
    for of_torch, of_onnx in [
        (torch.encode_needs(TEXTS), onnx.encode_needs(TEXTS)),
        (torch.encode_listings(TEXTS), onnx.encode_listings(TEXTS)),
    ]:
        assert of_torch.dtype == np.float32
        assert (of_torch * of_onnx).sum(axis=1).min() > 0.99


def test_tokens_and_offsets_agree_with_onnx(folder: Path, tmp_path: Path) -> None:
    torch, onnx = load_sentence(str(folder)), load_onnx(tmp_path / "cache", trained=tmp_path / "none")
    for text in TEXTS:
        ours, theirs = torch.read_need(text), onnx.read_need(text)
        np.testing.assert_array_equal(ours.offsets, theirs.offsets)
        assert ours.tokens.shape == theirs.tokens.shape
        if text:
            assert (ours.tokens * theirs.tokens).sum(axis=1).mean() > 0.98


def test_a_vector_does_not_depend_on_its_company(folder: Path) -> None:
    encoder = load_sentence(str(folder))
    alone = np.stack([encoder.read_listing(text).vector for text in TEXTS])
    np.testing.assert_array_equal(encoder.encode_listings(TEXTS), alone)
    assert encoder.encode_listings([]).shape == (0, tiny.HIDDEN)


def test_odd_texts_have_vectors(folder: Path) -> None:
    vectors = load_sentence(str(folder)).encode_needs(["\ud800", "\x00", " ", "中" * 100_000])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_fingerprint_is_of_weights_and_prompts_not_of_the_path(folder: Path, tmp_path: Path) -> None:
    first = load_sentence(str(folder)).fingerprint
    moved = tmp_path / "elsewhere" / folder.name
    moved.parent.mkdir()
    folder.rename(moved)
    assert load_sentence(str(moved)).fingerprint == first
    settings = moved / "config_sentence_transformers.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"prompts": {"query": "", "document": ""}}))
    without_prompts = load_sentence(str(moved)).fingerprint
    tensors = load_file(moved / "model.safetensors")
    tensors["embeddings.LayerNorm.bias"] += 1
    save_file(tensors, moved / "model.safetensors", metadata={"format": "pt"})
    assert len({first, without_prompts, load_sentence(str(moved)).fingerprint}) == 3


@pytest.mark.parametrize("victim", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_broken_folder_is_an_answer(folder: Path, victim: str) -> None:
    (folder / victim).write_bytes(b"{")
    with pytest.raises(EncoderUnavailable) as caught:
        load_sentence(str(folder))
    assert "PILOTMATCH_ENCODER" in str(caught.value.hint)


@pytest.mark.slow
def test_int8_is_close_to_float32_on_real_needs_and_listings(encoder: OnnxEncoder, reference: Encoder) -> None:
    needs, listings = real_texts("needs_dev", "title", "description"), real_texts("listings", "name", "summary")
    cosines = np.concatenate(
        [
            (reference.encode_needs(needs) * encoder.encode_needs(needs)).sum(axis=1),
            (reference.encode_listings(listings) * encoder.encode_listings(listings)).sum(axis=1),
        ]
    )
    assert len(cosines) > 100
    assert cosines.mean() > 0.998
    assert cosines.min() > 0.995


@pytest.mark.slow
def test_few_layers_read_real_needs_much_as_all_do(models: Path, reference: Encoder) -> None:
    """Nearer than any two needs are to each other, and to much the same listings."""
    encoder = load_encoder("bundled-few", models)
    needs, listings = real_texts("needs_dev", "description"), real_texts("listings", "name", "summary")
    ours, theirs = encoder.encode_needs(needs), reference.encode_needs(needs)
    assert (ours * theirs).sum(axis=1).min() > np.triu(theirs @ theirs.T, 1).max()
    offered = encoder.encode_listings(listings)
    first = [set(np.argsort(-offered @ vector)[:5].tolist()) for vector in (*ours, *theirs)]
    shared = [len(one & other) / 5 for one, other in zip(first[: len(needs)], first[len(needs) :], strict=True)]
    assert np.mean(shared) > 0.75


def real_texts(name: str, *fields: str) -> list[str]:
    with (ROOT / "datasets" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [" ".join(row.get(field) or "" for field in fields) for row in rows[:: max(1, len(rows) // 60)]]
