"""Vectors for a grown catalogue without hours of encoding: a copy gets its original's, moved a little.

Speed and memory depend on how many vectors there are and how long the texts, not on what the vectors say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded, Encoder
from embeddings.products import restore
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.vector_store import Stored
from matcher.records import Listing
from matcher.retrieval.views import full_text, short_text

#: Moves a vector by about a tenth of its length, as far as the listing's nearest neighbours are.
NOISE = 0.1


class GrownEncoder:
    """Stands in for an encoder while the vectors of copies are stored: same fingerprint, no model.

    Only what `Encodings` asks for is there.
    """

    def __init__(self, encoder: Encoder, originals: Mapping[str, tuple[Stored, bool]]) -> None:
        self.fingerprint = self.listings_fingerprint = encoder.listings_fingerprint
        self.dimension = encoder.dimension
        self._originals = originals
        self._random = np.random.default_rng(0)

    def read_listings(self, texts: Sequence[str], progress: object = None) -> Iterator[Encoded]:
        """What is stored of each text's original, a copy's vector moved by noise; tokens and offsets as they are."""
        for text in texts:
            original, is_copy = self._originals[text]
            vector = _moved(original.vector, self._random) if is_copy else original.vector
            yield Encoded(vector, restore(original.tokens), original.offsets.astype(np.int32))


def store(
    folder: Path, encoder: Encoder, shipped: Sequence[Listing], grown: Sequence[Listing], known: Encodings
) -> None:
    """Makes `folder` hold the encodings of `grown`, whose row n is a copy of `shipped[n % len(shipped)]`.

    Args:
        known: holds the encodings of `shipped`.
    """
    views = (full_text, short_text)
    texts = [view(listing) for view in views for listing in shipped]
    stored = dict(zip(texts, known.read(texts), strict=True))
    originals = {
        view(listing): (stored[view(shipped[row % len(shipped)])], view(listing) not in stored)
        for row, listing in enumerate(grown)
        for view in views
    }
    stand_in: Encoder = GrownEncoder(encoder, originals)  # type: ignore[assignment]  # it reads listings and no more
    Encodings(folder, stand_in).read(list(originals))


def _moved(vector: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    noise = random.standard_normal(vector.shape[0], dtype=np.float32)
    moved = vector + noise * np.float32(NOISE / np.linalg.norm(noise))
    unit: NDArray[np.float32] = moved / np.linalg.norm(moved)
    return unit
