"""Spans that are spoken for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.readings import Taken

spans = st.lists(
    st.integers(0, 40).flatmap(lambda gap: st.integers(1, 5).map(lambda length: (gap, length))), max_size=6
)


def laid_out(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans that don't overlap, from gaps and lengths."""
    out, position = [], 0
    for gap, length in steps:
        out.append((position + gap, position + gap + length))
        position += gap + length
    return out


@settings(max_examples=100, deadline=None)
@given(spans, st.integers(0, 120))
def test_answers_as_a_plain_search_would(steps: list[tuple[int, int]], position: int) -> None:
    flat = laid_out(steps)
    taken = Taken(flat)
    covering = [end for start, end in flat if start <= position < end]
    assert taken.end_at(position) == (covering[0] if covering else None)
    assert taken.floor(position) == max([min(end, position) for start, end in flat if start < position], default=0)


@settings(max_examples=100, deadline=None)
@given(spans, st.integers(0, 60), st.integers(1, 20))
def test_overlap_is_a_shared_character(steps: list[tuple[int, int]], start: int, length: int) -> None:
    flat = laid_out(steps)
    shared = any(one < start + length and start < other for one, other in flat)
    assert Taken(flat).overlaps(start, start + length) == shared


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 2, False), (2, 4, True), (4, 5, True), (5, 9, False)])
def test_what_is_added_is_taken(start: int, end: int, expected: bool) -> None:
    taken = Taken([])
    taken.add(3, 5)
    assert taken.overlaps(start, end) is expected
