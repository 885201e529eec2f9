"""Money with its currency in front, or with none at all."""

from __future__ import annotations

import math

import pytest

from tests.matcher.understanding.quantity_cases import Row, rows

INF = math.inf


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200万以内", [("200万以内", "money", -INF, 2e6, "CNY")]),
        ("预算60万", [("60万", "money", 6e5, 6e5, "CNY")]),
        ("预算60万左右", [("60万左右", "money", 6e5, 6e5, "CNY")]),
        ("费用15-20万", [("15-20万", "money", 15e4, 20e4, "CNY")]),
        ("费用120万封顶", [("120万封顶", "money", -INF, 1.2e6, "CNY")]),
        ("总投资106.3亿元", [("106.3亿元", "money", 1.063e10, 1.063e10, "CNY")]),
        ("投入不超过1.2亿", [("不超过1.2亿", "money", -INF, 1.2e8, "CNY")]),
        ("¥80,000", [("¥80,000", "money", 8e4, 8e4, "CNY")]),
        ("RMB 2 million", [("RMB 2 million", "money", 2e6, 2e6, "CNY")]),
        ("under RMB 2 million", [("under RMB 2 million", "money", -INF, 2e6, "CNY")]),
        ("$500", [("$500", "money", 500, 500, "USD")]),
        ("200万美元", [("200万美元", "money", 2e6, 2e6, "USD")]),
        ("HK$100万", [("HK$100万", "money", 1e6, 1e6, "HKD")]),
        ("日元5000万", [("日元5000万", "money", 5e7, 5e7, "JPY")]),
        ("JPY 5000万", [("JPY 5000万", "money", 5e7, 5e7, "JPY")]),
        ("1万美元5000件", [("1万美元", "money", 1e4, 1e4, "USD"), ("5000件", "count", 5000, 5000, "1")]),
        ("300元/小时", [("300元/小时", "price", 300, 300, "CNY/h")]),
        ("自筹资金三百万", [("三百万", "money", 3e6, 3e6, "CNY")]),
        ("预算三到五万元", [("三到五万元", "money", 3e4, 5e4, "CNY")]),
        ("三千万元", [("三千万元", "money", 3e7, 3e7, "CNY")]),
        ("最高补200、400万元", [("最高补200", "money", -INF, 2e6, "CNY"), ("400万元", "money", -INF, 4e6, "CNY")]),
    ],
)
def test_reads_money(text: str, expected: list[Row]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    "text", ["用户30万", "进水TDS 6万", "访问量1.2亿", "600万用户", "截留分子量1万左右", "200", "预算充足"]
)
def test_other_large_numbers_are_no_money(text: str) -> None:
    assert rows(text) == []
