"""Which language a text is written in: listings are in Chinese, and some needs are not."""

from __future__ import annotations

import re
from typing import Final

#: Beside one Chinese character in four letters there is a name or two (苏州), and no Chinese sentence: of the shipped
#: needs none has fewer than one in two.
_LEAST_SHARE: Final = 0.25
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]{2,}")
#: A line of abbreviations and units (SiC MOSFET, 5000 L) is of no language.
_WORD: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]?[a-z]{3,}(?![A-Za-z])")


def is_foreign(text: str) -> bool:
    """Whether a text is written in a language of Latin letters: it has words in them, and hardly a Chinese sign."""
    if _WORD.search(text) is None:
        return False
    chinese, latin = len(_CHINESE.findall(text)), sum(map(len, _LATIN.findall(text)))
    return chinese < _LEAST_SHARE * (chinese + latin)


def is_in_latin_word(text: str, place: int) -> bool:
    """Whether the border before `text[place]`, 0 < place < len(text), runs through a word of Latin letters."""
    return all(one.isascii() and one.isalpha() for one in text[place - 1 : place + 1])
