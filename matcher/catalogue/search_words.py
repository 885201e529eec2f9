"""Words of a search and the text that they are looked for in, written alike: ISO13485 stands in ISO 13485.

Width, case, and blanks or hyphens between letters and digits make no difference (8英寸, 8 英寸, 8 英寸). Between two
letters or two digits they do: 10-20 is not 1020.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: More words than this in one search are a text, which belongs into a match.
WORDS_MAX: Final = 10
_HYPHENS: Final = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212-"
#: Not line ends: two lines are two things.
_BETWEEN: Final = re.compile(
    rf"(?<=[^\W\d_])[ \t{_HYPHENS}]+(?=\d)|(?<=\d)[ \t{_HYPHENS}]+(?=[^\W\d_])",
)


def folded(text: str) -> str:
    """A text as it is searched."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).lower())


def wanted_words(query: str) -> list[str]:
    """The words of a search, each as `folded` has it; a hyphen at an end (PF-) is one that goes on."""
    parts = unicodedata.normalize("NFKC", query).split()[:WORDS_MAX]
    return [folded(part.strip(_HYPHENS) or part) for part in parts]
