"""What can't be meant as it stands is read as far as possible, said, and never a crash."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Need, QuantityRequirement
from matcher.understanding.reading import Reader, Understood
from matcher.understanding.text import normalise, ocr_notes

READER = Reader.load()
#: Seconds of this process for 20,000 characters; an idle machine needs a fifth of it.
PATIENCE = 5.0


def read(text: str) -> Understood:
    return READER.read(Need(text=text), date(2026, 9, 1), strict=False)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("发酵罐≥500 L且≤100 L", "“≥500 L”与“≤100 L”不能同时满足,请核对"),
        ("容积不低于500 L,不超过100 L", "“不低于500 L”与“不超过100 L”不能同时满足,请核对"),
        ("500 kg 发酵温度", "“500 kg”与“发酵温度”的单位对不上,请核对"),
        ("反应压力300升", "“300升”与“反应压力”的单位对不上,请核对"),
        ("幅宽700,要快", "“幅宽700”没有写单位,未作为条件"),
        ("需要500的罐子", "“500的罐”没有写单位,未作为条件"),
        ("2024.13.45前完成", "日期“2024.13.45”不存在,已忽略"),
        ("2026年13月交货", "日期“2026年13月”不存在,已忽略"),
        ("-500 L 发酵罐", "“-500 L”小于零,请核对"),
        ("温度-300℃", "“-300℃”低于绝对零度,请核对"),
        ("纯度120%", "“120%”超过 100%,请核对"),
        ("pH 15", "“15”超出 pH 的范围,请核对"),
        ("发酵罐5OOL以上", "“5OO”疑为识别错误,按 500 读取"),
    ],
)
def test_it_is_said(text: str, note: str) -> None:
    assert note in read(text).notes


@pytest.mark.parametrize(
    "text",
    [
        "做1000次温度循环",
        "温度均匀性±300 K",
        "负载120%运行",
        "幅宽700 mm,密度0.12 g/cm³",
        "Al2O3陶瓷,H2O 5 L",
        "发酵罐≥500 L,种子罐≤100 L",
        "压力容器300升",
        "pH 6.8-7.2",
        "-40~85℃",
    ],
)
def test_what_is_fine_is_not_doubted(text: str) -> None:
    assert not [note for note in read(text).notes if "核对" in note or "没有写单位" in note or "疑为" in note]


def test_numbers_of_a_scan_are_read() -> None:
    read_ones = read("发酵罐5OOL以上,温度l20℃").requirements
    found = {one.text: one.interval.min for one in read_ones if isinstance(one, QuantityRequirement)}
    assert found == {"5OOL以上": 500, "l20℃": 120}
    (spaced,) = [one for one in read("发 酵 罐 5 0 0 L").requirements if isinstance(one, QuantityRequirement)]
    assert (spaced.text, spaced.interval.min) == ("5 0 0 L", 500)


def test_a_month_that_is_none_is_no_span() -> None:
    assert not [one for one in read("2026年13月交货").requirements if one.type == "deadline"]


@given(st.text(alphabet="0123456789OolI L℃%kgAa升公斤", max_size=30))
@settings(max_examples=100, deadline=None)
def test_mending_keeps_every_offset(text: str) -> None:
    assert len(normalise(text)) == len(text)
    assert all(note.startswith("“") for note in ocr_notes(text))


@pytest.mark.parametrize(
    "text",
    [
        "需要500L发酵罐,必须在东莞,GMP,不要江苏;must be in Suzhou, at least 500 L, under 500k RMB. ",
        "in Suzhou, ", "not in ", "$5k ", "5O", "l2", "1 ", "budget ", "a hundred ", "multi-kilogram ", "必须", "-5~",
    ],
)  # fmt: skip
def test_twenty_pages_of_anything_are_read_in_time(text: str) -> None:
    began = time.process_time()
    read((text * 20_000)[:20_000])
    assert time.process_time() - began < PATIENCE


@given(st.text(alphabet="必须不要在东莞除外 must not in Suzhou 500LkgGMP,。;$k%≥-\n\t|", max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_noted(text: str) -> None:
    understood = read(f"{text}罐")
    assert all(f"{text}罐"[one.start : one.end] == one.text for one in understood.requirements if one.start is not None)
