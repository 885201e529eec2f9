"""Numbers are read from where they begin, in digits, in Chinese and in both at once."""

from __future__ import annotations

import math

import cn2an
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.numerals import read_numeral

LAWS = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    ("text", "value", "length"),
    [
        ("500升", 500, 3),
        ("1,234.5kg", 1234.5, 7),
        ("12,5", 12, 2),
        ("0.02纳特", 0.02, 4),
        ("1.5×10^4", 15000, 8),
        ("1.5 x 10^4", 15000, 10),
        ("1×10-9 Pa", 1e-9, 6),
        ("5×10⁻⁴", 5e-4, 6),
        ("10⁶", 1e6, 3),
        ("10^6", 1e6, 4),
        ("10^(-3)", 1e-3, 7),
        ("10^-3 S", 1e-3, 5),
        ("1e6", 1e6, 3),
        ("1E8", 1e8, 3),
        ("2.5e-3", 2.5e-3, 6),
        ("10-20", 10, 2),
        ("10-4Pa", 1e-4, 4),
        ("10-6 mbar", 1e-6, 4),
        ("10-20Pa", 10, 2),
        ("10-4级", 10, 2),
        ("3万片", 30000, 2),
        ("1.2亿", 1.2e8, 4),
        ("5000万", 5e7, 5),
        ("3百万", 3e6, 3),
        ("2千万", 2e7, 3),
        ("1万亿", 1e12, 3),
        ("3千吨", 3000, 2),
        ("3千瓦", 3, 1),
        ("3千克", 3, 1),
        ("2 million", 2e6, 9),
        ("3 thousand", 3000, 10),
        ("5x", 5, 1),
        ("3万5千平米", 35_000, 4),
        ("3万5千升", 35_000, 4),
        ("2万5千瓶", 25_000, 4),
        ("3千5百公斤", 3_500, 4),
        ("3千5公斤", 3_500, 3),
        ("1千2百50公斤", 1_250, 6),
        ("1万2平米", 12_000, 3),
        ("1万2000片", 12_000, 6),
        ("3亿5000万", 3.5e8, 7),
        ("3亿5千万", 3.5e8, 5),
        ("5万3天内", 50_000, 2),
        ("2万3条线", 20_000, 2),
        ("3万5,000片", 30_000, 2),
        ("3万5-6片", 30_000, 2),
        ("1万3-1万5", 13_000, 3),
        ("1万500千瓦", 10_000, 2),
        ("1.5万3片", 15_000, 4),
        ("3w瓶", 30_000, 2),
        ("3.5w㎡", 35_000, 4),
        ("5K瓶", 5_000, 2),
        ("5k pcs", 5_000, 2),
        ("4K屏", 4, 1),
        ("30W台灯", 30, 2),
        ("5KW", 5, 1),
        ("10的-5次方Pa", 1e-5, 7),
        ("10的负5次方", 1e-5, 7),
        ("1×10的6次方", 1e6, 8),
        ("10的原料", 10, 2),
    ],
)
def test_reads_arabic_numbers(text: str, value: float, length: int) -> None:
    numeral = read_numeral(text, 0)
    assert numeral is not None
    assert (numeral.low, numeral.high, numeral.end) == pytest.approx((value, value, length))
    assert not numeral.chinese


@pytest.mark.parametrize(
    ("text", "value", "length"),
    [
        ("三百升", 300, 2),
        ("两千五", 2500, 3),
        ("两千五公斤", 2500, 3),
        ("一百二", 120, 3),
        ("一百二十", 120, 4),
        ("三万吨", 30000, 2),
        ("一亿两千万", 1.2e8, 5),
        ("百万", 1e6, 2),
        ("十", 10, 1),
        ("五千瓦", 5, 1),
        ("两点五", 2.5, 3),
        ("半吨", 0.5, 1),
        ("二〇二四", 2024, 4),
    ],
)
def test_reads_chinese_numbers(text: str, value: float, length: int) -> None:
    numeral = read_numeral(text, 0)
    assert numeral is not None
    assert (numeral.low, numeral.high, numeral.end) == (value, value, length)
    assert numeral.chinese


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("百分之九十八", 98),
        ("百分之98.5", 98.5),
        ("千分之三", 0.3),
        ("万分之一", 0.01),
        ("三分之一", 100 / 3),
        ("四分之三", 75),
        ("百分之零点五", 0.5),
    ],
)
def test_reads_shares_in_percent(text: str, percent: float) -> None:
    numeral = read_numeral(text, 0)
    assert numeral is not None
    assert numeral.share
    assert numeral.low == pytest.approx(percent)
    assert numeral.end == len(text)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("500余台", 500, math.inf),
        ("30多个", 30, math.inf),
        ("2万多", 20000, math.inf),
        ("30多万", 300000, math.inf),
        ("一千多", 1000, math.inf),
        ("三十多万", 300000, math.inf),
        ("十余种", 10, math.inf),
        ("上千", 1000, math.inf),
        ("十几吨", 10, 20),
        ("二十几", 20, 30),
        ("十几万", 100000, 200000),
        ("数百", 200, 1000),
        ("几十", 20, 100),
        ("几吨", 2, 10),
        ("近千", 1000, 1000),
        ("一百来吨", 100, 100),
        ("两三个", 2, 3),
        ("三五天", 3, 5),
        ("二三十公斤", 20, 30),
        ("一二百升", 100, 200),
    ],
)
def test_reads_what_the_words_leave_open(text: str, low: float, high: float) -> None:
    numeral = read_numeral(text, 0)
    assert numeral is not None
    assert (numeral.low, numeral.high, numeral.approximate) == (low, high, True)


@pytest.mark.parametrize(("text", "value"), [("two years", 2), ("Three batches", 3), ("twelve", 12), ("fifty", 50)])
def test_reads_english_words(text: str, value: float) -> None:
    numeral = read_numeral(text, 0)
    assert numeral is not None
    assert numeral.value == value


@pytest.mark.parametrize("text", ["", "升", "twofold", "1" * 14, "a5", "九三"])
def test_reads_nothing_else(text: str) -> None:
    assert read_numeral(text, 0) is None


@LAWS
@given(st.integers(min_value=1, max_value=99_999_999))
def test_reads_every_chinese_integer(value: int) -> None:
    written = cn2an.an2cn(value)
    numeral = read_numeral(written, 0)
    assert numeral is not None
    assert (numeral.low, numeral.end) == (value, len(written))


@LAWS
@given(st.integers(min_value=0, max_value=9_999_999))
def test_grouping_changes_nothing(value: int) -> None:
    grouped, plain = read_numeral(f"{value:,}", 0), read_numeral(str(value), 0)
    assert grouped is not None
    assert plain is not None
    assert grouped.low == plain.low == value


@LAWS
@given(st.text(alphabet="0123456789.,一二三两十百千万亿半几数多余来点分之×^e-", max_size=12))
def test_never_fails_and_never_reads_beyond_the_text(text: str) -> None:
    numeral = read_numeral(text, 0)
    if numeral is not None:
        assert 0 < numeral.end <= len(text)
        assert numeral.low <= numeral.high


def test_the_scale_is_kept_for_the_other_end_of_a_range() -> None:
    numeral = read_numeral("3万", 0)
    assert numeral is not None
    assert (numeral.scale, numeral.value) == (1e4, 3e4)
