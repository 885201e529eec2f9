"""Quantities that are written as names."""

from __future__ import annotations

import math

import pytest

from matcher.understanding.designations import read_designations

INF = math.inf


@pytest.mark.parametrize(
    ("text", "span", "purity"),
    [
        ("电子级5N钛锭", "5N", 99.999),
        ("纯度4N以上", "4N以上", 99.99),
        ("4N5级石英", "4N5", 99.995),
        ("要能做到六个九的纯度", "六个九", 99.9999),
        ("纯度要5个9以上的氦气", "5个9以上", 99.999),
        ("纯度三个九五", "三个九五", 99.95),
        ("两个九高纯石英", "两个九", 99),
        ("高纯铟,纯度7N。", "7N", 99.99999),
        ("3N铜", "3N", 99.9),
    ],
)
def test_counts_nines(text: str, span: str, purity: float) -> None:
    (reading,) = read_designations(text)
    assert text[reading.start : reading.end] == span
    assert (reading.dimension, reading.unit, reading.name) == ("fraction", "percent", "纯度")
    assert (reading.interval.min, reading.interval.max) == pytest.approx((purity, INF))


@pytest.mark.parametrize(
    "text", ["拉力5N以上", "测力8N,", "300N", "N95", "5N·m", "剥离力3N级", "三个九孔盘", "可用性三个九", "15个9寸片"]
)
def test_newtons_are_no_nines(text: str) -> None:
    assert read_designations(text) == []


@pytest.mark.parametrize(
    ("text", "span", "generation"),
    [
        ("6代线", "6代线", 6),
        ("G6柔性线的G6面板", "G6", 6),
        ("8.6代AMOLED", "8.6代", 8.6),
        ("G8.5代线玻璃", "G8.5代线", 8.5),
    ],
)
def test_reads_panel_generations(text: str, span: str, generation: float) -> None:
    reading = read_designations(text)[-1]
    assert text[reading.start : reading.end] == span
    assert (reading.dimension, reading.interval.min, reading.interval.max) == (
        "panel_generation",
        generation,
        generation,
    )


@pytest.mark.parametrize("text", ["5代表", "第三代", "6G通信", "G60走廊", "二代产品"])
def test_other_generations_are_not_read(text: str) -> None:
    assert read_designations(text) == []


@pytest.mark.parametrize(
    ("text", "span", "low", "high"),
    [
        ("深宽比10:1", "10:1", 10, 10),
        ("TSV深宽比大于20:1", "大于20:1", 20, INF),
        ("长径比48以上", "48以上", 48, INF),
        ("长径比40~48", "40~48", 40, 48),
        ("aspect ratio of 10:1", "10:1", 10, 10),
        ("50:1的深径比", "50:1", 50, 50),
        ("相对粘度目标2.4±0.1", "2.4±0.1", 2.3, 2.5),
        ("折射率1.52", "1.52", 1.52, 1.52),
        ("减速比100:2", "100:2", 50, 50),
    ],
)
def test_reads_ratios(text: str, span: str, low: float, high: float) -> None:
    (reading,) = read_designations(text)
    assert text[reading.start : reading.end] == span
    assert reading.dimension == "ratio"
    assert (reading.interval.min, reading.interval.max) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("text", "low", "high"), [("pH 6.8-7.2", 6.8, 7.2), ("pH值不低于3", 3, INF), ("ph约7", 7, 7), ("PH 3-11", 3, 11)]
)
def test_reads_ph(text: str, low: float, high: float) -> None:
    (reading,) = read_designations(text)
    assert (reading.dimension, reading.name) == ("ph", "pH")
    assert (reading.interval.min, reading.interval.max) == (low, high)


@pytest.mark.parametrize("text", ["10:1", "比分3:1", "8:30", "长径比大", "长径比10%", "在线pH电极", "PH厂商3家"])
def test_a_ratio_needs_its_name(text: str) -> None:
    assert read_designations(text) == []
