"""The pieces that serving keeps of a vocabulary made for a hundred languages: those that Chinese and English use.

A piece that is left out changes nothing for a text without its characters: the tokenizer looks for the likeliest cut
into pieces that stand in the text. Characters of a script that is left out are read as unknown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

#: Scripts by the first word of their characters' names. Latin, Greek, kana, digits, signs and what has no name stay.
_NAMES = (
    "ARABIC|ARMENIAN|BENGALI|CHEROKEE|COPTIC|CYRILLIC|DEVANAGARI|ETHIOPIC|GEORGIAN|GUJARATI|GURMUKHI|HANGUL|HEBREW|KANNADA|"
    "KHMER|LAO|MALAYALAM|MONGOLIAN|MYANMAR|NKO|OL|ORIYA|RUNIC|SINHALA|SYRIAC|TAMIL|TELUGU|THAANA|THAI|TIBETAN|TIFINAGH|YI"
)
LEFT_OUT = frozenset(_NAMES.split("|"))


def kept(pieces: Sequence[tuple[str, float]]) -> NDArray[np.int64]:
    """int64 [n]: numbers of the pieces, given with their scores, that hold no character of a script left out."""
    return np.array([number for number, (piece, _) in enumerate(pieces) if not any(map(_is_left_out, piece))], np.int64)


@cache
def _is_left_out(character: str) -> bool:
    return unicodedata.name(character, "").partition(" ")[0] in LEFT_OUT
