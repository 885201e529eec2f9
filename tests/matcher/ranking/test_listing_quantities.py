from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.listings_file import read_listings
from matcher.ranking.listing_quantities import QuantityFact, parameter_words, quantity_facts
from matcher.records import Listing, Parameter
from tests.matcher.ranking.stated import listing, parameter

LISTINGS = Path(__file__).parents[3] / "datasets" / "listings.jsonl"


def only(offer: Listing, dimension: str) -> QuantityFact:
    found = [fact for fact in quantity_facts(offer) if fact.measure.dimension == dimension]
    assert len(found) == 1
    return found[0]


def test_a_parameter_is_in_the_base_unit_of_its_dimension() -> None:
    fact = only(listing(parameter("发酵罐容积", 0.05, 5, "m³")), "volume")
    assert (fact.low, fact.high) == pytest.approx((50, 5000))
    assert fact.measure.meaning is not None
    assert fact.measure.meaning.id == "volume.fermenter"
    assert fact.evidence.field == "parameters[0]"
    assert fact.evidence.text == "发酵罐容积 0.05–5 m³"


def test_an_open_end_stays_open() -> None:
    fact = only(listing(parameter("单罐体积", None, 300, "L")), "volume")
    assert fact.low == -math.inf
    assert fact.high == pytest.approx(300)
    assert fact.stated == (-math.inf, 300)


def test_words_are_read_with_their_quotation() -> None:
    offer = listing(summary="设有百级车间。配50至5000升发酵罐。", equipment=("1.5万升生物反应器",))
    facts = {fact.evidence.field: fact for fact in quantity_facts(offer) if fact.measure.dimension == "volume"}
    assert facts["summary"].evidence.text in offer.summary
    assert facts["summary"].high == pytest.approx(5000)
    assert facts["equipment[0]"].low == pytest.approx(15_000)


def test_a_number_of_a_parameter_is_not_read_again_from_words() -> None:
    offer = listing(parameter("晶圆尺寸", 8, 8, "英寸"), summary="建有8英寸产线,另有12英寸产线。")
    facts = [fact for fact in quantity_facts(offer) if fact.measure.dimension == "length"]
    assert [(fact.evidence.field, round(fact.high)) for fact in facts] == [("parameters[0]", 200), ("summary", 300)]


def test_a_scale_of_words_is_left_to_the_parameter_that_says_how_much() -> None:
    offer = listing(parameter("产线规模", 100, 100, "MW"), summary="百兆瓦级钙钛矿产线。")
    assert only(offer, "power").stated == (100_000, 100_000)


def test_money_is_no_quantity() -> None:
    offer = listing(parameter("总投资", 3, 3, "亿元"), parameter("机时费", 350, 350, "元/h"), summary="投资5亿元。")
    assert quantity_facts(offer) == ()


def test_what_nobody_can_name_is_left_out_of_words_but_kept_of_parameters() -> None:
    assert quantity_facts(listing(summary="全长3米。")) == ()
    assert len(quantity_facts(listing(parameter("全长", 3, 3, "m")))) == 1


def test_about_is_widened_but_stated_as_it_is() -> None:
    fact = only(listing(summary="发酵罐约500升。"), "volume")
    assert (fact.low, fact.high) == pytest.approx((400, 600))
    assert fact.stated == (500, 500)


def test_a_scale_falls_short_a_decade_further_up() -> None:
    fact = only(listing(summary="可做公斤级原料药。"), "mass")
    assert fact.high == pytest.approx(10)
    assert fact.limit == pytest.approx(100)


def test_other_numbers_fall_short_at_their_end() -> None:
    fact = only(listing(parameter("单罐体积", None, 300, "L")), "volume")
    assert fact.limit == fact.high


def test_plus_minus_is_a_size_to_get_down_to() -> None:
    fact = only(listing(parameter("公差", -0.005, 0.005, "mm")), "length")
    assert (fact.low, fact.high) == (-math.inf, pytest.approx(0.005))


@pytest.mark.parametrize(("low", "high"), [(None, 1000), (1000, None), (1000, 1000)])
def test_a_room_has_the_class_it_names(low: float | None, high: float | None) -> None:
    fact = only(listing(parameter("洁净等级", low, high, "级")), "cleanroom")
    assert (fact.low, fact.high) == pytest.approx((6, 6))


def test_a_yearly_output_is_a_rate() -> None:
    assert only(listing(parameter("中试产能", None, 0.2, "GWh")), "energy_rate").high == pytest.approx(0.2)
    assert only(listing(parameter("二期产能", 500, 500, "t")), "mass_rate").high == pytest.approx(500)


def test_unnamed_litres_are_of_the_vessel_that_the_listing_speaks_of() -> None:
    cells = only(listing(parameter("反应器体积", 200, 200, "L"), capabilities=("抗体原液",)), "volume")
    both = only(listing(parameter("反应器体积", 200, 200, "L"), capabilities=("抗体原液", "发酵")), "volume")
    assert cells.measure.meaning is not None
    assert both.measure.meaning is not None
    assert (cells.measure.meaning.id, both.measure.meaning.id) == ("volume.bioreactor", "volume.reactor")


def test_a_lone_letter_is_no_clean_room() -> None:
    assert all(fact.measure.dimension != "cleanroom" for fact in quantity_facts(listing(summary="基地项目(C区)。")))


def test_an_unknown_unit_is_passed_over() -> None:
    assert quantity_facts(listing(parameter("数", 3, 3, "呎呎"), parameter("空", None, None, "L"))) == ()


@pytest.mark.parametrize(
    ("given_parameter", "words"),
    [
        (Parameter("发酵罐容积", 50, 5000, "L"), "发酵罐容积 50–5000 L"),
        (Parameter("晶圆尺寸", 8, 8, "英寸"), "晶圆尺寸 8 英寸"),
        (Parameter("产能", None, 30, "t/a"), "产能 ≤30 t/a"),
        (Parameter("层高", 6, None, "m"), "层高 ≥6 m"),
        (Parameter("最小线宽", 3, None, "mil"), "最小线宽 3 mil"),
        (Parameter("深宽比", None, None, None), "深宽比"),
    ],
)
def test_parameters_as_words(given_parameter: Parameter, words: str) -> None:
    assert parameter_words(given_parameter) == words


def test_quotations_of_real_listings_stand_in_their_fields() -> None:
    for offer in read_listings(LISTINGS)[::25]:
        for fact in quantity_facts(offer):
            field, _, index = fact.evidence.field.partition("[")
            if field == "parameters":
                assert offer.parameters[int(index[:-1])].name in fact.evidence.text
            else:
                value = getattr(offer, field)
                assert fact.evidence.text in (value[int(index[:-1])] if index else value)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_ends_are_in_order(one: float, other: float) -> None:
    fact = only(listing(parameter("发酵罐容积", one, other, "L")), "volume")
    assert fact.low <= fact.high <= fact.limit
