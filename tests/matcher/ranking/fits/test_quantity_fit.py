from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking.facts import ListingFacts, facts_of
from matcher.ranking.fit import assess
from matcher.ranking.fits.quantity_fit import Demand
from matcher.ranking.listing_quantities import QuantityFact
from matcher.records import Interval, Listing, Outcome, Parameter, QuantityRequirement, Strength
from tests.matcher.ranking.stated import listing, parameter, quantity, quantity_fit

FERMENTER = parameter("发酵罐容积", 50, 5000, "L")


def test_a_range_that_holds_the_demand_meets_with_its_words() -> None:
    fit = quantity_fit("500 L发酵罐", listing(FERMENTER))
    assert fit.outcome == "meets"
    assert fit.evidence is not None
    assert fit.evidence.text == "发酵罐容积 50–5000 L"
    assert (fit.shortfall, fit.factor) == (None, None)


def test_a_shortfall_says_by_how_much() -> None:
    fit = quantity_fit("500 L发酵罐", listing(parameter("发酵罐容积", None, 300, "L")))
    assert (fit.outcome, fit.shortfall) == ("misses", "需要 500 L,最大 300 L")
    assert fit.factor == pytest.approx(5 / 3, rel=1e-4)


@pytest.mark.parametrize(
    ("words", "offered", "shortfall"),
    [
        ("不低于500升的发酵罐", parameter("发酵罐容积", 300, 300, "L"), "需要 ≥ 500 L,只有 300 L"),
        ("8英寸晶圆", parameter("晶圆尺寸", 12, 12, "英寸"), "需要 8 英寸,写明 12 英寸"),
        ("线宽2mil", parameter("最小线宽", 3, None, "mil"), "需要 2 mil,最小 3 mil"),
        ("板厚10mm", parameter("板厚", 0.2, 8, "mm"), "需要 10 mm,写明 0.2~8 mm"),
        ("高低温-40~85℃", parameter("环境温度", -20, 60, "℃"), "需要 -40~85℃,写明 -20~60℃"),
        ("吨级批量", parameter("批量", None, 50, "kg"), "需要 吨级,最大 0.05 t"),
        ("0.5GWh中试线", parameter("中试产能", None, 0.2, "GWh"), "需要 0.5 GWh,最大 0.2 GWh"),
    ],
)
def test_shortfalls_are_in_the_units_of_the_need(words: str, offered: Parameter, shortfall: str) -> None:
    fit = quantity_fit(words, listing(offered))
    assert (fit.outcome, fit.shortfall) == ("misses", shortfall)


def test_a_scale_that_falls_short_is_quoted() -> None:
    fit = quantity_fit("批量5吨", listing(summary="可做公斤级样品。"))
    assert fit.shortfall == "需要 5 t,写明公斤级"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("500 L发酵罐", parameter("储罐容积", 5000, 5000, "L")),
        ("500 L发酵罐", parameter("反应釜容积", 5000, 5000, "L")),
        ("500 L发酵罐", parameter("建筑面积", 5000, 5000, "m2")),
        ("2000 L反应器", parameter("建筑面积", 200_000, 200_000, "m2")),
        ("8英寸晶圆", parameter("跑道长度", 2400, 2400, "m")),
        ("能量密度400Wh/kg以上", parameter("中试产能", 0.5, 0.5, "GWh")),
        ("能量密度400Wh/kg以上", parameter("能量密度", 300, 300, "Wh/kg")),
        ("脱盐率99%以上", parameter("国产化率", 99.5, 99.5, "%")),
        ("1000平米中试车间", parameter("占地面积", 28, 28, "亩")),
        ("连续运行2000小时", parameter("连续运行", 1000, 1000, "h")),
        ("500 L发酵罐", parameter("发酵罐容积", 300, None, "L")),
    ],
)
def test_what_the_listing_does_not_say_is_unknown(words: str, offered: Parameter) -> None:
    fit = quantity_fit(words, listing(offered))
    assert fit.outcome == "unknown"
    assert fit.shortfall is None


def test_an_open_offer_is_quoted_in_a_note() -> None:
    fit = quantity_fit("500 L发酵罐", listing(parameter("发酵罐容积", 300, None, "L")))
    assert fit.note == "写明发酵罐容积 ≥300 L,不能确定"
    assert fit.evidence is not None


def test_silence_has_no_evidence() -> None:
    fit = quantity_fit("500 L发酵罐", listing())
    assert (fit.outcome, fit.evidence, fit.note) == ("unknown", None, None)


def test_one_of_several_numbers_is_enough() -> None:
    offer = listing(parameter("发酵罐容积", 50, 50, "L"), parameter("单罐体积", 1000, 1000, "L"))
    assert quantity_fit("500 L发酵罐", offer).outcome == "meets"


