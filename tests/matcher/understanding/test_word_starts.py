"""A name that was cut to a length begins with a whole word."""

from __future__ import annotations

import pytest

from matcher.understanding.word_starts import from_word_start


@pytest.mark.parametrize(
    ("text", "start", "rest"),
    [
        ("二氧化碳超临界萃取", 1, "超临界萃取"),
        ("水下机器人耐压测试", 1, "机器人耐压测试"),
        ("汽车零部件盐雾试验", 1, "零部件盐雾试验"),
        ("fermentation", 4, "fermentation"),
        ("5G通信模块", 1, "5G通信模块"),
        ("做siRNA固相合成", 2, "siRNA固相合成"),
        ("发酵罐容积", 0, "发酵罐容积"),
        ("的发酵罐容积", 1, "发酵罐容积"),
        ("PET膜", 3, "膜"),
        ("发酵罐", 1, ""),
    ],
)
def test_begins_with_a_word(text: str, start: int, rest: str) -> None:
    assert from_word_start(text, start) == rest


def test_what_is_no_word_of_the_dictionary_is_not_guessed_to_be_one() -> None:
    assert from_word_start("把整线装起来", 1, guess=False) == "整线装起来"


def test_a_long_formula_is_left_out() -> None:
    assert from_word_start("A" * 40, 30) == ""
