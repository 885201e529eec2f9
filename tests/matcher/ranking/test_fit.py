from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.listings_file import read_listings
from matcher.ranking.facts import ListingFacts, default_tables, facts_of, facts_of_all
from matcher.ranking.fit import assess, assess_each, check_for, checks_for
from matcher.records import Fit, KindRequirement, Need, Requirement, StageRequirement
from matcher.understanding.reading import Reader
from tests.matcher.ranking.stated import listing, parameter

LISTINGS = Path(__file__).parents[3] / "datasets" / "listings.jsonl"
WORDS = (
    "找东莞附近的中试平台,500 L以上发酵罐,8英寸晶圆,必须GMP,预算50万以内,两周内交付样品,做生物医药,"
    "环境温度-40~85℃,万级洁净车间,年产30吨,能量密度400Wh/kg"
)


@pytest.fixture(scope="module")
def requirements() -> tuple[Requirement, ...]:
    return Reader.load().read(Need(text=WORDS), date(2025, 6, 1)).requirements


@pytest.fixture(scope="module")
def facts() -> tuple[ListingFacts, ...]:
    return facts_of_all(read_listings(LISTINGS)[::40])


def test_every_type_of_requirement_is_assessed(requirements: tuple[Requirement, ...]) -> None:
    types = {requirement.type for requirement in requirements}
    assert types == {"place", "quantity", "certificate", "budget", "deadline", "industry", "stage", "kind"}


def test_one_fit_per_requirement_in_their_order(
    requirements: tuple[Requirement, ...], facts: tuple[ListingFacts, ...]
) -> None:
    for stated in facts:
        assert [fit.requirement for fit in assess(requirements, stated)] == list(requirements)


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_requirements_does_not_matter(random) -> None:  # type: ignore[no-untyped-def]  # a hypothesis Random
    requirements = list(Reader.load().read(Need(text=WORDS), date(2025, 6, 1)).requirements)
    offer = facts_of(listing(parameter("发酵罐容积", 50, 300, "L"), city="东莞市", province="广东省", kind="equipment"))
    straight = {fit.requirement: fit for fit in assess(requirements, offer)}
    random.shuffle(requirements)
    assert {fit.requirement: fit for fit in assess(requirements, offer)} == straight


def test_a_silent_listing_leaves_all_but_its_kind_unknown(requirements: tuple[Requirement, ...]) -> None:
    for fit in assess(requirements, facts_of(listing(name="甲"))):
        if fit.requirement.type != "kind":
            assert fit == Fit(fit.requirement, "unknown", note=fit.note)
            assert fit.evidence is None


def test_misses_have_words_and_others_have_none(
    requirements: tuple[Requirement, ...], facts: tuple[ListingFacts, ...]
) -> None:
    for fits in assess_each(requirements, facts):
        for fit in fits:
            assert (fit.shortfall is not None) == (fit.outcome == "misses")
            assert fit.outcome == "unknown" or fit.evidence is not None


def test_loops_give_what_single_calls_give(
    requirements: tuple[Requirement, ...], facts: tuple[ListingFacts, ...]
) -> None:
    singles = [assess(requirements, stated) for stated in facts]
    checks = checks_for(requirements)
    assert assess_each(requirements, facts) == singles
    assert [tuple(check(stated) for check in checks) for stated in facts] == singles


def test_no_requirements_no_fits() -> None:
    assert assess([], facts_of(listing())) == ()


def test_a_type_that_nobody_knows_is_unknown() -> None:
    class Odd(Requirement):
        type = "odd"

    odd = Odd(text="?")
    assert check_for(odd, default_tables())(facts_of(listing())) == Fit(odd, "unknown")


def test_equal_requirements_have_equal_fits() -> None:
    wanted = KindRequirement(text="平台", kind="platform")
    first, second = assess([wanted, KindRequirement(text="平台", kind="platform")], facts_of(listing()))
    assert first == second


def test_a_stage_of_which_only_the_present_is_said_is_unknown() -> None:
    (fit,) = assess([StageRequirement(text="小试", now="lab")], facts_of(listing(services=("中试",))))
    assert fit.outcome == "unknown"
