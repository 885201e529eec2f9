"""Where words begin: a stretch of text that was cut to a length loses the word that the cut went through."""

from __future__ import annotations

import re

import rjieba

_LATIN = re.compile(r"[A-Za-z0-9α-ωΑ-Ω\-+.]+$")
_CHINESE = re.compile("[一-龥]")
_ALPHANUMERIC = re.compile("[A-Za-z0-9α-ωΑ-Ω]")
#: A Latin word that is longer is a formula or a number of a part.
_LONGEST = 20


def from_word_start(text: str, start: int, *, guess: bool = True) -> str:
    """Return `text` from the first word that begins at `start` or behind it; a Latin word cut in two is kept whole.

    Without `guess` only words of the dictionary count as cut in two.
    """
    if start <= 0 or start >= len(text):
        return text[max(0, start) :]
    if _ALPHANUMERIC.match(text, start) and (head := _LATIN.search(text, 0, start)):
        begin = head.start() + len(head[0]) - len(head[0].lstrip("-+."))
        return text[begin:] if start - begin <= _LONGEST else ""
    if not _CHINESE.match(text, start):
        return text[start:]
    run = start
    while run > 0 and _CHINESE.match(text, run - 1):
        run -= 1
    return text[run + _boundary(text[run:], start - run, guess) :]


def _boundary(run: str, start: int, guess: bool) -> int:
    """Return where the first word of a run of Chinese begins that does not begin before `start`."""
    end = 0
    for word in rjieba.cut(run, guess):
        if end >= start:
            return end
        end += len(word)
    return end
