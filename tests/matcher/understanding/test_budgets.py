"""Budgets are read as CNY ceilings; money that is not the requester's to spend is left alone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.understanding.budgets import read_budgets
from matcher.understanding.text import normalise


@pytest.mark.parametrize(
    ("text", "span", "low", "high"),
    [
        ("预算40万元以内", "预算40万元以内", -math.inf, 400_000),
        ("做3件静力试验件,总预算60万。", "总预算60万", -math.inf, 600_000),
        ("总费用控制在15万以内", "总费用控制在15万以内", -math.inf, 150_000),
        ("费用120万封顶", "费用120万封顶", -math.inf, 1_200_000),
        ("费用不超过45万。", "费用不超过45万", -math.inf, 450_000),
        ("200万以内,东莞附近", "200万以内", -math.inf, 2_000_000),
        ("每批不超过5万", "每批不超过5万", -math.inf, 50_000),
        ("总预算三百万元封顶", "总预算三百万元封顶", -math.inf, 3_000_000),
        ("预算:50-80万元", "预算:50-80万元", 500_000, 800_000),
        ("预算在30万到50万之间", "预算在30万到50万", 300_000, 500_000),
        ("费用:¥80,000", "费用:¥80,000", -math.inf, 80_000),
        ("費用不超過3000元", "费用不超过3000元", -math.inf, 3_000),
        ("预算不低于20万", "预算不低于20万", 200_000, math.inf),
        ("预算1.2亿元", "预算1.2亿元", -math.inf, 120_000_000),
        ("拟投入资金100万元", "拟投入资金100万元", -math.inf, 1_000_000),
        ("资金需求 300 万元", "资金需求 300 万元", -math.inf, 3_000_000),
        ("预算5000元到1万元", "预算5000元到1万元", 5_000, 10_000),
        ("预算3000元到2万元", "预算3000元到2万元", 3_000, 20_000),
        ("预算在8000元-1.5万元", "预算在8000元-1.5万元", 8_000, 15_000),
        ("预算5000到1万", "预算5000到1万", 5_000, 10_000),
        ("预算8千到1万元", "预算8千到1万元", 8_000, 10_000),
        ("预算5到10万元", "预算5到10万元", 50_000, 100_000),
        ("预算10到5万", "预算10到5万", 50_000, 100_000),
        ("预算5万-10万元", "预算5万-10万元", 50_000, 100_000),
        ("两万块预算,做喷涂", "两万块预算", -math.inf, 20_000),
        ("三十万预算", "三十万预算", -math.inf, 300_000),
        ("30-50万的预算", "30-50万的预算", 300_000, 500_000),
        ("大概30万块钱", "大概30万块钱", -math.inf, 300_000),
        ("手里有10来万块钱", "10来万块钱", -math.inf, 100_000),
        ("预算30多万", "预算30多万", -math.inf, 400_000),
        ("预算十几万", "预算十几万", -math.inf, 200_000),
        ("预算百来万", "预算百来万", -math.inf, 1_000_000),
        ("预算三十来万", "预算三十来万", -math.inf, 300_000),
        ("预算1万2", "预算1万2", -math.inf, 12_000),
        ("预算三五万", "预算三五万", 30_000, 50_000),
        ("预算不超过伍拾万元", "预算不超过五十万元", -math.inf, 500_000),
        ("预算贰佰叁拾万", "预算二百三十万", -math.inf, 2_300_000),
        ("预算二三十万元", "预算二三十万元", 200_000, 300_000),
        ("经费两三百万以内", "经费两三百万以内", 2_000_000, 3_000_000),
        ("大概七八十万块钱", "大概七八十万块钱", 700_000, 800_000),
        ("预算3万5千元", "预算3万5千元", -math.inf, 35_000),
        ("预算三万五", "预算三万五", -math.inf, 35_000),
        ("预算2万5到3万", "预算2万5到3万", 25_000, 30_000),
        ("预算2万5千到3万5千元", "预算2万5千到3万5千元", 25_000, 35_000),
        ("预算1亿5000万", "预算1亿5000万", -math.inf, 150_000_000),
        ("预算3万5件样品", "预算3万", -math.inf, 30_000),
        ("预算1 500 000元", "预算1,500,000元", -math.inf, 1_500_000),
        ("预算100万港币", "预算100万港币", -math.inf, 910_000),
        ("预算HK$100万", "预算HK$100万", -math.inf, 910_000),
        ("预算日元5000万", "预算日元5000万", -math.inf, 2_350_000),
        ("预算JPY 5000万", "预算JPY 5000万", -math.inf, 2_350_000),
        ("预算US$50万", "预算US$50万", -math.inf, 3_550_000),
        ("预算€30万", "预算€30万", -math.inf, 2_310_000),
        ("预算 $50k", "预算 $50k", -math.inf, 355_000),
        ("预算30万欧", "预算30万欧", -math.inf, 2_310_000),
        ("预算1万美元5000件", "预算1万美元", -math.inf, 71_000),
        ("样件,30万以内,东莞", "30万以内", -math.inf, 300_000),
        ("budget under RMB 2 million", "budget under RMB 2 million", -math.inf, 2_000_000),
        ("Budget: 500k CNY", "Budget: 500k CNY", -math.inf, 500_000),
    ],
)
def test_reads_a_budget(text: str, span: str, low: float, high: float) -> None:
    (budget,) = read_budgets(normalise(text))
    assert (budget.text, budget.interval.min, budget.interval.max) == (span, low, high)


@pytest.mark.parametrize(
    "text",
    [
        "投资近10亿元建设的中试线",
        "年营收5000万元以下的企业",
        "注册资金500万元",
        "已投入500万元",
        "最高补贴200万元以内",
        "疲劳100万次以内",
        "最多5万次插拔",
        "截留分子量5万以内",
        "先做1万罐试销,费用面议",
        "预算未定",
        "预算200",
        "争取项目31项、资金2230万元",
        "每件30块钱",
        "每台30万块钱",
        "单价5块",
        "单价5块以内",
        "单价不超过3000元",
        "一块板",
        "两万块板",
        "30万块钱的设备",
        "30万块钱左右的设备",
        "3万块钱一台",
        "花了30万块钱做小试",
        "设备卖30万块钱",
        "项目获得三十万预算支持",
        "三百来公斤",
        "",
    ],
)
def test_leaves_other_amounts(text: str) -> None:
    assert read_budgets(normalise(text)) == []


@pytest.mark.parametrize(
    ("text", "near"),
    [("预算60万左右", True), ("经费约40万", True), ("预算三十来万", True), ("大概30万块钱", True), ("预算60万", False)],
)
def test_marks_about(text: str, near: bool) -> None:
    (budget,) = read_budgets(text)
    assert budget.interval.approximate is near


@pytest.mark.parametrize(("text", "closed"), [("报价低于300元", False), ("预算≤30万", True), ("预算<30万", False)])
def test_tells_below_from_at_most(text: str, closed: bool) -> None:
    (budget,) = read_budgets(text)
    assert budget.interval.max_closed is closed


def test_keeps_total_and_batch_price_in_order() -> None:
    text = "总预算300万,每批不超过5万元"
    first, second = read_budgets(text)
    assert (first.interval.max, second.interval.max) == (3_000_000, 50_000)
    assert [text[budget.start : budget.end] for budget in (first, second)] == [first.text, second.text]


@given(st.text(alphabet="预算经费用约¥0123456789,.万亿千元以内左右不超过每批-~到一二百 ", max_size=40))
@settings(max_examples=100, deadline=None)
def test_never_fails_and_spans_are_true(text: str) -> None:
    for budget in read_budgets(text):
        assert text[budget.start : budget.end] == budget.text
        assert budget.interval.min <= budget.interval.max


@given(st.integers(1, 9999), st.sampled_from(["预算{}万元以内", "费用不超过{}万", "经费{}万左右"]))
@settings(max_examples=60, deadline=None)
def test_value_is_the_number_written(number: int, form: str) -> None:
    (budget,) = read_budgets(form.format(number))
    assert budget.interval.max == number * 10_000


@pytest.mark.parametrize("text", ["方阻50欧以下", "不超过50欧", "阻值5千欧以内", "3刀以内"])
def test_ohms_and_knives_are_no_money(text: str) -> None:
    assert read_budgets(text) == []


@pytest.mark.parametrize(
    ("text", "most"), [("预算5000欧", 38_500), ("50万欧以内", 3_850_000), ("预算3万刀", 213_000), ("不超过8万", 80_000)]
)
def test_spoken_currencies_beside_a_word_for_money_or_ten_thousands(text: str, most: float) -> None:
    assert [found.interval.max for found in read_budgets(text)] == [most]
