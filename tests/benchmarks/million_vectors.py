"""Vectors for a catalogue of a million: mixtures of real listings' vectors with noise, as clustered as these are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: Most of a listing is like one real listing, the rest like another: lines of business overlap.
LEAST_SHARE, MOST_SHARE = 0.55, 0.95
#: Length of the noise beside a mixture of length one: cosines of near copies are then some 0.85, as those of real
#: listings of one line of business, and no two are equal.
NOISE = 0.6
CHUNK = 10_000


def mixtures(base: Floats, count: int, seed: int = 0) -> Iterator[Floats]:
    """`count` vectors of unit length in chunks float32 [≤ CHUNK, d]; the same arguments, the same vectors."""
    for start in range(0, count, CHUNK):
        yield _chunk(base, min(CHUNK, count - start), np.random.default_rng([seed, start]))


def _chunk(base: Floats, count: int, drawn: np.random.Generator) -> Floats:
    first, second = drawn.integers(0, len(base), (2, count))
    share = drawn.uniform(LEAST_SHARE, MOST_SHARE, (count, 1)).astype(np.float32)
    mixed = _unit(share * base[first] + (1 - share) * base[second])
    noise = _unit(drawn.standard_normal((count, base.shape[1]), dtype=np.float32))
    return _unit(mixed + np.float32(NOISE) * noise)


def _unit(rows: Floats) -> Floats:
    found: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found
