"""Comparators before and after a number, and the interval they make of it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Interval
from matcher.understanding.comparators import Comparison, Operator, comparison, interval, words_before
from matcher.understanding.quantities import read_quantities

INF = math.inf


def around(phrase: str, number: str = "500 L") -> Comparison:
    start = phrase.index(number)
    return comparison(phrase, start, start + len(number))


@pytest.mark.parametrize(
    ("phrase", "operator"),
    [
        ("不低于500 L", "ge"),
        ("不少于 500 L", "ge"),
        ("不得低于500 L", "ge"),
        ("至少500 L", "ge"),
        ("≥500 L", "ge"),
        (">=500 L", "ge"),
        ("达到500 L", "ge"),
        ("达500 L", "ge"),
        ("最小500 L", "ge"),
        ("500 L以上", "ge"),
        ("500 L及以上", "ge"),
        ("500 L起", "ge"),
        ("500 L+", "ge"),
        ("at least 500 L", "ge"),
        ("no less than 500 L", "ge"),
        ("a minimum of 500 L", "ge"),
        ("500 L or more", "ge"),
        ("超过500 L", "gt"),
        ("大于500 L", "gt"),
        ("超500 L", "gt"),
        ("逾500 L", "gt"),
        (">500 L", "gt"),
        ("more than 500 L", "gt"),
        ("over 500 L", "gt"),
        ("不超过500 L", "le"),
        ("不大于500 L", "le"),
        ("至多500 L", "le"),
        ("最大500 L", "le"),
        ("最大容积500 L", "le"),
        ("最高可达500 L", "le"),
        ("可达500 L", "le"),
        ("≤500 L", "le"),
        ("500 L以内", "le"),
        ("500 L以下", "le"),
        ("500 L内", "le"),
        ("500 L封顶", "le"),
        ("up to 500 L", "le"),
        ("within 500 L", "le"),
        ("500 L max", "le"),
        ("小于500 L", "lt"),
        ("低于500 L", "lt"),
        ("不到500 L", "lt"),
        ("不足500 L", "lt"),
        ("<500 L", "lt"),
        ("less than 500 L", "lt"),
        ("优于500 L", "better"),
    ],
)
def test_reads_the_comparator_into_the_phrase(phrase: str, operator: str) -> None:
    words = around(phrase)
    assert (words.operator, words.start, words.end, words.near) == (operator, 0, len(phrase), False)


@pytest.mark.parametrize(
    "phrase",
    [
        "约500 L",
        "大约500 L",
        "近500 L",
        "~500 L",
        "≈500 L",
        "500 L左右",
        "500 L上下",
        "500 L级",
        "about 500 L",
        "approx. 500 L",
    ],
)
def test_reads_approximation(phrase: str) -> None:
    words = around(phrase)
    assert (words.operator, words.near, words.start, words.end) == (None, True, 0, len(phrase))


@pytest.mark.parametrize(
    ("phrase", "operator"), [("不少于约500 L", "ge"), ("≥约500 L", "ge"), ("约500 L以上", "ge"), ("500 L级以上", "ge")]
)
def test_reads_both_at_once(phrase: str, operator: str) -> None:
    words = around(phrase)
    assert (words.operator, words.near, words.start, words.end) == (operator, True, 0, len(phrase))


@pytest.mark.parametrize(
    ("phrase", "span"),
    [
        ("容积500 L的罐", "500 L"),
        ("长达500 L", "500 L"),
        ("全国最大500 L", "500 L"),
        ("500 L内径", "500 L"),
        ("500 L起始", "500 L"),
        ("500 L级联", "500 L"),
        ("5 min 500 L", "500 L"),
        ("=500 L", "=500 L"),
    ],
)
def test_leaves_other_words_out(phrase: str, span: str) -> None:
    words = around(phrase)
    assert words.operator is None
    assert phrase[words.start : words.end] == span


def test_an_upper_bound_gives_way_to_以上() -> None:
    assert around("可达500 L以上").operator == "ge"
    assert around("不低于500 L以下").operator == "ge"


def test_looks_back_no_further_than_told() -> None:
    text = "不低于500 L"
    assert words_before(text, 3, floor=2).operator is None


@pytest.mark.parametrize(
    ("operator", "low", "high", "expected"),
    [
        ("ge", 5, 5, Interval(5, INF)),
        ("gt", 5, 5, Interval(5, INF, min_closed=False)),
        ("le", 5, 5, Interval(-INF, 5)),
        ("lt", 5, 5, Interval(-INF, 5, max_closed=False)),
        ("le", 5, INF, Interval(-INF, 5)),
        ("ge", 5, 8, Interval(5, INF)),
        ("le", 5, 8, Interval(-INF, 8)),
        (None, 5, 8, Interval(5, 8)),
    ],
)
def test_makes_an_interval(operator: Operator | None, low: float, high: float, expected: Interval) -> None:
    assert interval(low, high, Comparison(0, 1, operator)) == expected


def test_better_is_more_of_a_share_and_less_of_an_error() -> None:
    better = Comparison(0, 1, "better")
    assert interval(99, 99, better, "fraction").min == 99
    assert interval(0.01, 0.01, better, "length").max == 0.01


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet="不低于超过至少最大约近以上内左右级≥≤ aom", max_size=20),
    st.text(alphabet="以上内左右级起 +", max_size=8),
)
def test_the_phrase_always_holds_the_number(before: str, after: str) -> None:
    text = before + "500 L" + after
    words = comparison(text, len(before), len(before) + 5)
    assert 0 <= words.start <= len(before)
    assert len(before) + 5 <= words.end <= len(text)


@pytest.mark.parametrize("text", ["东莞附近500L发酵罐", "苏州邻近500L发酵罐"])
def test_near_a_place_is_not_near_a_number(text: str) -> None:
    (quantity,) = read_quantities(text)
    assert quantity.text == "500L"
    assert not quantity.interval.approximate
