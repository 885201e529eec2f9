from __future__ import annotations

from pathlib import Path

import pytest

from matcher.catalogue.listings_file import read_listings
from matcher.ranking.facts import default_tables, facts_of, facts_of_all
from matcher.records import Evidence
from tests.matcher.ranking.stated import listing, parameter

LISTINGS = Path(__file__).parents[3] / "datasets" / "listings.jsonl"


def test_nothing_stated_is_nothing_known() -> None:
    facts = facts_of(listing())
    assert (facts.place, facts.holdings, facts.lacking, facts.quantities) == (None, (), {}, {})
    assert (facts.industries, facts.stages, facts.fees) == (frozenset(), {}, ())
    assert facts.place_evidence is None
    assert facts.industry_tags == {}


def test_places_are_as_exact_as_the_listing() -> None:
    city = facts_of(listing(province="广东省", city="东莞市"))
    province = facts_of(listing(province="广东省"))
    assert (city.place, city.place_evidence) == ("441900", Evidence("city", "东莞市"))
    assert (province.place, province.place_evidence) == ("440000", Evidence("province", "广东省"))


def test_an_unknown_place_is_none() -> None:
    facts = facts_of(listing(province="某某国", city="某某城"))
    assert facts.place is None
    assert facts.place_evidence is None


def test_certificates_held_and_planned() -> None:
    facts = facts_of(listing(qualifications=("GMP", "CNAS(申请中)")))
    assert [(held.certificate, held.status) for held in facts.holdings] == [("gmp", "held"), ("cnas", "planned")]


@pytest.mark.parametrize("words", ["不具备GMP条件", "尚无GMP证书", "未取得GMP"])
def test_a_stated_lack_is_kept_with_its_words(words: str) -> None:
    facts = facts_of(listing(summary=f"可做小试,{words},欢迎合作。"))
    assert "gmp" in facts.lacking
    assert facts.lacking["gmp"].text in words
    assert facts.holdings == ()


def test_no_other_shortage_is_a_lack() -> None:
    assert facts_of(listing(summary="没有厂房,已通过GMP。")).lacking == {}


def test_numbers_stand_by_dimension() -> None:
    facts = facts_of(listing(parameter("发酵罐容积", 50, 5000, "L"), parameter("晶圆尺寸", 8, 8, "英寸")))
    assert set(facts.quantities) == {"volume", "length"}


def test_industries_stages_and_fees_are_read() -> None:
    facts = facts_of(listing(parameter("机时费", 350, 350, "元/h"), industry=("半导体",), services=("中试流片",)))
    assert facts.industries == {"semiconductors"}
    assert Evidence("industry[0]", "半导体") in facts.industry_tags.values()
    assert "pilot" in facts.stages
    assert facts.fees[0].low == 350


def test_a_catalogue_keeps_its_order_and_tells_how_far_it_is() -> None:
    listings = read_listings(LISTINGS)[:7]
    told: list[tuple[int, int]] = []
    found = facts_of_all(listings, default_tables(), lambda done, total: told.append((done, total)))
    assert [facts.id for facts in found] == [one.id for one in listings]
    assert told == [(7, 7)]
    assert found == tuple(facts_of(one) for one in listings)
