"""Pieces, cycles and layers are counted; articles, firms and projects are not."""

from __future__ import annotations

import pytest

from tests.matcher.understanding.quantity_cases import rows


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("首批300件", 300),
        ("打50片", 50),
        ("3批验证", 3),
        ("三批", 3),
        ("试制三套", 3),
        ("每批77只", 77),
        ("2000次循环", 2000),
        ("插拔5000次", 5000),
        ("100万次疲劳", 1e6),
        ("水洗50次", 50),
        ("反复50次", 50),
        ("2000颗", 2000),
        ("5万枚", 50000),
        ("360余台套", 360),
        ("两台", 2),
        ("300个样件", 300),
        ("100个通道", 100),
        ("24层PCB", 24),
        ("板层1至30层", 1),
        ("20 batches", 20),
        ("200 wafers", 200),
        ("three batches", 3),
        ("数十片晶圆", 20),
    ],
)
def test_counts(text: str, low: float) -> None:
    ((_, dimension, found, _, unit),) = rows(text)
    assert (dimension, found, unit) == ("count", low, "1")


@pytest.mark.parametrize(
    "text",
    [
        "一台",
        "一批样品",
        "一片晶圆",
        "两三家",
        "3个项目",
        "300家企业",
        "8条产线",
        "5款光刻胶",
        "三条建议",
        "第3批",
        "每批",
        "这批",
        "几支",
        "七层屏蔽",
        "6层办公楼",
        "参观3次",
        "两次",
        "6轴",
        "101人",
        "首套",
    ],
)
def test_does_not_count(text: str) -> None:
    assert rows(text) == []


def test_a_rate_makes_any_counter_readable() -> None:
    assert rows("年产400万个模块") == [("年产400万个", "count_rate", 4e6, 4e6, "1/year")]
    assert rows("2000万个/mL") == [("2000万个/mL", "count_concentration", 2e7, 2e7, "1/mL")]
    assert rows("每个样5元,一个/天") == [("5元", "money", 5, 5, "CNY")]
