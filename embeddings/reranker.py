"""Reads a need again with a listing in sight and says how likely the one is worth a call for the other.

All layers but the last are the encoder's own and read each text by itself: what they make of a need is there already
when the encoder has read it, and what the last layer needs of a listing's card is remembered, and kept on disk. Only
the need goes through that layer for each pair. One pair a run, one thread each, several side by side: dynamic
quantisation scales activations by what is in the run, so a pair's score would depend on its company otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from embeddings.bundled import SERVED, Progress, bundled_tokenizer, layer_tensors, merged_digest
from embeddings.cache import provide
from embeddings.encoded import Encoder, available_cores, unit
from embeddings.errors import EncoderUnavailable
from embeddings.onnx import OnnxEncoder, load_onnx, onnx_fingerprint, open_session
from embeddings.state_file import Bytes, StateFile
from embeddings.tokenizer import PASSAGE, QUERY
from embeddings.trained import TRAINED as ENCODER_TRAINED
from embeddings.trained import merge_trained, trained_digests
from embeddings.weights import digest, open_source, source_path

Floats = NDArray[np.float32]

TRAINED = Path(__file__).parent / "artefacts" / "reranker"
PAIRS, HEAD = "joint.safetensors", "head.json"
#: Tokens of a card that are read, prompt included: 90 in 100 are no longer.
CARD_TOKENS = 110
#: Tokens of a need that look at a card; the encoder has read all of them by then. With 100, as it was taught, nDCG@10
#: of 570 needs differs by 0.0002 at most.
NEED_TOKENS = 64
#: Late interaction is multiplied by this times the learnt gain: cosines of this encoder lie close together.
TEMPERATURE = 30.0
#: Cards that are held in memory: 120 kB each. A shipped catalogue fits; of a larger one the popular part.
REMEMBERED_CARDS = 1536
#: A need comes again with other filters; 0.4 MB each.
REMEMBERED_NEEDS = 64

_GRAPH = "4"  # raise it when the graphs would give other scores from the same tensors
_PAIR_MODEL, _PROJECTIONS_MODEL = "pair.onnx", "projections.onnx"
#: Of a card: keys, values, unit vectors. Each token of each has a scale of its own, a float32.
_CARD_PARTS, _SCALE_BYTES = 3, 4
_MEND = "恢复该文件,或用 pilotmatch train reranker 重新训练"


@dataclass(frozen=True)
class Head:
    """What makes a score of the last layer's output.

    Attributes:
        encoder: digest of what was trained of the encoder below (`merged_digest`).
        segments: [2, d], added to a need's and a card's tokens before the last layer.
        gain: of late interaction. weights: [2, d] for the mean of the need's tokens and of the card's unit vectors.
        bias: added.
    """

    encoder: str
    segments: Floats
    gain: float
    weights: Floats
    bias: float


class Need(NamedTuple):
    """A need before the last layer: float32 [a, d], its projections [a, 3 d], and int64 [1], where the text's own
    tokens begin."""

    state: Floats
    projected: Floats
    first: NDArray[np.int64]


class Card(NamedTuple):
    """What the last layer is shown of a card: keys, values and unit vectors int8 [b, 3 d], the scale of each float32
    [b, 3], and int64 [1], where the text's own tokens begin."""

    numbers: Bytes
    scales: Floats
    first: NDArray[np.int64]


