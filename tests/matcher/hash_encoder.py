"""An encoder for tests that need one but not its meaning: fixed random vectors by character, nothing to load."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded
from embeddings.encoded import SingleTextEncoder, unit
from embeddings.errors import EncoderUnavailable

#: Components of random unit vectors of this length stay below what 8-bit codes can hold, but for one in 10,000.
DIMENSION = 160
NEED, LISTING = "need", "listing"


class HashEncoder(SingleTextEncoder):
    """A token for each character that is no white space; the vector is the mean direction of the tokens.

    `texts` are the listings' texts that were read, in order.
    """

    def __init__(self, name: str = "hash") -> None:
        super().__init__(name, DIMENSION, (NEED, LISTING), workers=1)
        self.texts: list[str] = []

    def read_listing(self, text: str) -> Encoded:
        """Counted in `texts`."""
        self.texts.append(text)
        return super().read_listing(text)

    def _read(self, prompt: str, text: str, tokens: bool) -> Encoded:
        places = [place for place, character in enumerate(text) if not character.isspace()]
        vectors = np.stack(
            [_vector(self.listings_fingerprint, text[place]) for place in places] or [np.zeros(0, np.float32)]
        )
        vectors = vectors.reshape(len(places), self.dimension)
        centre = vectors.sum(axis=0) + _vector(self.listings_fingerprint, "")
        offsets = np.array([(place, place + 1) for place in places], np.int32).reshape(-1, 2)
        return Encoded(unit(centre[None])[0], vectors, offsets)


class FewHashEncoder(HashEncoder):
    """Reads listings as the other does, and of a need the second half only."""

    def __init__(self, name: str = "hash") -> None:
        super().__init__(name)
        self.fingerprint = f"{name}-few"

    def _read(self, prompt: str, text: str, tokens: bool) -> Encoded:
        half = len(text) // 2 if prompt == NEED else 0
        return super()._read(prompt, " " * half + text[half:], tokens)


class BothHashEncoder(HashEncoder):
    """A `HashEncoder` that has few layers; `broken` ones can't be loaded."""

    def __init__(self, name: str = "hash", broken: bool = False) -> None:
        super().__init__(name)
        self._quick, self._broken = FewHashEncoder(name), broken

    @property
    def few(self) -> FewHashEncoder:
        if self._broken:
            raise EncoderUnavailable("读需求用的层缺失", hint="pilotmatch train needs")
        return self._quick


@cache
def _vector(name: str, character: str) -> NDArray[np.float32]:
    seed = hashlib.sha256(f"{name}/{character}".encode("utf-8", "surrogatepass")).digest()
    drawn = np.random.default_rng(list(seed)).standard_normal(DIMENSION).astype(np.float32)
    vector: NDArray[np.float32] = unit(drawn[None])[0]
    return vector
