"""Any sentence-transformers model as an encoder: the torch reference of the bundled one, a hub model or a local
folder.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.encoded import Encoded, SingleTextEncoder, unit
from embeddings.errors import EncoderUnavailable
from embeddings.tokenizer import words

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_HUB_SECONDS = 5.0  # a firewalled office drops packets silently: answer before the user gives up
OFFLINE_HINT = "检查网络,或把 PILOTMATCH_ENCODER 设为本地模型文件夹;不设置则使用内置的离线编码器(bundled)"


class SentenceEncoder(SingleTextEncoder):
    """A loaded sentence-transformers model with its own prompts, one text a run on the CPU.

    Raises:
        EncoderUnavailable: the model has no tokens with offsets (a static or a slow-tokenizer model).
    """

    def __init__(self, model: SentenceTransformer, name: str) -> None:
        tokenizer = model.tokenizer
        if not getattr(tokenizer, "is_fast", False):
            raise EncoderUnavailable(
                f"编码器 {name} 没有可给出字符位置的分词器", hint="换用带 tokenizer.json 的 Transformer 模型"
            )
        self._model = model.eval()
        prompts = model.prompts
        dimension = model.get_embedding_dimension()
        listing = prompts.get("passage") or prompts.get("document") or ""
        super().__init__(
            _fingerprint(model, name), int(dimension or 0), (prompts.get("query") or "", listing), workers=1
        )

    def _read(self, prompt: str, text: str, tokens: bool) -> Encoded:
        output: Any = self._model.encode(
            text, prompt=prompt, output_value=None, convert_to_numpy=False, show_progress_bar=False
        )
        vector = unit(output["sentence_embedding"].float().numpy()[None])[0]
        if not tokens:
            return Encoded(vector, np.empty((0, self.dimension), np.float32), np.empty((0, 2), np.int32))
        hidden = output["token_embeddings"].float().numpy()
        encoding = self._model.tokenizer(
            prompt + text,
            truncation=True,
            max_length=self._model.max_seq_length,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        rows, offsets = words(encoding["offset_mapping"], encoding["special_tokens_mask"], prompt, text)
        return Encoded(vector, unit(hidden[rows]), offsets)


def load_sentence(name: str) -> SentenceEncoder:
    """A sentence-transformers model by local folder or hub id; what the hub's cache holds is used without asking the
    hub.

    Raises:
        EncoderUnavailable: no such folder, no such model, or the hub can't be reached within seconds.
    """
    local = Path(name).expanduser()
    cached = local.is_dir() or _is_cached(name)
    if not cached:
        _reach_hub(name)
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer  # imports torch: five seconds that serving does not pay
    from transformers.utils import logging

    quieten: Any = logging.disable_progress_bar  # untyped there
    quieten()  # standard error belongs to the command line
    try:
        model = SentenceTransformer(str(local) if local.is_dir() else name, device="cpu", local_files_only=cached)
        return SentenceEncoder(model, name)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise EncoderUnavailable(f"无法加载编码器 {name}:{_first_line(error)}", hint=OFFLINE_HINT) from error


def _is_cached(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(name, "config.json"), str)
    except HFValidationError as error:
        raise EncoderUnavailable(f"编码器 {name} 既不是文件夹,也不是模型编号", hint=OFFLINE_HINT) from error


def _reach_hub(name: str) -> None:
    """Asks the hub for the model once, so that a closed network is an answer and not minutes of retries."""
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(name, timeout=_HUB_SECONDS)
    except Exception as error:  # the hub's client raises those of its HTTP library, which changed twice
        raise EncoderUnavailable(f"无法从模型库取得编码器 {name}:{_first_line(error)}", hint=OFFLINE_HINT) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _fingerprint(model: SentenceTransformer, name: str) -> str:
    """The name's last part and a hash over weights, prompts and length: the same model by any path has one
    fingerprint.
    """
    seen = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        seen.update(f"{key}{tuple(tensor.shape)}{tensor.dtype}".encode())
        seen.update(tensor.detach().cpu().contiguous().flatten().view(_byte()).numpy())
    seen.update(json.dumps([model.prompts, model.max_seq_length, str(model)], sort_keys=True).encode())
    return f"{Path(name).name}-{seen.hexdigest()[:12]}"


def _byte() -> Any:
    import torch

    return torch.uint8
