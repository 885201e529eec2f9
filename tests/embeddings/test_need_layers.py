"""Layers of their own for needs: stored in the bytes that serve, used with their teacher alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from embeddings import EncoderUnavailable
from embeddings.bundled import bundled_fingerprint, layer_tensors
from embeddings.encoded import reader_of
from embeddings.graph import quantise
from embeddings.need_layers import FILE, NEEDS, read_layers, taught_by, write_layers
from embeddings.onnx import NEED_LAYERS, OnnxEncoder, load_onnx, onnx_fingerprint
from embeddings.trained import Tensors
from embeddings.weights import open_source
from tests.embeddings import tiny

TEXT = "发酵罐 500 L"


@pytest.fixture
def tensors(tiny_source: Path, tmp_path: Path) -> Tensors:
    """The first of the miniature's two layers."""
    every = layer_tensors(open_source(tiny_source), tmp_path / "none")
    return {name: values for name, values in every.items() if name.startswith("encoder.layer.0.")}


@pytest.fixture
def folder(tensors: Tensors, tmp_path: Path) -> Path:
    write_layers(tmp_path / "needs", tensors, bundled_fingerprint(tmp_path / "none"), {"command": "test"})
    return tmp_path / "needs"


def load(tmp_path: Path, needs: Path | None) -> OnnxEncoder:
    """The miniature, which reads needs with the layers of a folder, or with all."""
    whole = load_onnx(tmp_path / "cache", trained=tmp_path / "none", needs=needs)
    if needs is None:
        return whole
    assert whole.few is not None
    return whole.few


def test_what_is_read_is_multiplied_as_what_was_written(tensors: Tensors, folder: Path) -> None:
    count, read = read_layers(folder / FILE)
    assert count == 1
    assert set(read) == set(tensors)
    for name, values in tensors.items():
        if values.ndim == 1:
            np.testing.assert_array_equal(read[name], values)
            continue
        (numbers, scales), (again, same) = quantise(values.T), quantise(read[name].T)
        np.testing.assert_array_equal(numbers, again)
        np.testing.assert_allclose(scales, same, rtol=1e-6)


