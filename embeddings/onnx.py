"""The bundled encoder on ONNX Runtime: what serves. It loads in under a second, without torch or transformers.

One text a run, always: dynamic quantisation scales activations by what is in the run, so a text's vector would depend
on its company (cosines down to 0.997 in batches of 16). One thread a run unless asked otherwise: a second
one gained nothing or little, and cost the requests beside it (DECISIONS.md, "A second thread takes parts").
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.bundled import (
    NAME,
    SERVED,
    Progress,
    bundled_fingerprint,
    bundled_tokenizer,
    layer_tensors,
    served_words,
)
from embeddings.cache import provide
from embeddings.encoded import Encoded, SingleTextEncoder, available_cores, pooled, remember, unit
from embeddings.errors import REBUILD, EncoderUnavailable
from embeddings.languages import is_foreign
from embeddings.need_layers import layers_digest, read_layers, taught_by
from embeddings.tokenizer import PASSAGE, QUERY, Pieces, clean, read
from embeddings.trained import TRAINED
from embeddings.weights import open_source, source_path

Floats = NDArray[np.float32]

GRAPH = "1"  # raise it when `graph.py` would give other vectors from the same tensors
WORDS, LAYERS, NEED_LAYERS = "words.onnx", "layers.onnx", "needs.onnx"
_INPUT, _EMBEDDED = "ids", "embedded"
_FEW_READ = "zh"  # what is read with few layers
_START, _END = 0, 2  # <s> and </s>
#: Seconds; a thread that has a core starts in a tenth of it.
_STEP_ASIDE = 0.0005


class FewLayers(NamedTuple):
    """Layers to read needs with, and what names them."""

    session: onnxruntime.InferenceSession
    digest: str


class OnnxEncoder(SingleTextEncoder):
    """multilingual-e5-small, int8. Safe to share between threads.

    Args:
        models: folder of the model files. tokenizer: as `make_tokenizer` gives it. fingerprint: of the models.
        threads: for one text; more than one pays where cores are idle.
        few: gives the few layers that needs can be read with; None where there are none.

    Raises:
        EncoderUnavailable: ONNX Runtime can't load the model.
    """

    def __init__(
        self,
        models: Path,
        tokenizer: Tokenizer,
        fingerprint: str,
        threads: int = 1,
        few: Callable[[], FewLayers] | None = None,
    ) -> None:
        self._words, self._layers = (open_session(models / name, threads) for name in (WORDS, LAYERS))
        self._need_layers = self._layers
        self._load_few, self._loading = few, threading.Lock()
        self._few: OnnxEncoder | None = None
        self._below: dict[str, Floats] = {}
        self._tokenizer = tokenizer
        dimension = self._layers.get_outputs()[0].shape[-1]
        workers = max(1, available_cores() // threads)
        super().__init__(fingerprint, dimension, (QUERY, PASSAGE), workers)
        # As many as run at once: more requests wait in a row instead of taking the cores from each other.
        self._beside = ThreadPoolExecutor(workers, thread_name_prefix="encoder") if available_cores() > 1 else None

    @property
    def few(self) -> OnnxEncoder | None:
        """The same encoder, which reads needs in Chinese with few layers; it shares all else with this one. The first
        time takes some tenths of a second."""
        if self._load_few is not None:
            with self._loading:
                self._few = self._few or self._with_layers(self._load_few())
        return self._few

    def _with_layers(self, few: FewLayers) -> OnnxEncoder:
        other = copy(self)
        other.fingerprint, other._need_layers = f"{self.fingerprint}-{few.digest}-{_FEW_READ}", few.session
        other._remembered, other._below, other._load_few = {}, {}, None
        return other

    def below(self, prompt: str, text: str, limit: int) -> Floats:
        """float32 [t, d]: what the last layer is given of the first `limit` tokens of prompt + text and both special
        ones, for whoever reads it again beside another text. The text is read whole, as it is anyway: the same to the
        bit whether it was encoded lately or not."""
        text = clean(text)
        known = self._below.get(text) if prompt == QUERY else None
        if known is None:
            known = self._run(prompt, text, read(self._tokenizer, prompt, text).ids)[1]
        return known if len(known) <= limit + 2 else np.concatenate([known[: limit + 1], known[-1:]])

    def both(self, prompt: str, text: str, limit: int) -> tuple[Floats, Floats]:
        """float32 [t, d] each: what the last layer makes of the first `limit` tokens, and `below`."""
        ids = self._tokenizer.encode(prompt + clean(text), add_special_tokens=False).ids[:limit]
        return self._run(prompt, text, np.array([_START, *ids, _END], np.int64))

    def _read(self, prompt: str, text: str, tokens: bool) -> Encoded:
        pieces = read(self._tokenizer, prompt, text)
        return _encoded(pieces, self._hidden(pieces, prompt, text), tokens)

    def _begin(self, prompt: str, text: str) -> Callable[[], Encoded]:
        """Reads the text in another thread, and comes back once the model runs.

        The caller must not go on before: a thread that wants the interpreter while another computes gets it after
        5 ms only, which is as long as the model takes. While the model runs it needs no interpreter.
        """
        if self._beside is None:
            return super()._begin(prompt, text)
        pieces, started = read(self._tokenizer, prompt, text), threading.Event()
        layers, embedded = self._layers_for(prompt, text), self._embedded(pieces.ids)

        def run() -> Floats:
            started.set()  # from here to the model's run nothing may wait for the interpreter
            return self._remembering(prompt, text, _outputs(layers, embedded))

        running = self._beside.submit(run)
        _let_start(started)
        return lambda: _encoded(pieces, running.result(), tokens=True)

    def _hidden(self, pieces: Pieces, prompt: str, text: str) -> Floats:
        """float32 [t, hidden]: the model's output for one text; of a need it also remembers `below`."""
        return self._remembering(prompt, text, self._run(prompt, text, pieces.ids))

    def _remembering(self, prompt: str, text: str, outputs: tuple[Floats, Floats]) -> Floats:
        hidden, below = outputs
        if prompt == QUERY:
            remember(self._below, text, below)
        return hidden

    def _run(self, prompt: str, text: str, ids: NDArray[np.int64]) -> tuple[Floats, Floats]:
        return _outputs(self._layers_for(prompt, text), self._embedded(ids))

    def _layers_for(self, prompt: str, text: str) -> onnxruntime.InferenceSession:
        # In English few layers are not near enough to all of them: it was a sixth of what they learnt from.
        return self._need_layers if prompt == QUERY and not is_foreign(text) else self._layers

    def _embedded(self, ids: NDArray[np.int64]) -> Floats:
        """float32 [1, t, d]: what the first layer is given."""
        embedded: Floats = self._words.run(None, {_INPUT: ids[None]})[0]
        return embedded


