"""Reading a text's quantities: conventions, offsets, the gold sentences, hostile input, speed."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.evaluation.extraction import score_quantities
from matcher.records import Interval
from matcher.understanding.quantities import read_quantities
from tests.matcher.understanding.quantity_cases import Row, only, rows

GOLD = Path(__file__).resolve().parents[3] / "datasets" / "quantity_gold.jsonl"
INF = math.inf
#: Seconds of this process; 20,000 characters take a tenth of it on an idle machine.
PATIENCE = 3.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不低于500升的发酵罐", [("不低于500升", "volume", 500, INF, "L")]),
        ("500升发酵罐", [("500升", "volume", 500, 500, "L")]),
        ("５００Ｌ以上", [("５００Ｌ以上", "volume", 500, INF, "L")]),
        ("−196 ℃液氮", [("−196 ℃", "temperature", -196, -196, "degC")]),
        ("百分之九十八以上", [("百分之九十八以上", "fraction", 98, INF, "percent")]),
        ("漏率≤1×10^-9 Pa·m³/s", [("≤1×10^-9 Pa·m³/s", "leak_rate", -INF, 1e-9, "Pa*m^3/s")]),
        ("容积(L)\t500", [("容积(L)\t500", "volume", 500, 500, "L")]),
        ("吨级中试", [("吨级", "mass", 1, 10, "t")]),
        ("500 kg 发酵温度", [("500 kg", "mass", 500, 500, "kg")]),
        ("3个月内", [("3个月内", "time", -INF, 3, "month")]),
        ("净化等级千级以上", [("千级以上", "cleanroom", -INF, 6, "1")]),
        ("纯度4N", [("4N", "fraction", 99.99, INF, "percent")]),
        ("", []),
        ("没有数字的需求", []),
    ],
)
def test_conventions(text: str, expected: list[Row]) -> None:
    assert rows(text) == expected


def test_reads_a_whole_need_in_order() -> None:
    text = "求租不低于500升的发酵罐,纯度≥99.5%,200万以内,3个月内完成,东莞附近"
    assert [row[0] for row in rows(text)] == ["不低于500升", "≥99.5%", "200万以内", "3个月内"]
    assert [quantity.role for quantity in read_quantities(text)] == ["capacity", "property", "money", "time"]


def test_an_open_bound_stays_open() -> None:
    assert only("超过500升").interval == Interval(min=500, min_closed=False)
    assert only("500升以上").interval == Interval(min=500)
    assert only("约500升").interval == Interval(500, 500, approximate=True)


def test_products_have_properties_and_facilities_capacities() -> None:
    density, output = read_quantities("能量密度400 Wh/kg,中试产能0.5 GWh")
    assert (density.role, output.role) == ("property", "capacity")


@pytest.mark.parametrize("text", ["000 L", "0 L发酵罐", "0件"])
def test_a_plant_of_size_nothing_is_no_demand(text: str) -> None:
    assert rows(text) == []


@pytest.mark.parametrize("text", ["0℃", "缺陷率0%", "不超过5 L", "从0 kg放大到5 kg"])
def test_other_zeros_stay(text: str) -> None:
    assert rows(text)


def test_multiplication_leaves_no_dust() -> None:
    assert only("2.3万片").interval.min == 23000
    assert only("0.07万元").interval.min == 700


def test_reads_the_gold_sentences() -> None:
    """The gold file was labelled by hand and then used to develop the reader: this holds what was reached."""
    report = score_quantities(GOLD)
    assert report.sentences >= 420
    assert report.strict.f1 >= 0.97
    assert report.role_accuracy >= 0.9


ALPHABET = (
    "0123456789.,-~/×±≥≤%°℃ LkgmtVA升吨米片批万亿千百十两三半几以上不低于超过约年月日个英寸级纳微(): \t\n，。＋０Ｌ"
)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=ALPHABET, max_size=60))
def test_spans_are_exact_ordered_and_apart(text: str) -> None:
    found = read_quantities(text)
    position = 0
    for quantity in found:
        assert quantity.start is not None
        assert quantity.end is not None
        assert position <= quantity.start < quantity.end <= len(text)
        assert quantity.text == text[quantity.start : quantity.end]
        assert not math.isnan(quantity.interval.min)
        assert quantity.interval.min <= quantity.interval.max
        position = quantity.end


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 9999),
    st.sampled_from(["L", "公斤", "mm", "℃", "MPa", "小时", "元"]),
    st.sampled_from(["", "约", "不低于", "≤"]),
)
def test_what_stands_around_changes_nothing(value: int, unit: str, word: str) -> None:
    phrase = f"{word}{value}{unit}"
    (alone,) = rows(phrase)
    assert alone in rows(f"我们想找{phrase},越快越好。")


@pytest.mark.parametrize(
    "piece",
    [
        "1", "不低于", "1,", "5-", "百", "一", "1×", "年产", "A", "5L~", "≥5且<", "50%", "级别", "1/", "(L)", "a/b:",
        "6、",
        "5L放大", "\t5|", "2024年", "1Cr", "ISO ", "最大", "5×5×", "10^", "约", "5±", "1:", "十万", "W·", "数百", " ",
        "每",
        "从5L到", "1年", "GB/T 1-", "0-", "至少", "5mm×", "容积(", "|L|", "100级洁净", "4N", "深宽比1", "¥", "(", "\n",
    ],
)  # fmt: skip
def test_time_grows_with_the_length_of_a_hostile_text_only(piece: str) -> None:
    """A pattern that looks at everything behind each character would take minutes for the longest of these."""
    assert _seconds(piece, 6_000) < PATIENCE


@pytest.mark.parametrize("piece", ["1", "不低于", "百", "1×", "5×5×"])
def test_the_longest_text_that_is_accepted_is_read_in_time(piece: str) -> None:
    assert _seconds(piece, 20_000) < PATIENCE


def _seconds(piece: str, length: int) -> float:
    text = (piece * (length // len(piece) + 1))[:length]
    began = time.process_time()
    read_quantities(text)
    return time.process_time() - began


@pytest.mark.benchmark
def test_speed_of_a_need() -> None:
    text = (
        "求租不低于500升的发酵罐两台,耐压0.6MPa,温度-20~150℃,每批20公斤以上,纯度≥99.5%,预算200万以内,3个月内完成,东莞附近优先"
        * 2
    )
    read_quantities(text)
    began = time.process_time()
    for _ in range(100):
        read_quantities(text)
    print(f"{(time.process_time() - began) * 10 / len(text) * 100:.3f} ms a hundred characters")  # noqa: T201  # benchmark


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我要做30吨,不是300吨", ["30吨"]),
        ("是50L而非500L", ["50L"]),
        ("是不是500L的", ["500L"]),
        ("还不是500L以上", ["500L以上"]),
    ],
)
def test_what_is_denied_is_not_asked_for(text: str, wanted: list[str]) -> None:
    assert [one.text for one in read_quantities(text)] == wanted
