"""A quantity as found in a text, before it is known what it measures; and the parts of a text that are spoken for."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass

from matcher.records import Interval


@dataclass(frozen=True, slots=True)
class Reading:
    """A number with its unit between two offsets of a text; `interval` and `start_scale` are in the pint unit `unit`.

    `name` is set where the form itself names what is measured (a table's heading, 深宽比 10:1).
    """

    start: int
    end: int
    dimension: str
    interval: Interval
    unit: str
    start_scale: float | None = None
    name: str | None = None


class Taken:
    """Spans of a text that are already read, or must not be."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._spans = sorted(spans)

    def add(self, start: int, end: int) -> None:
        """Mark a span as spoken for."""
        insort(self._spans, (start, end))

    def end_at(self, position: int) -> int | None:
        """Return where the span that covers `position` ends, None where none covers it."""
        index = bisect_right(self._spans, (position, 1 << 60)) - 1
        if index >= 0 and self._spans[index][0] <= position < self._spans[index][1]:
            return self._spans[index][1]
        return None

    def floor(self, position: int) -> int:
        """Return the end of the last span before `position`: a phrase can't begin before it."""
        index = bisect_right(self._spans, (position, 0)) - 1
        return min(self._spans[index][1], position) if index >= 0 else 0

    def overlaps(self, start: int, end: int) -> bool:
        """Tell whether anything between the two offsets is spoken for."""
        index = bisect_right(self._spans, (start, 1 << 60))
        following = index < len(self._spans) and self._spans[index][0] < end
        return following or self.end_at(start) is not None
