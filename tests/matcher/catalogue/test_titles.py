from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.catalogue.titles import clipped


@pytest.mark.parametrize(
    ("words", "limit", "title"),
    [
        ("寻500L发酵罐", 40, "寻500L发酵罐"),
        ("", 5, ""),
        ("乳酸菌发酵，单批500升，温度三十度，要有食品生产许可", 16, "乳酸菌发酵，单批500升…"),
        ("乳酸菌发酵单批不少于500升", 13, "乳酸菌发酵单批不少于…"),  # not 50…
        ("乳酸菌发酵单批不少于100-500升", 16, "乳酸菌发酵单批不少于…"),  # not 100-50…
        ("需要通过国际标准ISO13485体系认证的厂", 12, "需要通过国际标准…"),
        ("温度维持在负二十到8.5℃之间", 13, "温度维持在负二十到…"),
        ("we need a pilot fermenter of 500 L", 33, "we need a pilot fermenter of…"),
        ("we need 1,000 kg a day", 10, "we need…"),
        ("12345678901234567890", 10, "123456789…"),  # nothing else is there
        ("酶制剂发酵放大,需要发酵罐,预算 200 万以内", 18, "酶制剂发酵放大,需要发酵罐…"),
        ("单批产量每年不少于1,000,000公斤的线", 15, "单批产量每年不少于…"),
        ("甲,乙丙丁戊己庚辛壬癸子丑寅卯", 10, "甲,乙丙丁戊己庚辛…"),  # a clause of one sign says nothing
    ],
)
def test_a_title_ends_where_something_ends(words: str, limit: int, title: str) -> None:
    assert clipped(words, limit) == title


@given(st.text(alphabet="甲乙丙丁0123456789.L,。-~%abc ", max_size=80), st.integers(2, 60))
def test_a_title_is_the_beginning_and_no_longer(words: str, limit: int) -> None:
    title = clipped(words, limit)
    assert len(title) <= limit
    if len(words) <= limit:
        assert title == words
    else:
        assert title.endswith("…")
        assert words.startswith(title[:-1])
        assert len(title) > 1
