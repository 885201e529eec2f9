"""Periods that stand apart from the unit make a rate of a quantity."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matcher.understanding.quantity_cases import Row, rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年产30吨", [("年产30吨", "mass_rate", 30, 30, "t/year")]),
        ("月产2万片", [("月产2万片", "count_rate", 20000, 20000, "1/month")]),
        ("年产能约5万件", [("年产能约5万件", "count_rate", 50000, 50000, "1/year")]),
        ("日处理1-2吨", [("日处理1-2吨", "mass_rate", 1, 2, "t/day")]),
        ("每月5kg", [("每月5kg", "mass_rate", 5, 5, "kg/month")]),
        ("每天不到2公斤", [("每天不到2公斤", "mass_rate", float("-inf"), 2, "kg/day")]),
        ("月均2000件", [("月均2000件", "count_rate", 2000, 2000, "1/month")]),
        ("每小时10标方", [("每小时10标方", "volume_rate", 10, 10, "m^3/h")]),
        ("每小时蒸发水量100公斤", [("每小时蒸发水量100公斤", "mass_rate", 100, 100, "kg/h")]),
        ("年处理废旧电池2万吨", [("年处理废旧电池2万吨", "mass_rate", 20000, 20000, "t/year")]),
        ("年产28亿米布", [("年产28亿米", "length_rate", 2.8e9, 2.8e9, "m/year")]),
        ("年产20 GWh电芯", [("年产20 GWh", "energy_rate", 20, 20, "GWh/year")]),
        ("每月封100只", [("每月封100只", "count_rate", 100, 100, "1/month")]),
        ("时速120公里", [("时速120公里", "speed", 120, 120, "km/h")]),
        ("模切速度每分钟20米以上", [("每分钟20米以上", "speed", 20, math.inf, "m/min")]),
        ("车速:每秒2米", [("每秒2米", "speed", 2, 2, "m/s")]),
        ("1000吨年产能", [("1000吨年产能", "mass_rate", 1000, 1000, "t/year")]),
        ("200 kg per day", [("200 kg per day", "mass_rate", 200, 200, "kg/day")]),
        ("20 kg per batch", [("20 kg per batch", "mass", 20, 20, "kg")]),
        ("1,000 wafers per month", [("1,000 wafers per month", "count_rate", 1000, 1000, "1/month")]),
        (
            "幅宽1.5米 年产1亿平方米",
            [("1.5米", "length", 1.5, 1.5, "m"), ("年产1亿平方米", "area_rate", 1e8, 1e8, "m^2/year")],
        ),
        ("月产3米 年产5吨", [("月产3米", "length_rate", 3, 3, "m/month"), ("年产5吨", "mass_rate", 5, 5, "t/year")]),
        ("日产3w瓶", [("日产3w瓶", "count_rate", 30000, 30000, "1/day")]),
        ("2万5千瓶每天", [("2万5千瓶每天", "count_rate", 25000, 25000, "1/day")]),
        ("每月3万元", [("每月3万元", "price", 30000, 30000, "CNY/month")]),
    ],
)
def test_a_period_makes_a_rate(text: str, expected: list[Row]) -> None:
    assert rows(text) == expected


def test_a_number_in_between_keeps_the_period_out_of_the_span() -> None:
    assert rows("月产8英寸晶圆1万片") == [
        ("8英寸", "length", 200, 200, "mm"),
        ("1万片", "count_rate", 10000, 10000, "1/month"),
    ]


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("每天8小时", "time"),
        ("每批20公斤", "mass"),
        ("年产值28亿元", "money"),
        ("年预算60万元", "money"),
        ("每天走5公里", "length"),
        ("年产30吨和5吨行车", "mass"),
        ("2024年 产品30吨", "mass"),
        ("月饼30吨", "mass"),
    ],
)
def test_other_periods_leave_the_quantity_alone(text: str, dimension: str) -> None:
    assert rows(text)[-1][1] == dimension


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一年3000吨", [("一年3000吨", "mass_rate", 3000, 3000, "t/year")]),
        ("我们一年大概要 3000 吨左右", [("一年大概要 3000 吨左右", "mass_rate", 3000, 3000, "t/year")]),
        ("一天能做500片", [("一天能做500片", "count_rate", 500, 500, "1/day")]),
        ("产能一个月三五公斤", [("一个月三五公斤", "mass_rate", 3, 5, "kg/month")]),
        ("设备一小时不低于 2 吨", [("一小时不低于 2 吨", "mass_rate", 2, math.inf, "t/h")]),
        ("一小时50~100升", [("一小时50~100升", "volume_rate", 50, 100, "L/h")]),
        ("一个星期两三批", [("一个星期两三批", "count_rate", 2, 3, "1/week")]),
        ("产线一分钟60瓶", [("一分钟60瓶", "count_rate", 60, 60, "1/min")]),
        ("一年交付20万套", [("一年交付20万套", "count_rate", 200000, 200000, "1/year")]),
        ("月200片起", [("月200片起", "count_rate", 200, math.inf, "1/month")]),
        ("产能:年3000吨", [("年3000吨", "mass_rate", 3000, 3000, "t/year")]),
        ("每一年3000吨", [("3000吨", "mass_rate", 3000, 3000, "t/year")]),
    ],
)
def test_one_year_is_every_year(text: str, expected: list[Row]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("保存一年 500克", "mass"),
        ("交期一个月 500公斤", "mass"),
        ("烘干一天 50公斤", "mass"),
        ("反应一小时 500L", "volume"),
        ("再过一年3000吨", "mass"),
        ("工期:一年 500吨", "mass"),
        ("一天8小时", "time"),
        ("一年 500 万元", "money"),
        ("一年半 300吨", "mass"),
        ("12月5吨", "mass"),
        ("下月 5吨", "mass"),
        ("第一年20万套", "count"),
        ("用一年时间做20万套", "count"),
    ],
)
def test_a_period_that_something_lasts_makes_no_rate(text: str, last: str) -> None:
    assert [row[1] for row in rows(text)][-1] == last


@given(
    st.sampled_from(["年", "个月", "天", "小时"]), st.integers(1, 99_999), st.sampled_from(["吨", "公斤", "升", "片"])
)
def test_one_period_reads_as_each_does(period: str, number: int, unit: str) -> None:
    one, each = rows(f"一{period}要{number}{unit}"), rows(f"每{period}要{number}{unit}")
    assert [row[1:] for row in one] == [row[1:] for row in each]
    assert one[0][1].endswith("_rate")


@pytest.mark.parametrize("text", ["一天两釜", "一天三班", "一年2次", "一天最多跑三锅"])
def test_how_often_is_no_quantity(text: str) -> None:
    assert rows(text) == []


@pytest.mark.parametrize(
    ("text", "rest"), [("一天8小时", "time"), ("一年 500 万元", "money"), ("一天两次,每次 5 kg", "mass")]
)
def test_what_stands_behind_a_period_is_read_alone(text: str, rest: str) -> None:
    assert [row[1] for row in rows(text)] == [rest]
