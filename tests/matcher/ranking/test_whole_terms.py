"""A quoted term is never a piece of a word."""

from __future__ import annotations

import pytest
import rjieba
from hypothesis import given
from hypothesis import strategies as st

from matcher.ranking.whole_terms import whole_term


@pytest.mark.parametrize(
    ("text", "read", "terms", "quoted"),
    [
        ("生物药物放大", "生物药", (), "生物药物"),
        ("多肽药物放大", "多肽", (), "多肽"),
        ("多肽药物放大", "多肽", ("多肽药物", "药物", "放大"), "多肽药物"),
        ("做发酵", "发酵", ("发酵罐",), "发酵"),
        ("要有GMP认证", "GMP", ("gmp",), "GMP"),
        ("8英寸MEMS传感器", "MEMS", ("mems", "mems传感器"), "MEMS传感器"),
    ],
)
def test_the_whole_of_what_was_cut(text: str, read: str, terms: tuple[str, ...], quoted: str) -> None:
    start = text.index(read)
    assert whole_term(text, start, start + len(read), terms) == quoted


@given(st.text(alphabet="多肽药物生物化学创新合成放大,、GMP ", min_size=1, max_size=20), st.data())
def test_borders_are_those_of_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quoted = whole_term(text, start, end)
    assert text[start:end] in quoted
    words = list(rjieba.cut(text, False))
    runs = {"".join(words[first:last]) for first in range(len(words)) for last in range(first + 1, len(words) + 1)}
    assert quoted in runs


def test_letters_that_grow_in_lower_case_move_nothing() -> None:
    assert whole_term("İİ生物药物", 2, 5, ("生物药物",)) == "生物药物"
