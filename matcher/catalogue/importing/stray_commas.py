"""Figures with a comma that parts no thousands (1,5 L), where a number stands among words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from matcher.written_numbers import has_stray_comma

_END: Final = r"\d{1,3}(?:,\d+)*(?:\.\d+)?"
#: A figure with the other end of its range. Longer ones before a comma are names: ISO 9001,500 L.
_FIGURE: Final = re.compile(rf"(?<![\d.,])({_END})(?:\s*(?:–|—|~|\uff5e|至|到|-)\s*({_END}))?")


def stray_figures(text: str) -> Iterator[re.Match[str]]:
    """The figures of a text that may be meant in two ways."""
    return (found for found in _FIGURE.finditer(text) if any(has_stray_comma(end) for end in found.groups() if end))


def is_cut(figure: re.Match[str], read: Iterable[tuple[int, int]]) -> bool:
    """Tell whether a reader took the end of a figure for all of it; 8,12英寸 it may have read as two numbers.

    Args:
        figure: of `stray_figures`. read: start and end of what was read in the same text.
    """
    start, end = figure.span()
    comma = figure.string.index(",", start)
    touching = [span for span in read if span[0] < end and span[1] > start]
    return bool(touching) and not any(start < last <= comma for _, last in touching)
