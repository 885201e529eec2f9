"""Text to pieces: the XLM-R Unigram tokenizer of multilingual-e5-small, and where in the text each piece stands.

Normalisation follows SentencePiece's `nmt_nfkc` map that the weights file carries (4,837 code points): it is NFKC but
for the 45 controls and spaces that `_CONTROLS` and `_SPACES` name, and for the full-width tilde, which it keeps. A
rule rather than the map, because `tokenizer.json` has no map of single code points that is quick to apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

QUERY, PASSAGE = "query: ", "passage: "
BOS, PAD, EOS, UNK, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
UNK_ID = 3
MAX_TOKENS = 512
# 512 pieces of at most 16 characters; what stands behind can't be read, and tokenising a pasted book takes seconds.
MAX_CHARACTERS = MAX_TOKENS * 16
_CONTROLS = r"[\x00-\x08\x0b\x0e-\x1f\x7f\x{8f}\x{9f}]"
_SPACES = r"[\t\n\x0c\r\x{1680}\x{200b}-\x{200f}\x{2028}\x{2029}\x{2581}\x{feff}\x{fffd}]"
_TILDE, _STAND_IN = (
    "～",
    "\U000f0000",
)  # NFKC would fold the tilde of ranges (50～500L) that the model knows as its own piece
# A surrogate without its partner is no character: the tokenizer can't encode it. One for one, so that offsets hold.
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Pieces(NamedTuple):
    """One text as the model reads it: `ids` int64 [t] with prompt and special tokens; the first `rows` that
    are words of the text, int64 [w], and their character `offsets` in it, int32 [w, 2]."""

    ids: NDArray[np.int64]
    rows: NDArray[np.int64]
    offsets: NDArray[np.int32]


def make_tokenizer(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """The tokenizer over a vocabulary in id order; cuts at 512 tokens, `<s>` and `</s>` included."""
    model = models.Unigram(list(pieces), unk_id=UNK_ID, byte_fallback=False)
    # It would remember the pieces of 10,000 stretches without a blank, which in Chinese are whole texts: 30 MB of needs
    # that nobody sends again. The method is not part of its public interface; without it only memory is lost.
    if resize := getattr(model, "_resize_cache", None):
        resize(0)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_CONTROLS), ""),
            normalizers.Replace(Regex(_SPACES), " "),
            normalizers.Replace(_TILDE, _STAND_IN),
            normalizers.NFKC(),
            normalizers.Replace(_STAND_IN, _TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos = ((name, tokenizer.token_to_id(name)) for name in (BOS, EOS))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A {EOS}", pair=f"{BOS} $A {EOS} {EOS} $B {EOS}", special_tokens=[bos, eos]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def clean(text: str) -> str:
    """The text as it may be given to a tokenizer: without lone surrogates, cut where no token can reach; offsets
    hold.
    """
    return text[:MAX_CHARACTERS].translate(_SURROGATES)


def read(tokenizer: Tokenizer, prompt: str, text: str) -> Pieces:
    """Tokenises prompt + text; a piece of nothing but white space is no word of the text."""
    text = clean(text)
    encoding = tokenizer.encode(prompt + text)
    rows, offsets = words(encoding.offsets, encoding.special_tokens_mask, prompt, text)
    return Pieces(np.array(encoding.ids, np.int64), rows, offsets)


def words(
    spans: Sequence[tuple[int, int]], special: Sequence[int], prompt: str, text: str
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Which tokens of prompt + text are words of the text, and their offsets in it without white space at the start.

    Args:
        spans: character offsets in prompt + text, one pair a token. special: 1 where a token is none of the text.

    Returns:
        rows int64 [w], offsets int32 [w, 2].
    """
    rows, offsets = [], []
    for row, (start, end) in enumerate(spans):
        start, end = max(start - len(prompt), 0), end - len(prompt)
        while start < end and text[start].isspace():
            start += 1
        if start < end and not special[row]:
            rows.append(row)
            offsets.append((start, end))
    return np.array(rows, np.int64), np.array(offsets, np.int32).reshape(-1, 2)