class Reranker:
    """Scores pairs; safe to share between threads.

    Args:
        encoder: what reads a text by itself. begins: whether needs must be begun here, as nobody else has this encoder
        read them. models: folder with those of `pair_graph.py`. fingerprint: names what scores depend on.
        threads: pairs read side by side. states: where what is made of cards is kept.

    Raises:
        EncoderUnavailable: ONNX Runtime can't load the model.
    """

    def __init__(
        self,
        encoder: OnnxEncoder,
        begins: bool,
        models: Path,
        head: Head,
        fingerprint: str,
        threads: int,
        states: StateFile,
    ) -> None:
        self.fingerprint = fingerprint
        self._pair = open_session(models / _PAIR_MODEL, 1)
        self._states, self._begins = states, begins
        self._reader = reader = _TextReader(encoder, open_session(models / _PROJECTIONS_MODEL, 1), head)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reranker")
        self._card = lru_cache(maxsize=REMEMBERED_CARDS)(partial(_kept_card, reader, states))
        self._need = lru_cache(maxsize=REMEMBERED_NEEDS)(reader.need)

    def scores(self, need: str, cards: Sequence[str]) -> Floats:
        """float32 [n]: log-odds that each card is worth a call; a pair's are the same whatever stands beside it."""
        if not cards:
            return np.zeros(0, np.float32)
        read = self._need(need)
        return np.array(list(self._pool.map(lambda card: self._score(read, card), cards)), np.float32)

    def begin(self, need: str) -> None:
        """Begins to read a need beside the caller, where the encoder does not anyway: `scores` will find it read."""
        if self._begins:
            self._pool.submit(self._need, need)

    def keep(self, cards: Sequence[str], progress: Callable[[int, int], None] | None = None) -> int:
        """Reads cards ahead of any need, those that are not kept yet; how many. What was read before a kill is kept.

        Args:
            progress: called with cards read and cards to read.
        """
        new = [card for card in dict.fromkeys(cards) if not self._states.holds(card)]
        # A single one is read ahead in the caller's time: no need is to wait for it.
        read = self._pool.map if len(new) > 1 else map
        for done, _ in enumerate(read(self._keep, new), 1):
            if progress is not None:
                progress(done, len(new))
        return len(new)

    def _keep(self, card: str) -> None:
        self._states.put(card, self._reader.packed(card)).result()

    def _score(self, need: Need, card: str) -> float:
        shown = self._card(card)
        given = {
            "need": need.state,
            "need_projected": need.projected,
            "need_first": need.first,
            "card": shown.numbers,
            "card_scales": shown.scales,
            "card_first": shown.first,
        }  # as in pair_graph.py
        return float(self._pair.run(None, given)[0])


class _TextReader:
    """Reads a text by itself. Apart from `Reranker`: what is remembered would hold the models in a circle otherwise,
    which Python takes apart late, and they are hundreds of megabytes."""

    def __init__(self, encoder: OnnxEncoder, projections: InferenceSession, head: Head) -> None:
        self._encoder, self._projections, self._segments = encoder, projections, head.segments
        tokenizer = bundled_tokenizer()
        self._own = {
            prompt: 1 + len(tokenizer.encode(prompt.strip(), add_special_tokens=False).ids)
            for prompt in (QUERY, PASSAGE)
        }

    def need(self, text: str) -> Need:
        """What the last layer is given of a need."""
        state = self._encoder.below(QUERY, text, NEED_TOKENS) + self._segments[0]
        return Need(state, self._projected(state), self._first(QUERY, len(state)))

    def packed(self, text: str) -> Bytes:
        """int8 [b, 3 d + 12]: what a `Card` holds, as it is kept. Bytes whether kept or not: the same scores."""
        hidden, below = self._encoder.both(PASSAGE, text, CARD_TOKENS)
        tokens, width = hidden.shape
        seen = self._projected(below + self._segments[1])[:, width:]
        parts = np.concatenate([seen, unit(hidden)], axis=1).reshape(tokens, -1, width)
        scales = np.abs(parts).max(axis=2) / np.iinfo(np.int8).max
        scales[scales == 0] = 1
        numbers = np.rint(parts / scales[..., None]).astype(np.int8).reshape(tokens, -1)
        return np.concatenate([numbers, scales.astype(np.float32).view(np.int8)], axis=1)

    def card(self, packed: Bytes) -> Card:
        """What was packed."""
        width = packed.shape[1] - _CARD_PARTS * _SCALE_BYTES
        scales = np.ascontiguousarray(packed[:, width:]).view(np.float32)
        return Card(np.ascontiguousarray(packed[:, :width]), scales, self._first(PASSAGE, len(packed)))

    def _projected(self, state: Floats) -> Floats:
        found: Floats = self._projections.run(None, {"state": state})[0]
        return found

    def _first(self, prompt: str, tokens: int) -> NDArray[np.int64]:
        """Where the text's own tokens begin, behind those of the prompt; of an empty text the prompt's last counts."""
        return np.array([min(self._own[prompt], tokens - 2)])


