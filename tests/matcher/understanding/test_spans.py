"""Spans against the obvious way: look at every one of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matcher.understanding.spans import Spans

SPAN = st.tuples(st.integers(0, 20), st.integers(1, 8)).map(lambda span: (span[0], span[0] + span[1]))


@given(st.lists(SPAN, max_size=8), SPAN)
def test_overlap(spans: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    expected = any(start < asked[1] and end > asked[0] for start, end in spans)
    assert Spans(spans).overlap(*asked) == expected


@given(st.lists(SPAN, max_size=8), SPAN)
def test_what_one_span_covers_is_covered(spans: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    covered = Spans(spans).cover(*asked)
    if any(start <= asked[0] and asked[1] <= end for start, end in spans):
        assert covered
    if covered:
        assert all(any(start <= place < end for start, end in spans) for place in range(*asked))


def test_what_overlaps_is_one_and_what_touches_stays_apart() -> None:
    assert list(Spans([(4, 8), (0, 3), (2, 4), (6, 9)])) == [(0, 4), (4, 9)]
    assert not Spans([(0, 4), (4, 9)]).cover(3, 5)
    assert list(Spans([(3, 3)])) == []
