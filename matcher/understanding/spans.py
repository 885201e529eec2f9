"""Stretches of a text that may overlap, ready to be asked what they touch: sorted and merged once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from matcher.records import Requirement


class Spans:
    """The union of half-open stretches of a text. Those that only touch stay apart; empty ones are left out."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if self._merged and start < self._merged[-1][1]:
                self._merged[-1] = (self._merged[-1][0], max(end, self._merged[-1][1]))
            elif start < end:
                self._merged.append((start, end))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._merged)

    def overlap(self, start: int, end: int) -> bool:
        """Tell whether a character between the two offsets lies in one of them."""
        index = bisect_right(self._merged, (end - 1, 1 << 60)) - 1
        return index >= 0 and self._merged[index][1] > start

    def cover(self, start: int, end: int) -> bool:
        """Tell whether all from one offset to the other lies in one of them."""
        index = bisect_right(self._merged, (start, 1 << 60)) - 1
        return index >= 0 and end <= self._merged[index][1]


def spans_of(requirements: Iterable[Requirement]) -> Iterator[tuple[int, int]]:
    """Yield where those of the requirements stand that were read from a text."""
    for one in requirements:
        if one.start is not None and one.end is not None:
            yield one.start, one.end
