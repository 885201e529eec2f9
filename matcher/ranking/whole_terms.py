"""Whole words of a need around what was read from it: 生物药 was read, 生物药物 is what somebody wrote."""

from __future__ import annotations

from collections.abc import Iterable

import rjieba

from matcher.understanding.text import normalise


def whole_term(text: str, start: int, end: int, terms: Iterable[str] = ()) -> str:
    """Return the words of `text` that `text[start:end]` begins and ends in, as they were written.

    Args:
        terms: of the need, in normalised spelling and small letters: one that holds these words is taken whole
            (多肽药物 for 多肽), the longest there is.
    """
    spelt = normalise(text)
    start, end = _widened(spelt, start, end)
    folded, longest = spelt.lower(), (start, end)
    # Lower-casing İ makes two characters of one, and every offset behind it a wrong one.
    for term in terms if len(folded) == len(spelt) else ():
        first = folded.find(term, max(0, end - len(term)), start + len(term))
        if first >= 0 and len(term) > longest[1] - longest[0]:
            longest = (first, first + len(term))
    return text[slice(*longest)]


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets moved outwards to where the segmenter's words begin and end."""
    position, first, last = 0, start, end
    for word in rjieba.cut(text, False):
        stop = position + len(word)
        if position < start < stop:
            first = position
        if position < end < stop:
            last = stop
        position = stop
    return first, last
