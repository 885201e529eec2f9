"""Vectors that were computed once, kept by the text read: a restart re-encodes nothing, a changed text is a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from embeddings import Encoded, Encoder
from embeddings.products import quantise
from matcher.catalogue.file_vectors import FileVectors
from matcher.catalogue.vector_store import REBUILD, Stored, VectorStore, text_key
from matcher.errors import BrokenArtefact

Progress = Callable[[int, int], None]

#: Texts that are read, encoded and stored together: a kill loses at most this many texts' worth of encoding.
SEGMENT_TEXTS = 512


class Encodings:
    """Pooled and token vectors of texts, from a store, or from the encoder and then into the store.

    Nothing is held in memory. Safe from several threads: two that want the same new text may both encode it.

    Args:
        store: of this encoder's vectors, or a folder to keep them in, in files.

    Raises:
        BrokenArtefact: a file is damaged; the hint names the command that mends it.
    """

    def __init__(self, store: VectorStore | Path, encoder: Encoder) -> None:
        self.store: VectorStore = FileVectors(store, encoder.listings_fingerprint) if isinstance(store, Path) else store
        self._encoder = encoder

    def missing(self, texts: Sequence[str]) -> int:
        """How many different texts have no vectors yet."""
        keys = {text_key(text) for text in texts}
        return len(keys) - len(self.store.known(keys))

    def read(self, texts: Sequence[str], progress: Progress | None = None) -> list[Stored]:
        """As `each`, all at once."""
        return list(self.each(texts, progress))

    def each(self, texts: Sequence[str], progress: Progress | None = None) -> Iterator[Stored]:
        """What is stored of each of the listings' texts, in order; what is not known yet is encoded first.

        Args:
            progress: called with texts done and texts to do, for those that are not known yet.

        Raises:
            Unavailable: the store can't be reached or written; what was there stays.
            BrokenArtefact: what is stored can't be read, or the encoder gave no numbers.
        """
        counted = _Counted(progress, self.missing(texts) if progress else 0)
        for start in range(0, len(texts), SEGMENT_TEXTS):
            part = {text_key(text): text for text in texts[start : start + SEGMENT_TEXTS]}
            found = self.store.get_many(part)
            if missing := {key: text for key, text in part.items() if key not in found}:
                found |= self._encode(missing, counted)
            yield from (found[text_key(text)] for text in texts[start : start + SEGMENT_TEXTS])

    def _encode(self, missing: Mapping[bytes, str], counted: _Counted) -> dict[bytes, Stored]:
        segment: dict[bytes, Stored] = {}
        encoded = self._encoder.read_listings(list(missing.values()))
        for key, one in zip(missing, _checked(encoded), strict=True):
            segment[key] = Stored(one.vector, quantise(one.tokens), one.offsets.astype(np.int16))
            counted.one()
        self.store.put_many(segment)
        return segment


class _Counted:
    """Tells progress how many texts are done."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def one(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, max(self._done, self._total))


def _checked(encoded: Iterator[Encoded]) -> Iterator[Encoded]:
    for one in encoded:
        if not (np.isfinite(one.vector).all() and np.isfinite(one.tokens).all()):
            raise BrokenArtefact("编码器给出了无效的向量", hint=REBUILD)
        yield one
