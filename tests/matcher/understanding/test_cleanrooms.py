"""Clean rooms on the ISO scale, where smaller is cleaner."""

from __future__ import annotations

import math

import pytest

from matcher.understanding.cleanrooms import iso_class, read_cleanrooms

INF = math.inf


@pytest.mark.parametrize(
    ("text", "span", "low", "high"),
    [
        ("百级洁净间", "百级", 5, 5),
        ("千级净化车间", "千级", 6, 6),
        ("万级洁净", "万级", 7, 7),
        ("须十万级洁净注塑", "十万级", 8, 8),
        ("三十万级净化", "三十万级", 8.48, 8.48),
        ("最高洁净度10级", "10级", 4, 4),
        ("洁净度1000级", "1000级", 6, 6),
        ("10万级洁净厂房", "10万级", 8, 8),
        ("ISO 5级洁净室", "ISO 5级", 5, 5),
        ("达ISO 7级的超净厂房", "ISO 7级", 7, 7),
        ("ISO Class 5 cleanroom", "ISO Class 5", 5, 5),
        ("class 100 cleanroom", "class 100", 5, 5),
        ("Class 10,000 clean room", "Class 10,000", 7, 7),
        ("GMP车间,C级背景", "C级", 7, 7),
        ("无菌灌装A级区", "A级", 5, 5),
        ("净化等级千级以上", "千级以上", -INF, 6),
        ("不低于万级的无尘车间", "不低于万级", -INF, 7),
        ("优于百级的洁净间", "优于百级", -INF, 5),
        ("净化车间局部百级", "百级", 5, 5),
    ],
)
def test_reads_a_class(text: str, span: str, low: float, high: float) -> None:
    (reading,) = read_cleanrooms(text)
    assert text[reading.start : reading.end] == span
    assert (reading.interval.min, reading.interval.max) == (low, high)
    assert (reading.dimension, reading.unit, reading.name) == ("cleanroom", "1", "洁净等级")


def test_better_than_a_class_leaves_it_out() -> None:
    (better,) = read_cleanrooms("优于百级的洁净间")
    (least,) = read_cleanrooms("不低于百级的洁净间")
    assert not better.interval.max_closed
    assert least.interval.max_closed


@pytest.mark.parametrize(
    "text",
    ["百级跳", "千级扩产", "万级用户", "ISO 9001认证的洁净车间", "ISO 13485", "L4级自动驾驶", "5级", "洁净间3级台阶"],
)
def test_other_grades_are_no_clean_rooms(text: str) -> None:
    assert read_cleanrooms(text) == []


def test_reads_alternatives() -> None:
    found = {reading.interval.min for reading in read_cleanrooms("百/千级净化间")}
    assert found == {5, 6}


@pytest.mark.parametrize(("count", "expected"), [(1, 3), (10, 4), (100, 5), (100_000, 8)])
def test_takes_particle_counts_to_iso_classes(count: float, expected: float) -> None:
    assert iso_class(count) == expected