def test_the_nearest_of_several_shortfalls_is_told() -> None:
    offer = listing(parameter("晶圆尺寸", 4, 4, "英寸"), parameter("晶圆尺寸", 6, 6, "英寸"))
    assert quantity_fit("8英寸晶圆", offer).shortfall == "需要 8 英寸,写明 6 英寸"


def test_one_open_number_leaves_it_open() -> None:
    offer = listing(parameter("发酵罐容积", 50, 50, "L"), parameter("发酵罐容积", 100, None, "L"))
    assert quantity_fit("500 L发酵罐", offer).outcome == "unknown"


@pytest.mark.parametrize(
    ("words", "offered", "outcome"),
    [
        ("万级洁净室", parameter("洁净等级", 5, 5, "ISO级"), "meets"),
        ("百级洁净室", parameter("洁净等级", 7, 7, "ISO级"), "misses"),
        ("能量密度400Wh/kg", parameter("能量密度", 420, 420, "Wh/kg"), "meets"),
        ("最大板长1.2米", parameter("最大板长", None, 1.5, "m"), "meets"),
        ("最大板长2米", parameter("最大板长", None, 1.5, "m"), "misses"),
        ("年产1200吨", parameter("月产能", None, 100, "t"), "meets"),
        ("年产1300吨", parameter("月产能", None, 100, "t"), "misses"),
        ("月产2000片晶圆", parameter("年产能", 30_000, 30_000, "片"), "meets"),
        ("月产2000支", parameter("年产能", 30_000, 30_000, "片"), "unknown"),
        ("相对湿度95%", parameter("湿度范围", 20, 98, "%RH"), "meets"),
        ("批量30公斤", parameter("批量", 50, 50, "kg"), "meets"),
    ],
)
def test_senses_and_units(words: str, offered: Parameter, outcome: Outcome) -> None:
    assert quantity_fit(words, listing(offered)).outcome == outcome


def test_an_offer_far_too_big_is_noted() -> None:
    fit = quantity_fit("5 L发酵罐", listing(parameter("发酵罐容积", 5000, 5000, "L")))
    assert (fit.outcome, fit.note) == ("meets", "起点 5000 L,明显大于需要")


def test_strength_is_not_touched() -> None:
    for strength in get_args(Strength):
        requirement = replace(quantity("500 L发酵罐"), strength=strength)
        (fit,) = assess([requirement], facts_of(listing(FERMENTER)))
        assert fit.requirement == requirement


@pytest.mark.parametrize(("name", "outcome"), [("含水率", "unknown"), ("脱盐率", "meets")])
def test_less_is_better_of_some_properties(name: str, outcome: Outcome) -> None:
    assert quantity_fit(f"{name}5%", listing(parameter(name, 8, 8, "%"))).outcome == outcome


def test_a_demand_tells_the_ends_that_count() -> None:
    peak = Demand(quantity("最大板长1.2米"))
    floor = Demand(quantity("最小钻孔0.15mm"))
    assert (peak.lowest, floor.highest) == (pytest.approx(1200), pytest.approx(0.15))
    assert peak.wanted_words() == "1.2 m"


VOLUME = QuantityRequirement(
    text="x", dimension="volume", interval=Interval(), unit="L", role="capacity", name="发酵罐"
)
ends = st.floats(1, 1e5)


def volume_facts(low: float, high: float) -> ListingFacts:
    facts = facts_of(listing(FERMENTER))
    (known,) = facts.quantities["volume"]
    fact: QuantityFact = replace(known, low=low, high=high, limit=high, stated=(low, high))
    return replace(facts, quantities={"volume": (fact,)})


@settings(max_examples=80, deadline=None)
@given(ends, ends, st.floats(0, 1e5), st.floats(0, 1e5), ends, st.booleans())
def test_widening_a_listing_never_turns_meets_into_misses(
    one: float, other: float, down: float, up: float, needed: float, at_least: bool
) -> None:
    low, high = sorted((one, other))
    requirement = replace(VOLUME, interval=Interval(needed, math.inf if at_least else needed))
    (before,) = assess([requirement], volume_facts(low, high))
    (after,) = assess([requirement], volume_facts(low - down, high + up))
    if before.outcome == "meets":
        assert after.outcome == "meets"


