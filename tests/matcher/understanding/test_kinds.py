"""The kind of supply asked for, only where the text asks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import SUPPLY_KINDS, Kind
from matcher.understanding.kinds import read_kinds


@pytest.mark.parametrize(
    ("text", "kind", "span"),
    [
        ("寻8英寸TSV中试线做转接板", "platform", "中试线"),
        ("需要公共服务平台", "platform", "公共服务平台"),
        ("拟在封闭测试场开展", "platform", "封闭测试场"),
        ("looking for a pilot plant", "platform", "pilot plant"),
        ("想租一台短程蒸馏设备", "equipment", "租一台短程蒸馏设备"),
        ("按机时付费", "equipment", "按机时"),
        ("借丸化机试几批", "equipment", "借丸化机"),
        ("8英寸流片", "manufacturer", "流片"),
        ("找带液氮深冷的釜代工", "manufacturer", "代工"),
        ("寻求CDMO", "manufacturer", "CDMO"),
        ("找贴片厂打50片", "manufacturer", "找贴片厂"),
        ("接受成果转让", "solution", "成果转让"),
        ("一直开裂,求指点", "solution", "求指点"),
        ("希望联合攻关", "solution", "联合攻关"),
        ("只要平台", "platform", "只要平台"),
        ("只找一台设备", "equipment", "只找一台设备"),
        ("只考虑工厂", "manufacturer", "只考虑工厂"),
        ("就要一个方案", "solution", "就要一个方案"),
    ],
)
def test_reads_the_kind(text: str, kind: Kind, span: str) -> None:
    assert [(found.kind, found.text) for found in read_kinds(text)] == [(kind, span)]


@pytest.mark.parametrize(
    "text",
    [
        "500升发酵罐",
        "在平台上做,设备自带",
        "企业已启动首条固态电池中试线",
        "不租设备",
        "搬到新的组装厂房",
        "样品一放大就分解",
        "ODMX树脂",
        "送封测厂试用",
        "",
    ],
)
def test_says_nothing_where_nothing_is_asked(text: str) -> None:
    assert read_kinds(text) == []


def test_a_refused_kind_gives_way_to_the_one_asked() -> None:
    assert [found.kind for found in read_kinds("只找代工,不租釜")] == ["manufacturer"]


def test_several_kinds_stand_in_the_order_of_the_text() -> None:
    text = "需要中试平台,也可以租设备或找代工厂"
    found = read_kinds(text)
    assert [requirement.kind for requirement in found] == ["platform", "equipment", "manufacturer"]
    assert all(text[one.start : one.end] == one.text for one in found)


@given(st.text(alphabet="中试平台线租设备机代工流片方案技术合作不找,。求指点", max_size=40))
@settings(max_examples=100, deadline=None)
def test_each_kind_once_with_a_true_span(text: str) -> None:
    found = read_kinds(text)
    assert len({requirement.kind for requirement in found}) == len(found)
    for requirement in found:
        assert requirement.kind in SUPPLY_KINDS
        assert text[requirement.start : requirement.end] == requirement.text
