"""What a store of vectors is: where `Encodings` keeps what the encoder gave, by the text read."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.products import Codes

MEND = "运行 pilotmatch index --check 修补"
REBUILD = "运行 pilotmatch index --rebuild 重建"

Vectors = NDArray[np.float32]
Offsets = NDArray[np.int16]


class Stored(NamedTuple):
    """One text: vector float32 [d]; tokens uint8 [t, d], coded by `quantise`; offsets int16 [t, 2] in characters."""

    vector: Vectors
    tokens: Codes
    offsets: Offsets


class VectorStore(Protocol):
    """Where the vectors of one encoder are kept, by `text_key`. Safe from several threads, and beside other processes.

    What is not there is no error. All methods raise Unavailable where the store can't be reached or written, and
    BrokenArtefact, its hint naming the command that mends it, where what is stored can't be read.
    """

    def known(self, keys: Collection[bytes]) -> set[bytes]:
        """Which of the keys have vectors, without reading these."""
        ...

    def get_many(self, keys: Collection[bytes]) -> dict[bytes, Stored]:
        """What is stored of the keys; those without vectors are left out."""
        ...

    def put_many(self, segment: Mapping[bytes, Stored]) -> None:
        """Stores all of it or, where that fails, nothing. A key that is known keeps vectors that are as good."""
        ...

    def forget(self) -> None:
        """Removes every vector of this encoder."""
        ...


def text_key(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
