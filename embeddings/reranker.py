"""Reads a need and a listing together and says how likely the one is worth a call for the other.

Lower layers read each text by itself; their output for a listing's card is remembered, and kept on disk, so that only
the joint layers run for each pair. One pair a run, one thread each, several side by side: dynamic quantisation scales
activations by what is in the run, so a pair's score would depend on its company otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.bundled import BUILDER, SERVED, Progress, bundled_tokenizer, layer_tensors, served_words
from embeddings.cache import provide
from embeddings.encoded import available_cores, unit
from embeddings.errors import EncoderUnavailable
from embeddings.onnx import open_session
from embeddings.state_file import StateFile
from embeddings.tokenizer import PASSAGE, QUERY, clean
from embeddings.trained import trained_digests
from embeddings.weights import digest, open_source, source_path

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

TRAINED = Path(__file__).parent / "artefacts" / "reranker"
PAIRS, HEAD = "joint.safetensors", "head.json"
#: Tokens of either text that are read, prompt included: 99 in 100 needs and 90 in 100 cards are no longer.
NEED_TOKENS, CARD_TOKENS = 100, 110
#: Late interaction is multiplied by this times the learnt gain: cosines of this encoder lie close together.
TEMPERATURE = 30.0
#: Cards whose lower layers are held in memory: 80 kB each. A shipped catalogue fits; of a larger one the popular part.
REMEMBERED_CARDS = 2048
#: A need comes again with other filters; 40 kB each.
REMEMBERED_NEEDS = 128

_GRAPH = "1"  # raise it when the graphs would give other scores from the same tensors
_LOWER, _JOINT = "lower.onnx", "joint.onnx"
_START, _END = 0, 2  # <s> and </s>
_MEND = "恢复该文件,或用 pilotmatch train reranker 重新训练"


@dataclass(frozen=True)
class Head:
    """What makes a score of the joint layers' output.

    Attributes:
        frozen: layers below the joint ones. segments: [2, d], added to a need's and a card's tokens before them.
        gain: of late interaction. weights: [2, d] for the mean of the need's tokens and of the card's. bias: added.
    """

    frozen: int
    segments: Floats
    gain: float
    weights: Floats
    bias: float


class Reranker:
    """Scores pairs; safe to share between threads.

    Args:
        lower, joint: paths of the two models. tokenizer: as `make_tokenizer` gives it. fingerprint: names what scores
        depend on. threads: pairs read side by side. states: where the lower layers' output for cards is kept.

    Raises:
        EncoderUnavailable: ONNX Runtime can't load a model.
    """

    def __init__(
        self,
        lower: Path,
        joint: Path,
        head: Head,
        tokenizer: Tokenizer,
        fingerprint: str,
        threads: int,
        states: StateFile,
    ) -> None:
        self.fingerprint = fingerprint
        self._joint, self._head = open_session(joint, 1), head
        self._states = states
        self._reader = reader = _LowerReader(lower, tokenizer, head)
        self._own = {prompt: 1 + len(reader.ids(prompt.strip(), CARD_TOKENS)) for prompt in (QUERY, PASSAGE)}
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reranker")
        self._card = lru_cache(maxsize=REMEMBERED_CARDS)(partial(_kept_card, reader, states))
        self._need = lru_cache(maxsize=REMEMBERED_NEEDS)(partial(reader.read, QUERY, NEED_TOKENS, 0))

    def scores(self, need: str, cards: Sequence[str]) -> Floats:
        """float32 [n]: log-odds that each card is worth a call; a pair's are the same whatever stands beside it."""
        if not cards:
            return np.zeros(0, np.float32)
        read = self._need(need)
        return np.array(list(self._pool.map(lambda card: self._score(read, card), cards)), np.float32)

    def begin(self, need: str) -> None:
        """Begins to read a need beside the caller: `scores` will then find it read."""
        self._pool.submit(self._need, need)

    def keep(self, cards: Sequence[str], progress: Callable[[int, int], None] | None = None) -> int:
        """Reads cards ahead of any need, those that are not kept yet; how many. What was read before a kill is kept.

        Args:
            progress: called with cards read and cards to read.
        """
        new = [card for card in dict.fromkeys(cards) if not self._states.holds(card)]
        for done, _ in enumerate(self._pool.map(self._keep, new), 1):
            if progress is not None:
                progress(done, len(new))
        return len(new)

    def _keep(self, card: str) -> None:
        self._states.put(card, self._reader.card(card)).result()

    def _score(self, need: Halves, card: str) -> float:
        own = self._card(card)
        both = np.concatenate([need, own])[None].astype(np.float32)
        hidden = self._joint.run(None, {"hidden": both})[0][0]
        return score(hidden[: len(need)], hidden[len(need) :], self._own[QUERY], self._own[PASSAGE], self._head)