def test_needs_are_read_with_them_and_listings_with_all(folder: Path, tmp_path: Path) -> None:
    few, whole = load(tmp_path, folder), load(tmp_path, None)
    assert not np.allclose(few.read_need(TEXT).vector, whole.read_need(TEXT).vector, atol=1e-3)
    for found, expected in zip(few.read_listing(TEXT), whole.read_listing(TEXT), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert few.fingerprint != whole.fingerprint
    assert few.listings_fingerprint == whole.fingerprint == onnx_fingerprint(tmp_path / "none")


def test_one_encoder_reads_needs_both_ways(folder: Path, tmp_path: Path) -> None:
    whole = load_onnx(tmp_path / "cache", trained=tmp_path / "none", needs=folder)
    apart = load(tmp_path, None).read_need(TEXT).vector
    few = reader_of(whole, few=True)
    assert reader_of(whole, few=False) is whole
    assert few is whole.few  # loaded once
    quick = few.read_need(TEXT).vector
    np.testing.assert_array_equal(whole.read_need(TEXT).vector, apart)  # what one remembers the other does not give
    np.testing.assert_array_equal(load(tmp_path, folder).read_need(TEXT).vector, quick)
    assert reader_of(few, few=True) is few


def test_a_need_in_english_is_read_with_all(folder: Path, tmp_path: Path) -> None:
    """Few layers learnt Chinese; what the re-ranker goes on from is of the same layers as the vectors."""
    few, whole = load(tmp_path, folder), load(tmp_path, None)
    text = "Scale-up of a fermentation to 500 L"
    for found, expected in zip(few.read_need(text), whole.read_need(text), strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(few.below("query: ", text, 50), whole.below("query: ", text, 50))
    assert not np.allclose(few.below("query: ", TEXT, 50), whole.below("query: ", TEXT, 50), atol=1e-3)


def test_an_encoder_without_few_layers_reads_with_all(tiny_source: Path, tmp_path: Path) -> None:
    whole = load(tmp_path, None)
    assert whole.few is None
    assert reader_of(whole, few=True) is whole


def test_few_layers_are_built_when_they_are_wanted(folder: Path, tmp_path: Path) -> None:
    whole = load_onnx(tmp_path / "cache", trained=tmp_path / "none", needs=folder)
    assert not list((tmp_path / "cache").glob(f"*/{NEED_LAYERS}"))
    assert whole.few is not None
    assert len(list((tmp_path / "cache").glob(f"*/{NEED_LAYERS}"))) == 1


def test_the_need_layers_are_those_of_the_file(folder: Path, tmp_path: Path) -> None:
    """The whole encoder of a checkpoint that ends after its first layer gives the same."""
    few = load(tmp_path, folder)
    below = few.below("query: ", TEXT, 50)
    first = load(tmp_path, None)  # its last layer is the second, and is given what the first makes
    np.testing.assert_allclose(few.both("query: ", TEXT, 50)[0], first.both("query: ", TEXT, 50)[1], atol=1e-5)
    assert below.shape[1] == tiny.HIDDEN


def test_another_encoder_s_layers_are_refused(folder: Path, tmp_path: Path) -> None:
    assert taught_by(bundled_fingerprint(tmp_path / "none"), folder) == folder / FILE
    note = (folder / FILE).with_suffix(".json")
    note.write_text(json.dumps(json.loads(note.read_text("utf-8")) | {"encoder": "another"}), "utf-8")
    for given in (folder, tmp_path / "nothing"):
        with pytest.raises(EncoderUnavailable) as raised:
            load(tmp_path, given)
        assert "pilotmatch train needs" in (raised.value.hint or "")
    assert not list((tmp_path / "cache").glob(f"*/{NEED_LAYERS}"))


def test_a_missing_file_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / FILE).unlink()
    with pytest.raises(EncoderUnavailable, match="缺失"):
        load(tmp_path, folder)


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_a_note_that_can_t_be_read_is_refused_with_the_command(
    folder: Path, tmp_path: Path, content: str | None
) -> None:
    note = (folder / FILE).with_suffix(".json")
    note.unlink() if content is None else note.write_text(content, "utf-8")
    with pytest.raises(EncoderUnavailable) as raised:
        load(tmp_path, folder)
    assert "pilotmatch train needs" in (raised.value.hint or "")


@pytest.mark.parametrize("damage", ["no tensors", "no scales", "other names", "nothing"])
def test_a_damaged_file_is_refused(folder: Path, damage: str) -> None:
    number = np.ones((4, 4), np.int8)
    if damage == "no tensors":
        (folder / FILE).write_bytes(b"no layers")
    else:
        save_file(
            {
                "no scales": {"encoder.layer.0.x.weight.int8": number},
                "other names": {"encoder.layer.0.x.bias": number, "embeddings.x": number},
                "nothing": {"x": number},
            }[damage],
            folder / FILE,
        )
    with pytest.raises(EncoderUnavailable) as raised:
        read_layers(folder / FILE)
    assert "pilotmatch train needs" in (raised.value.hint or "")


def test_other_layers_are_another_fingerprint(tensors: Tensors, folder: Path, tmp_path: Path) -> None:
    before = load(tmp_path, folder)
    name = "encoder.layer.0.output.LayerNorm.bias"
    other = tensors | {name: tensors[name] + np.linspace(-1, 1, tiny.HIDDEN, dtype=np.float32)}
    write_layers(folder, other, bundled_fingerprint(tmp_path / "none"), {})
    after = load(tmp_path, folder)
    assert after.fingerprint != before.fingerprint
    assert after.listings_fingerprint == before.listings_fingerprint
    assert not np.allclose(after.read_need(TEXT).vector, before.read_need(TEXT).vector, atol=1e-3)


def test_what_ships_was_taught_by_what_ships() -> None:
    assert taught_by(bundled_fingerprint()) == NEEDS / FILE
