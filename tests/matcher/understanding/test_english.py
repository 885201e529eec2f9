"""Needs in English, and in both languages at once, are read as their Chinese twins are."""

from __future__ import annotations

from datetime import date

import pytest

from matcher.records import (
    BudgetRequirement,
    CertificateRequirement,
    DeadlineRequirement,
    IndustryRequirement,
    KindRequirement,
    Need,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
)
from matcher.understanding.reading import Reader

TODAY = date(2026, 9, 1)
READER = Reader.load()


def said(one: Requirement) -> str:
    """A requirement in a few words: its type, what it means, and whether it is hard."""
    hard = "!" if one.strength == "must" else ""
    match one:
        case QuantityRequirement():
            return f"{one.dimension}{hard} {one.interval.min:g}..{one.interval.max:g} {one.unit}"
        case PlaceRequirement():
            return f"{'not ' if one.excluded else ''}{one.name}{hard}{' near' if one.near else ''}"
        case BudgetRequirement():
            return f"budget {one.interval.min:g}..{one.interval.max:g}"
        case DeadlineRequirement():
            return f"deadline {one.date}" if one.date else f"deadline {one.interval.max:g}"
        case CertificateRequirement():
            return f"{one.certificate}{hard}"
        case KindRequirement():
            return one.kind
        case StageRequirement():
            return f"{one.now or ''}->{one.wanted or ''}"
        case IndustryRequirement():
            return f"#{one.industry}"
    return one.type