def _let_start(started: threading.Event) -> None:
    """Lets another thread have the interpreter until it has started.

    Who sleeps meanwhile may be woken on the core where the model runs by then, and stay there for milliseconds; who
    only steps aside keeps its own. Where no core is free for the other one does sleep.
    """
    until = time.perf_counter() + _STEP_ASIDE
    while not started.is_set() and time.perf_counter() < until:
        time.sleep(0)
    started.wait()


def _outputs(layers: onnxruntime.InferenceSession, embedded: Floats) -> tuple[Floats, Floats]:
    """float32 [t, hidden] and [t, d]: what the last layer makes of one text, and what it is given."""
    hidden, below = layers.run(None, {_EMBEDDED: embedded})
    return hidden[0], below[0]


def _encoded(pieces: Pieces, hidden: Floats, tokens: bool) -> Encoded:
    rows = hidden[pieces.rows] if tokens else hidden[:0]
    return Encoded(pooled(hidden), unit(rows), pieces.offsets[: len(rows)])


def onnx_fingerprint(trained: Path = TRAINED) -> str:
    """The fingerprint of what `load_onnx` loads."""
    return f"{NAME}-{bundled_fingerprint(trained)}-int8-{GRAPH}"


def load_onnx(
    cache: Path,
    threads: int = 1,
    progress: Progress | None = None,
    trained: Path = TRAINED,
    needs: Path | None = None,
) -> OnnxEncoder:
    """The bundled encoder, its models built under `cache` where they are missing or damaged (56 MB, seconds, once).

    Args:
        needs: where the few layers are kept that needs can be read with (`need_layers.NEEDS`); None is none.

    Raises:
        EncoderUnavailable: the wheel is missing or damaged, a trained piece does not fit, or the disk can't take the
        models. `few` raises it where another encoder than this one taught the few layers.
    """
    fingerprint = onnx_fingerprint(trained)
    build = partial(_write_models, progress=progress or (lambda part: None), trained=trained)
    folder = provide(cache, f"{fingerprint}-{SERVED}", build)
    few = partial(_load_few, cache, threads, trained, needs) if needs is not None else None
    return OnnxEncoder(folder, bundled_tokenizer(), fingerprint, threads, few)


def _load_few(cache: Path, threads: int, trained: Path, needs: Path) -> FewLayers:
    path = taught_by(bundled_fingerprint(trained), needs)
    digest = layers_digest(path)
    folder = provide(cache, f"{NAME}-needs-{digest}-{GRAPH}-{SERVED}", partial(_write_need_layers, layers=path))
    return FewLayers(open_session(folder / NEED_LAYERS, threads), digest)


def _write_models(folder: Path, progress: Progress, trained: Path) -> None:
    from embeddings.graph import build_layers, build_words  # the `onnx` package is for building: 50 ms at each start

    source = open_source(source_path())
    progress(0.1)
    tensors = layer_tensors(source, trained)
    progress(0.3)
    (folder / WORDS).write_bytes(build_words(source.shape, served_words(source), tensors).SerializeToString())
    progress(0.6)
    (folder / LAYERS).write_bytes(build_layers(source.shape, tensors).SerializeToString())
    progress(1.0)


def _write_need_layers(folder: Path, layers: Path) -> None:
    from embeddings.graph import build_layers  # as above

    count, tensors = read_layers(layers)
    shape = open_source(source_path()).shape._replace(layers=count)
    (folder / NEED_LAYERS).write_bytes(build_layers(shape, tensors).SerializeToString())


def open_session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """A model of `graph.py` for runs of one text each; EncoderUnavailable where ONNX Runtime can't load it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Idle threads that spin take the core from the text beside them.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The graph comes fused; extended optimisations would fuse the slow SkipLayerNormalization back (see graph.py).
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_mem_pattern = False  # patterns are kept for each length of text
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no narrower base
        raise EncoderUnavailable(f"ONNX Runtime 无法加载模型 {model}({error})", hint=REBUILD) from error
