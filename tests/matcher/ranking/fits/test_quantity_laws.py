"""Laws of the fit of a quantity: units do not matter, more of the same helps, other things are let be."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking.facts import facts_of
from matcher.ranking.fit import assess
from matcher.records import Fit, Interval, Listing, Outcome, Parameter, QuantityRequirement
from tests.matcher.ranking.stated import listing, parameter, quantity_fit

LITRES = st.floats(1, 1e5)
#: Numbers that stand beside a fermenter and never answer for it.
OTHERS = (
    parameter("储罐容积", 9e5, 9e5, "L"),
    parameter("反应釜容积", 1, 1, "L"),
    parameter("占地面积", 300, 300, "亩"),
    parameter("总投资", 5, 5, "亿元"),
    parameter("年产能", 3, 3, "t"),
    parameter("入驻企业", 40, 40, "家"),
)
UNITS = {"L": 1.0, "m³": 1000.0, "升": 1.0, "mL": 1e-3}


def demand(litres: float, *, at_least: bool = True, unit: str = "L", factor: float = 1.0) -> QuantityRequirement:
    low = litres / factor
    return QuantityRequirement(
        text="x",
        dimension="volume",
        interval=Interval(low, math.inf if at_least else low),
        unit=unit,
        role="capacity",
        name="发酵罐",
    )


def fermenter(low: float | None, high: float | None, unit: str = "L") -> Parameter:
    return parameter("发酵罐容积", low, high, unit)


def fit(requirement: QuantityRequirement, offer: Listing) -> Fit:
    return assess([requirement], facts_of(offer))[0]


@settings(max_examples=60, deadline=None)
@given(LITRES, LITRES, st.sampled_from(sorted(UNITS)))
def test_the_unit_of_the_listing_does_not_matter(needed: float, offered: float, unit: str) -> None:
    converted = fermenter(None, offered / UNITS[unit], unit)
    assert (
        fit(demand(needed), listing(converted)).outcome
        == fit(demand(needed), listing(fermenter(None, offered))).outcome
    )


@settings(max_examples=60, deadline=None)
@given(LITRES, LITRES)
def test_the_unit_of_the_need_does_not_matter(needed: float, offered: float) -> None:
    offer = listing(fermenter(None, offered))
    litres, cubic_metres = demand(needed), demand(needed, unit="m^3", factor=1000.0)
    assert fit(litres, offer).outcome == fit(cubic_metres, offer).outcome


@settings(max_examples=60, deadline=None)
@given(LITRES, LITRES, st.lists(st.sampled_from(OTHERS), max_size=4, unique=True), st.booleans())
def test_numbers_of_other_things_change_nothing(
    needed: float, offered: float, others: list[Parameter], at_least: bool
) -> None:
    wanted = demand(needed, at_least=at_least)
    alone = fit(wanted, listing(fermenter(offered, offered)))
    beside = fit(wanted, listing(fermenter(offered, offered), *others))
    assert (alone.outcome, alone.shortfall, alone.factor) == (beside.outcome, beside.shortfall, beside.factor)


@settings(max_examples=60, deadline=None)
@given(LITRES, LITRES, LITRES)
def test_a_second_vessel_never_makes_it_worse(needed: float, first: float, second: float) -> None:
    order: dict[Outcome, int] = {"misses": 0, "unknown": 1, "meets": 2}
    one = fit(demand(needed), listing(fermenter(None, first)))
    both = fit(demand(needed), listing(fermenter(None, first), fermenter(None, second)))
    assert order[both.outcome] >= order[one.outcome]


@settings(max_examples=60, deadline=None)
@given(LITRES, LITRES, st.floats(0, 1e5))
def test_asking_for_less_never_makes_it_worse(needed: float, offered: float, less: float) -> None:
    offer = listing(fermenter(None, offered))
    if fit(demand(needed), offer).outcome == "meets":
        assert fit(demand(max(needed - less, 0.5)), offer).outcome == "meets"


@settings(max_examples=40, deadline=None)
@given(LITRES)
def test_what_is_offered_is_enough_for_itself(litres: float) -> None:
    for offered in (fermenter(litres, litres), fermenter(None, litres), fermenter(litres, None)):
        assert fit(demand(litres), listing(offered)).outcome == "meets"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(OTHERS), max_size=6, unique=True), LITRES)
def test_a_listing_without_a_fermenter_leaves_it_unknown(others: list[Parameter], needed: float) -> None:
    assert fit(demand(needed), listing(*others)).outcome == "unknown"


@pytest.mark.parametrize("name", ["发酵罐", "发酵罐容积", "罐体规模", "种子罐"])
def test_names_of_one_meaning_answer_one_another(name: str) -> None:
    requirement = replace(demand(500), name=name)
    assert fit(requirement, listing(fermenter(50, 5000))).outcome == "meets"


@pytest.mark.parametrize(
    ("words", "offered", "outcome"),
    [
        ("6英寸晶圆", parameter("晶圆尺寸", 150, 150, "mm"), "meets"),
        ("150mm晶圆", parameter("晶圆尺寸", 6, 6, "英寸"), "meets"),
        ("线宽50微米", parameter("最小线宽", 2, None, "mil"), "meets"),
        ("线宽45微米", parameter("最小线宽", 2, None, "mil"), "misses"),
        ("百级洁净室", parameter("洁净等级", 100, 100, "级"), "meets"),
        ("百级洁净室", parameter("洁净等级", 5, 5, "ISO级"), "meets"),
        ("年产36吨", parameter("月产能", 3, 3, "t"), "meets"),
        ("试验压力20MPa", parameter("试验压力", 25_000, 25_000, "kPa"), "meets"),
    ],
)
def test_units_of_the_trade(words: str, offered: Parameter, outcome: Outcome) -> None:
    assert quantity_fit(words, listing(offered)).outcome == outcome