def read(text: str) -> set[str]:
    """What is read, without the numbers that a budget or a deadline was read from."""
    return {said(one) for one in READER.read(Need(text=text), TODAY).conditions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pilot line in Jiangsu", {"->pilot", "platform", "江苏省"}),
        ("500 L reactor, GMP and ISO 13485", {"volume 500..500 L", "gmp", "iso-13485"}),
        (
            "for lithium battery, under 500k RMB, within 3 months",
            {"#lithium-batteries", "budget -inf..500000", "deadline 90"},
        ),
        ("must be in Suzhou or nearby", {"苏州市! near"}),
        ("at least 99.9% purity, 8-inch wafers", {"fraction 99.9..inf percent", "length 200..200 mm"}),
        ("kg-scale synthesis in a class 1000 cleanroom", {"->pilot", "mass 1..10 kg", "cleanroom 6..6 1"}),
        ("Looking for a CDMO in Shanghai with GMP", {"上海市", "manufacturer", "->production", "gmp", "#cdmo"}),
        ("We are a startup based in Shenzhen and need a 20 t press", {"mass 20..20 t"}),
        ("Preferably in Dongguan, but anywhere in Guangdong is fine", {"东莞市", "广东省"}),
        ("The site must be located in Zhejiang province", {"浙江省!"}),
        ("not in Shanghai", {"not 上海市!"}),
        ("anywhere except Beijing", {"not 北京市!"}),
        ("anywhere but Beijing", {"not 北京市!"}),
        ("not near Tianjin", {"not 天津市! near"}),
        ("outside of Jiangsu, please", {"not 江苏省!"}),
        ("preferably not in Tianjin", {"not 天津市"}),
        ("Please no factories from Xinjiang", {"not 新疆维吾尔自治区!"}),
        ("not only in Shanghai", set()),
        ("We are not in Shanghai, we need a press", set()),
        ("a contract manufacturer near Wuhan", {"manufacturer", "武汉市 near", "->production"}),
        ("Suzhou, Jiangsu", {"苏州市"}),
        ("Suzhou, Anhui", {"宿州市"}),
        ("Taizhou, Jiangsu Province", {"泰州市"}),
        ("Xi'an or Chengdu", {"西安市", "成都市"}),
        ("within Yangtze River Delta", {"长三角"}),
        ("Greater Bay Area preferred", {"粤港澳大湾区"}),
        ("a supplier in Hong Kong or Shenzhen", {"香港特别行政区", "深圳市"}),
        ("Only factories in Anhui", {"安徽省!"}),
        ("within 100 km of Nanjing", {"南京市 near"}),
        ("we sell to customers in Chengdu", set()),
        ("a coating developed with Wuhan University", set()),
        ("A Hangzhou-based team seeks a pilot platform in Ningbo", {"宁波市", "->pilot", "platform"}),
        ("Looking for a Suzhou-based foundry", {"苏州市", "manufacturer", "->production"}),
        ("Budget: 2 million yuan", {"budget -inf..2e+06"}),
        ("Our budget is 1.5M RMB and we need it by June 2027", {"budget -inf..1.5e+06", "deadline 2027-06-30"}),
        ("We can spend up to 300,000 CNY", {"budget -inf..300000"}),
        ("500k-800k RMB budget", {"budget 500000..800000"}),
        ("cost below $50k", {"budget -inf..355000"}),
        ("budget around USD 200,000", {"budget -inf..1.42e+06"}),
        ("Total cost should not exceed 800k yuan", {"budget -inf..800000"}),
        ("our revenue was 5 million RMB", {"money 5e+06..5e+06 CNY"}),
        ("Delivery within 6 weeks", {"deadline 42"}),
        ("samples in 2 weeks", {"deadline 14"}),
        ("by the end of 2026", {"deadline 2026-12-31"}),
        ("no later than 2026-12-31", {"deadline 2026-12-31"}),
        ("before March 2027", {"deadline 2027-02-28"}),
        ("by Q2 2027", {"deadline 2027-06-30"}),
        ("by 15 March 2027", {"deadline 2027-03-15"}),
        ("due by March 15, 2027", {"deadline 2027-03-15"}),
        ("by the end of this year", {"deadline 2026-12-31"}),
        ("by end of next month", {"deadline 2026-10-31"}),
        ("lead time under 8 weeks", {"deadline 56"}),
        ("deadline: 3 months", {"deadline 90"}),
        ("a 6-week lead time", {"deadline 42"}),
        ("rent a 1000 L stirred tank reactor in Tianjin", {"equipment", "volume 1000..1000 L", "天津市"}),
        ("looking for a technology solution", {"solution"}),
        ("5% NaOH solution", {"fraction 5..5 percent"}),
        ("toll manufacturing of a resin", {"manufacturer"}),
        ("mass production of a 6th generation line", {"->production", "panel_generation 6..6 1"}),
        ("lab-scale proven, want to scale up to 1 ton per batch", {"lab->pilot", "mass 1..1 t"}),
        ("ton-scale, hundred-liter fermenter", {"->pilot", "mass 1..10 t", "volume 100..1000 L", "#fermentation"}),
        ("prototype, 50 boards, 12-layer PCB", {"->prototype", "count 50..50 1", "count 12..12 1", "#pcb"}),
        ("five hundred liters, a thousand pieces", {"volume 500..500 L", "count 1000..1000 1"}),
        ("must have GMP", {"gmp!"}),
        ("GMP and ISO 9001 are required", {"gmp!", "iso-9001!"}),
        ("GMP is preferred but not required", {"gmp"}),
        ("no GMP needed", set()),
        ("GMP not required", set()),
        ("IATF 16949 mandatory", {"iatf-16949!"}),
        ("ideally ISO 9001 certified", {"iso-9001"}),
        (
            "100-L glass-lined reactor, -20 to 180 °C, 6 bar",
            {"volume 100..100 L", "temperature -20..180 degC", "pressure 6..6 bar"},
        ),
        ("must reach 500 L", {"volume! 500..inf L"}),
        ("500 L reactor required", {"volume! 500..500 L"}),
        ("required volume: 500 L, preferably 1000 L", {"volume! 500..500 L", "volume 1000..1000 L"}),
        ("cleanroom ISO 7 or better", {"cleanroom -inf..7 1"}),
        ("vacuum better than 1e-5 Pa", {"pressure -inf..1e-05 Pa"}),
        ("yield of no less than 85 %", {"fraction 85..inf percent"}),
    ],
)  # fmt: skip
def test_english(text: str, expected: set[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("must be in Suzhou", "必须在苏州"),
        ("not in Jiangsu", "不要江苏"),
        ("near Dongguan", "东莞附近"),
        ("at least 500 L", "至少500 L"),
        ("under 2 million RMB", "200万元以下"),
        ("within 3 months", "3个月内"),
        ("GMP required", "必须有GMP"),
        ("500-liter reactor", "500升反应釜"),
        ("kg-scale", "公斤级"),
        ("8-inch wafers", "8英寸晶圆"),
        ("class 100 cleanroom", "百级洁净间"),
        ("6th generation line", "6代线"),
    ],
)
def test_the_same_as_its_chinese_twin(english: str, chinese: str) -> None:
    assert read(english) == read(chinese)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "我们需要 a 500 L fermenter in 苏州, 预算 under 2 million RMB",
            {"volume 500..500 L", "苏州市", "budget -inf..2e+06", "#fermentation"},
        ),
        (
            "找 pilot line 做 6 inch wafer, 上海 or nearby",
            {"->pilot", "platform", "length 150..150 mm", "上海市 near"},
        ),
        ("GMP 车间, at least 200 sqm, must be 广东", {"gmp", "area 200..inf m^2", "广东省!"}),
        ("必须在 Suzhou 做", {"苏州市!"}),
        ("不要 Shanghai 的厂", {"not 上海市!"}),
        ("Suzhou 附近,三个月内", {"苏州市 near", "deadline 90"}),
        ("预算20万美元", {"budget -inf..1.42e+06"}),
        ("需要at least 50 kW的电源", {"power 50..inf kW"}),
    ],
)  # fmt: skip
def test_two_languages_in_one_need(text: str, expected: set[str]) -> None:
    assert read(text) == expected


def test_what_excludes_a_place_is_quoted() -> None:
    (place,) = READER.read(Need(text="any plant, but not in Shanghai"), TODAY).requirements
    assert place.text == "not in Shanghai"


def test_foreign_money_is_noted_with_its_rate() -> None:
    assert READER.read(Need(text="budget: $50k"), TODAY).notes == ("“budget: $50k”按 1 美元≈7.1 元折算",)


def test_a_field_may_name_a_place_in_english() -> None:
    (place,) = READER.read(Need(text="", places=("Suzhou",)), TODAY).requirements
    assert said(place) == "苏州市"


def test_spans_point_into_the_text() -> None:
    text = "Must be in Suzhou, at least 500 L, GMP required, budget under 500k RMB, within 3 months"
    understood = READER.read(Need(text=text), TODAY)
    assert len(understood.requirements) >= 5
    assert all(text[one.start : one.end] == one.text for one in understood.requirements)
