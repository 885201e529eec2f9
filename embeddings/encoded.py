"""What an encoder gives, and how texts go through one: each alone, so that a vector never depends on its company."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.tokenizer import clean

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]
_Result = TypeVar("_Result")

# A page shows one need again and again with other filters. A need of 50 tokens takes 75 kB, one of 512 takes 0.8 MB.
_REMEMBERED_NEEDS = 128
_AHEAD = 4  # results a worker may be ahead of the reader: a catalogue's token vectors don't fit in memory


class Encoded(NamedTuple):
    """One text in one pass.

    vector: float32 [d], unit length. tokens: float32 [t, d], each row unit length, without prompt, special tokens and
    white space.
    offsets: int32 [t, 2], the characters of the text that each token covers.
    """

    vector: Vectors
    tokens: Vectors
    offsets: NDArray[np.int32]


class Encoder(Protocol):
    """Text in, vectors out. Needs and listings are encoded with the prompts that the model was trained with."""

    @property
    def fingerprint(self) -> str:
        """Names model, weights and arithmetic: all vectors of equal fingerprints are equal."""
        ...

    @property
    def listings_fingerprint(self) -> str:
        """Names what listings' vectors depend on: encoders that differ in how they read needs may share them."""
        ...

    @property
    def few(self) -> Encoder | None:
        """One with the same vectors of listings that reads needs with few layers, as far as these know their language,
        quicker and a little worse; None where there is none.

        Raises:
            EncoderUnavailable: it can't be loaded.
        """
        ...

    @property
    def dimension(self) -> int:
        """d, the length of a vector."""
        ...

    def encode_needs(self, texts: Sequence[str]) -> Vectors:
        """float32 [n, d], unit length."""
        ...

    def encode_listings(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """float32 [n, d], unit length; `progress` is called with the number of texts done."""
        ...

    def read_need(self, text: str) -> Encoded:
        """Vector and token vectors of one need."""
        ...

    def begin_need(self, text: str) -> Callable[[], Encoded]:
        """Begins to read one need beside the caller, where there is a core for it; what waits for `read_need`."""
        ...

    def read_listing(self, text: str) -> Encoded:
        """Vector and token vectors of one listing."""
        ...

    def read_listings(self, texts: Sequence[str], progress: Progress | None = None) -> Iterator[Encoded]:
        """Vectors and token vectors of many listings, in order, as they are done."""
        ...


def reader_of(encoder: Encoder, few: bool) -> Encoder:
    """What needs are read with: few layers, where that is wanted and the encoder has them, or else all."""
    return (few and encoder.few) or encoder


class SingleTextEncoder(ABC):
    """An encoder that runs one text at a time; bulk work goes to `workers` threads, each with a text of its own.

    A subclass says how one text is read: `_read(prompt, text, tokens)`, safe to call from several threads where
    workers > 1.
    """

    def __init__(self, fingerprint: str, dimension: int, prompts: tuple[str, str], workers: int) -> None:
        self.fingerprint = self.listings_fingerprint = fingerprint
        self.dimension = dimension
        self._need_prompt, self._listing_prompt = prompts
        self._workers = workers
        self._remembered: dict[str, Encoded] = {}

    @property
    def few(self) -> Encoder | None:
        """None; a subclass may have one."""
        return None

    def encode_needs(self, texts: Sequence[str]) -> Vectors:
        """float32 [n, d], unit length; texts seen lately are remembered."""
        return self._stack([self.read_need(text).vector for text in texts])

    def encode_listings(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """float32 [n, d], unit length; `progress` is called with the number of texts done."""
        encoded = self._bulk(lambda text: self._read(self._listing_prompt, clean(text), tokens=False).vector, texts)
        return self._stack(list(_counted(encoded, progress)))

    def read_need(self, text: str) -> Encoded:
        """Vector and token vectors of one need; the arrays are shared and read-only."""
        return self.begin_need(text)()

    def begin_need(self, text: str) -> Callable[[], Encoded]:
        """Begins to read one need beside the caller, where a subclass can; what waits for it."""
        text = clean(text)
        known = self._remembered.pop(text, None)
        if known is not None:
            self._remembered[text] = known  # the one used last stands last
            return lambda: known
        waiting = self._begin(self._need_prompt, text)
        return lambda: self._kept(text, waiting())

    def read_listing(self, text: str) -> Encoded:
        """Vector and token vectors of one listing."""
        return self._read(self._listing_prompt, clean(text), tokens=True)

    def read_listings(self, texts: Sequence[str], progress: Progress | None = None) -> Iterator[Encoded]:
        """Vectors and token vectors of many listings, in order, as they are done."""
        return _counted(self._bulk(self.read_listing, texts), progress)

    @abstractmethod
    def _read(self, prompt: str, text: str, tokens: bool) -> Encoded:
        """One text; without `tokens` the token vectors may be left empty, which spares their normalisation."""

    def _begin(self, prompt: str, text: str) -> Callable[[], Encoded]:
        """What gives `_read` of a text; a subclass may begin it in a thread."""
        return partial(self._read, prompt, text, tokens=True)

    def _kept(self, text: str, encoded: Encoded) -> Encoded:
        """Remembers a need."""
        for array in encoded:
            array.setflags(write=False)
        remember(self._remembered, text, encoded)
        return encoded

    def _stack(self, vectors: Sequence[Vectors]) -> Vectors:
        return np.stack(vectors) if vectors else np.empty((0, self.dimension), np.float32)

    def _bulk(self, read: Callable[[str], _Result], texts: Sequence[str]) -> Iterator[_Result]:
        if self._workers == 1 or len(texts) < 2:
            yield from map(read, texts)
            return
        waiting = iter(texts)
        with ThreadPoolExecutor(self._workers) as pool:
            pending = deque(pool.submit(read, text) for text in islice(waiting, _AHEAD * self._workers))
            try:
                while pending:
                    yield pending.popleft().result()
                    pending.extend(pool.submit(read, text) for text in islice(waiting, 1))
            finally:  # a reader that stops early, or a text that fails
                for future in pending:
                    future.cancel()


def remember(known: dict[str, _Result], text: str, what: _Result) -> None:
    """Remembers what was made of a need; of those that were used longest ago one is forgotten. Each step is one of the
    dict's own, so that threads may do this side by side."""
    known[text] = what
    while len(known) > _REMEMBERED_NEEDS:
        known.pop(next(iter(list(known))), None)


def _counted(results: Iterator[_Result], progress: Progress | None) -> Iterator[_Result]:
    for done, result in enumerate(results, start=1):
        yield result
        if progress:
            progress(done)


def pooled(hidden: Vectors) -> Vectors:
    """Mean over all tokens [t, d] → [d], unit length: prompt and special tokens count, as e5 was trained (Wang et al.
    2024, §2).
    """
    mean = hidden.mean(axis=0)
    vector: Vectors = unit(mean[None])[0]
    return vector


def unit(rows: Vectors) -> Vectors:
    """Each row [n, d] divided by its Euclidean length; a row of zeros stays one."""
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    lengths[lengths == 0] = 1.0
    divided: Vectors = rows / lengths[:, None]
    return divided


def available_cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
