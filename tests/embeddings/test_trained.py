"""Trained pieces: what they add, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from embeddings.errors import EncoderUnavailable
from embeddings.trained import TRAINED, Tensors, merge_trained, trained_digests, trained_files

NAME = "encoder.layer.0.output.dense.weight"


@pytest.fixture
def checkpoint() -> Tensors:
    return {NAME: np.arange(6, dtype=np.float32).reshape(2, 3), "other": np.ones(2, np.float32)}


def save(folder: Path, tensors: dict[str, np.ndarray], name: str = "a", **about: object) -> Path:
    folder.mkdir(exist_ok=True)
    save_file(tensors, folder / f"{name}.safetensors")
    (folder / f"{name}.json").write_text(json.dumps(about))
    return folder / f"{name}.safetensors"


def test_nothing_there_changes_nothing(tmp_path: Path, checkpoint: Tensors) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        merged = merge_trained(checkpoint, folder)
        assert merged.keys() == checkpoint.keys()
        assert all(merged[name] is checkpoint[name] for name in checkpoint)
        assert trained_digests(folder) == []


def test_full_tensor_replaces_and_leaves_the_given_dict_alone(tmp_path: Path, checkpoint: Tensors) -> None:
    save(tmp_path, {"other": np.full(2, 7.0, np.float32)})
    merged = merge_trained(checkpoint, tmp_path)
    np.testing.assert_array_equal(merged["other"], [7, 7])
    np.testing.assert_array_equal(checkpoint["other"], [1, 1])


@pytest.mark.parametrize(("about", "scale"), [({}, 1.0), ({"scale": 0.5}, 0.5)])
def test_lora_pair_adds_scaled_product(
    tmp_path: Path, checkpoint: Tensors, about: dict[str, float], scale: float
) -> None:
    a, b = np.array([[1, 2, 3]], np.float32), np.array([[1], [-1]], np.float32)
    save(tmp_path, {NAME + ".lora_A": a, NAME + ".lora_B": b}, **about)
    merged = merge_trained(checkpoint, tmp_path)[NAME]
    np.testing.assert_allclose(merged, checkpoint[NAME] + scale * np.outer([1, -1], [1, 2, 3]))
    assert merged.dtype == np.float32


def test_half_precision_pieces_are_merged_in_float32(tmp_path: Path, checkpoint: Tensors) -> None:
    save(tmp_path, {"other": np.array([0.5, 0.25], np.float16)})
    merged = merge_trained(checkpoint, tmp_path)["other"]
    assert merged.dtype == np.float32
    np.testing.assert_array_equal(merged, [0.5, 0.25])


def test_pieces_merge_in_the_order_of_their_names(tmp_path: Path, checkpoint: Tensors) -> None:
    save(tmp_path, {"other": np.full(2, 2.0, np.float32)}, name="b")
    save(tmp_path, {"other": np.full(2, 1.0, np.float32)}, name="a")
    assert [piece.stem for piece in trained_files(tmp_path)] == ["a", "b"]
    np.testing.assert_array_equal(merge_trained(checkpoint, tmp_path)["other"], [2, 2])


@pytest.mark.parametrize(
    "tensors",
    [
        {"encoder.layer.99": np.ones(2, np.float32)},
        {"other": np.ones(3, np.float32)},
        {NAME + ".lora_A": np.ones((1, 3), np.float32)},
        {NAME + ".lora_A": np.ones((1, 3), np.float32), NAME + ".lora_B": np.ones((2, 2), np.float32)},
        {NAME + ".lora_A": np.ones((1, 4), np.float32), NAME + ".lora_B": np.ones((2, 1), np.float32)},
        {NAME + ".lora_B": np.ones((2, 1), np.float32)},
    ],
    ids=["unknown name", "wrong shape", "half a pair", "ranks differ", "wrong product", "only B"],
)
def test_what_does_not_fit_is_refused_by_file(
    tmp_path: Path, checkpoint: Tensors, tensors: dict[str, np.ndarray]
) -> None:
    save(tmp_path, tensors, name="wrong")
    with pytest.raises(EncoderUnavailable, match=r"wrong\.safetensors"):
        merge_trained(checkpoint, tmp_path)


def test_garbled_piece_and_missing_note_are_refused(tmp_path: Path, checkpoint: Tensors) -> None:
    piece = save(tmp_path, {"other": np.ones(2, np.float32)})
    piece.with_suffix(".json").unlink()
    with pytest.raises(EncoderUnavailable, match="说明文件"):
        merge_trained(checkpoint, tmp_path)
    piece.with_suffix(".json").write_text("[]")
    with pytest.raises(EncoderUnavailable, match="说明文件"):
        merge_trained(checkpoint, tmp_path)
    piece.with_suffix(".json").write_text("{}")
    piece.write_bytes(piece.read_bytes()[:20])
    with pytest.raises(EncoderUnavailable):
        merge_trained(checkpoint, tmp_path)


def test_digests_follow_pieces_and_notes(tmp_path: Path) -> None:
    piece = save(tmp_path, {"other": np.ones(2, np.float32)})
    first = trained_digests(tmp_path)
    assert len(first) == 2
    piece.with_suffix(".json").write_text('{"scale": 2}')
    assert trained_digests(tmp_path) != first


def test_shipped_pieces_are_small() -> None:
    assert sum(path.stat().st_size for path in trained_files(TRAINED)) <= 10 * 2**20