@settings(max_examples=60, deadline=None)
@given(ends, ends)
def test_a_miss_has_words_and_the_ratio(needed: float, offered: float) -> None:
    requirement = replace(VOLUME, interval=Interval(min=needed))
    (fit,) = assess([requirement], volume_facts(-math.inf, offered))
    assert (fit.outcome == "misses") == (fit.shortfall is not None) == (fit.factor is not None)
    if fit.factor is not None:
        assert fit.factor == pytest.approx(needed / offered, rel=1e-4)
        assert fit.factor >= 1


@pytest.mark.parametrize(
    ("words", "offer", "outcome"),
    [
        ("500L以上", listing(parameter("年产能", 100, 100, "t")), "unknown"),
        ("500L反应釜", listing(summary="吨级产能"), "unknown"),
        ("500L反应釜", listing(summary="1000—2000标方电解槽"), "unknown"),
        ("500L反应釜", listing(summary="1000 Nm³电解槽"), "unknown"),
        ("1000标方制氢", listing(FERMENTER), "unknown"),
        ("1000标方制氢", listing(summary="1000—2000标方电解槽"), "meets"),
        ("100kg以上每批", listing(name="吨级eVTOL"), "unknown"),
        ("100kg以上每批", listing(name="吨级发酵工厂"), "meets"),
        ("100kg以上每批", listing(parameter("示范装置规模", None, 50, "t")), "unknown"),
        ("年产10吨", listing(parameter("示范装置规模", None, 50, "t")), "meets"),
        ("吨级产能", listing(parameter("年产能", None, 50, "t")), "meets"),
        ("吨级产能", listing(parameter("发酵罐容积", 50, 5000, "L")), "unknown"),
        ("2 GW组件产能", listing(parameter("规划产能", None, 1000, "MW")), "misses"),
    ],
)
def test_what_is_vaguely_named_does_not_misfire(words: str, offer: Listing, outcome: Outcome) -> None:
    assert quantity_fit(words, offer).outcome == outcome


def test_a_side_answers_for_itself_alone() -> None:
    runway = listing(parameter("跑道长度", 2400, 2400, "m"), parameter("跑道宽度", 45, 45, "m"))
    assert quantity_fit("跑道宽度不小于60米", runway).outcome == "misses"
    assert quantity_fit("跑道宽度30米以上", runway).outcome == "meets"
    assert quantity_fit("跑道长度2000米以上", runway).outcome == "meets"
    assert quantity_fit("跑道宽度30米", listing(parameter("跑道长度", 2400, 2400, "m"))).outcome == "unknown"


def test_a_room_of_a_workshop_does_not_say_how_large_it_is() -> None:
    assert quantity_fit("厂房2000平方米", listing(parameter("洁净间面积", 38, 38, "m²"))).outcome == "unknown"
    assert quantity_fit("厂房2000平方米", listing(parameter("洁净间面积", 3800, 3800, "m²"))).outcome == "meets"
    assert quantity_fit("洁净间200平方米", listing(parameter("洁净间面积", 38, 38, "m²"))).outcome == "misses"


def test_what_others_ask_for_is_not_on_offer() -> None:
    assert quantity_fit("洁净厂房2万平方米", listing(parameter("洁净厂房需求", 17000, None, "m2"))).outcome == "unknown"
    asked = listing(summary="入驻团队提出1.7万平方米洁净厂房需求。")
    assert quantity_fit("洁净厂房2万平方米", asked).outcome == "unknown"


def test_a_line_of_some_node_and_above_takes_coarser_ones() -> None:
    line = listing(parameter("工艺节点", 40, None, "nm"))
    assert quantity_fit("55nm工艺", line).outcome == "meets"
    assert quantity_fit("28nm工艺", line).outcome == "misses"


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("5000 L发酵罐", "unknown"),
        ("50000 L发酵罐", "misses"),
        ("发酵罐总容积10000 L", "meets"),
    ],
)
def test_what_all_vessels_hold_together_is_no_vessel(words: str, outcome: Outcome) -> None:
    fit = quantity_fit(words, listing(parameter("发酵罐总容积", None, 23000, "L")))
    assert fit.outcome == outcome


@pytest.mark.parametrize(("made", "outcome"), [(500, "meets"), (9_000, "meets"), (50_000, "unknown")])
def test_a_plant_of_another_scale_leaves_it_open(made: float, outcome: Outcome) -> None:
    fit = quantity_fit("年产50吨", listing(parameter("产能", made, made, "t/年")))
    assert fit.outcome == outcome
    assert fit.evidence is not None


def test_the_vessel_beside_the_sum_answers() -> None:
    offered = listing(parameter("发酵罐总容积", None, 23000, "L"), parameter("单罐容积", None, 5000, "L"))
    assert quantity_fit("5000 L发酵罐", offered).outcome == "meets"
    assert quantity_fit("8000 L发酵罐", offered).outcome == "misses"
