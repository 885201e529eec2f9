"""What something is called in a list that has no title of its own: the beginning of its words."""

from __future__ import annotations

import re
from typing import Final

#: A comma between digits belongs to a number.
_CLAUSE_END: Final = re.compile("[;!?、。\uff0c\uff1b\uff01\uff1f\uff1a]|(?<![0-9]),|,(?![0-9])")
#: A number with what belongs to it, or a word in Latin letters, up to where it was cut.
_BROKEN: Final = re.compile(r"(?:[0-9][0-9.,]*[-~\uff5e\u2013至到×xX*/])?[0-9A-Za-z.,+℃%\u03bc-]+\Z")


def clipped(words: str, limit: int) -> str:
    """The words where they are no longer than `limit` characters, else as many whole clauses as make half of that or
    more, with `…`; of a longer clause its beginning, but no part of a number or of a Latin word."""
    if len(words) <= limit:
        return words
    head = words[: limit - 1]
    end = max((mark.start() for mark in _CLAUSE_END.finditer(words) if mark.start() < len(head)), default=-1)
    if end >= limit // 2:
        return head[:end] + "…"
    return (_BROKEN.sub("", head.rstrip()).rstrip() or head) + "…"