class _LowerReader:
    """Reads a text by itself. Apart from `Reranker`: what is remembered would hold the models in a circle otherwise,
    which Python takes apart late, and they are hundreds of megabytes."""

    def __init__(self, lower: Path, tokenizer: Tokenizer, head: Head) -> None:
        self._session, self._tokenizer, self._segments = open_session(lower, 1), tokenizer, head.segments

    def ids(self, text: str, limit: int) -> list[int]:
        """The first tokens of a text."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids[:limit])

    def card(self, text: str) -> Halves:
        """As `read`, a listing's card."""
        return self.read(PASSAGE, CARD_TOKENS, 1, text)

    def read(self, prompt: str, limit: int, segment: int, text: str) -> Halves:
        """float16 [t, d]: the lower layers' output and the segment. Halves whether remembered or not."""
        ids = np.array([[_START, *self.ids(prompt + clean(text), limit), _END]], np.int64)
        hidden = self._session.run(None, {"ids": ids})[0][0]
        state: Halves = (hidden + self._segments[segment]).astype(np.float16)
        state.setflags(write=False)
        return state


def _kept_card(reader: _LowerReader, states: StateFile, text: str) -> Halves:
    """What is kept of a card, or else what is read of it, and kept from now on."""
    state = states.get(text)
    if state is None:
        state = reader.card(text)
        states.put(text, state)
    return state


def score(need: Floats, card: Floats, need_own: int, card_own: int, head: Head) -> float:
    """Log-odds from the joint layers' output for a need [a, d] and a card [b, d].

    Late interaction is over the tokens of the texts themselves: after the first `need_own` and `card_own`, which are
    those of prompts, and before the last; a text without any has no late interaction.
    """
    tokens, theirs = unit(need[need_own:-1]), unit(card[card_own:-1])
    # einsum runs in its own thread: BLAS would start others, which hinder the pairs beside it.
    late = float(np.einsum("ad,bd->ab", tokens, theirs).max(axis=1).mean()) if len(tokens) and len(theirs) else 0.0
    linear = float(need.mean(axis=0) @ head.weights[0] + card.mean(axis=0) @ head.weights[1])
    return TEMPERATURE * head.gain * late + linear + head.bias


def load_reranker(
    cache: Path, threads: int | None = None, progress: Progress | None = None, trained: Path = TRAINED
) -> Reranker:
    """The re-ranker, its models built under `cache` where they are missing or damaged (70 MB, seconds, once).

    Args:
        threads: pairs read side by side; None is one for each core.

    Raises:
        EncoderUnavailable: what was trained is missing or damaged, or the disk can't take the models.
    """
    source = open_source(source_path())
    head = read_head(trained / HEAD, source.shape.hidden)
    parts = [digest(source_path()), BUILDER, _GRAPH, digest(trained / HEAD), *trained_digests(trained)]
    fingerprint = "reranker-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    build = partial(_write, progress=progress or (lambda part: None), trained=trained, frozen=head.frozen)
    folder = provide(cache, f"{fingerprint}-{SERVED}", build)
    states = StateFile(cache / f"{fingerprint}-cards.db", source.shape.hidden)
    tokenizer, threads = bundled_tokenizer(), threads or available_cores()
    return Reranker(folder / _LOWER, folder / _JOINT, head, tokenizer, fingerprint, threads, states)


def read_head(path: Path, hidden: int) -> Head:
    """The head from its file; EncoderUnavailable where it is missing, damaged or of another width than `hidden`."""
    try:
        stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
        segments, weights = (np.array(stored[name], np.float32) for name in ("segments", "head"))
        gain, bias = float(stored["gain"][0]), float(stored["bias"][0])
        finite = np.isfinite([*segments.flat, *weights.flat, gain, bias]).all()
        if segments.shape != (2, hidden) or weights.shape != (2, hidden) or not finite:
            raise ValueError("shape")
        return Head(int(stored["frozen"]), segments, gain, weights, bias)
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise EncoderUnavailable(f"重排模型的 {path.name} 缺失或已损坏", hint=_MEND) from error


def _write(folder: Path, progress: Progress, trained: Path, frozen: int) -> None:
    from embeddings.graph import build_joint, build_lower  # the `onnx` package is for building only

    source = open_source(source_path())
    tensors = layer_tensors(source, trained)
    progress(0.3)
    lower = build_lower(source.shape, served_words(source), tensors, frozen)
    (folder / _LOWER).write_bytes(lower.SerializeToString())
    progress(0.7)
    (folder / _JOINT).write_bytes(build_joint(source.shape, tensors, frozen).SerializeToString())
    progress(1.0)