def _kept_card(reader: _TextReader, states: StateFile, text: str) -> Card:
    """What is kept of a card, or else what is read of it, and kept from now on."""
    packed = states.get(text)
    if packed is None:
        packed = reader.packed(text)
        states.put(text, packed)
    return reader.card(packed)


def load_reranker(
    cache: Path,
    threads: int | None = None,
    progress: Progress | None = None,
    trained: Path = TRAINED,
    encoder: Encoder | None = None,
    base: Path = ENCODER_TRAINED,
) -> Reranker:
    """The re-ranker, its models built under `cache` where they are missing or damaged (4 MB, once).

    Args:
        threads: pairs read side by side; None is one for each core.
        encoder: one that is loaded, and that needs are read with before they are read together with listings; another
            is loaded beside it where it is not the one that the re-ranker was trained on.
        base: what was trained of that one.

    Raises:
        EncoderUnavailable: what was trained is missing, damaged or on top of another encoder, or the disk can't take
        the models.
    """
    shape = open_source(source_path()).shape
    head = read_head(trained / HEAD, shape.hidden)
    if head.encoder != merged_digest(base):
        raise EncoderUnavailable("重排模型不是在这一编码器上训练的", hint="重新运行 pilotmatch train reranker")
    own = onnx_fingerprint(base)
    shared = isinstance(encoder, OnnxEncoder) and encoder.listings_fingerprint == own  # few layers read needs, or all
    lower = encoder if shared and isinstance(encoder, OnnxEncoder) else load_onnx(cache, trained=base)
    parts = [own, _GRAPH, digest(trained / HEAD), *trained_digests(trained)]
    fingerprint = "reranker-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    build = partial(_write, progress=progress or (lambda part: None), trained=trained, base=base, head=head)
    folder = provide(cache, f"{fingerprint}-{SERVED}", build)
    states = StateFile(cache / f"{fingerprint}-cards.db", _CARD_PARTS * (shape.hidden + _SCALE_BYTES))
    # Scores hang on how needs are read, cards don't.
    fingerprint += f"-{NEED_TOKENS}{lower.fingerprint.removeprefix(own)}"
    return Reranker(lower, not shared, folder, head, fingerprint, threads or available_cores(), states)


def read_head(path: Path, hidden: int) -> Head:
    """The head from its file; EncoderUnavailable where it is missing, damaged or of another width than `hidden`."""
    try:
        stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
        segments, weights = (np.array(stored[name], np.float32) for name in ("segments", "head"))
        gain, bias = float(stored["gain"][0]), float(stored["bias"][0])
        finite = np.isfinite([*segments.flat, *weights.flat, gain, bias]).all()
        if segments.shape != (2, hidden) or weights.shape != (2, hidden) or not finite:
            raise ValueError("shape")
        return Head(str(stored["encoder"]), segments, gain, weights, bias)
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise EncoderUnavailable(f"重排模型的 {path.name} 缺失或已损坏", hint=_MEND) from error


def _write(folder: Path, progress: Progress, trained: Path, base: Path, head: Head) -> None:
    from embeddings.pair_graph import build_pair, build_projections  # the `onnx` package is for building only

    source = open_source(source_path())
    tensors = merge_trained(layer_tensors(source, base), trained)
    progress(0.5)
    pair = build_pair(source.shape, tensors, TEMPERATURE * head.gain, head.weights, head.bias)
    for name, model in ((_PAIR_MODEL, pair), (_PROJECTIONS_MODEL, build_projections(source.shape, tensors))):
        (folder / name).write_bytes(model.SerializeToString())
    progress(1.0)
