"""Groups that the gate looks at: nobody falls between, and answers of small operators are counted by themselves."""

from __future__ import annotations

from dataclasses import replace

from matcher.evaluation.gate_groups import GROUP_NEEDS, groups_of
from matcher.evaluation.judged_sets import JudgedSet
from matcher.ranking.facts import default_tables
from matcher.records import Listing
from tests.matcher.evaluation.small_judged import judged_set, needs
from tests.matcher.small import LISTINGS

REGIONS = default_tables().regions
OPERATED = (
    Listing(id="A", kind="platform", name="甲", operator="大院"),
    Listing(id="B", kind="equipment", name="乙", operator="大院"),
    Listing(id="C", kind="platform", name="丙", operator="小所"),
    Listing(id="D", kind="platform", name="丁"),
)


def judged(foods: int, count: int = 40) -> JudgedSet:
    return judged_set(needs(count), {str(need.id): {"PF-1": 3, "EQ-1": 1} for need in needs(count)}, foods)


def values(found: JudgedSet, dimension: str) -> dict[str, int]:
    groups = groups_of(found, LISTINGS, REGIONS)
    return {one.value: len(one.need_ids) for one in groups if one.dimension == dimension}


def test_each_dimension_holds_every_need_once() -> None:
    found = judged(foods=12)
    assert values(found, "industry") == {"化工": 28, "食品": 12}
    assert values(found, "wording") == {"explicit": 20, "vague": 20}
    assert values(found, "kind") == {"platform": 40}
    assert values(found, "region") == {"广东省": 40}


def test_small_groups_are_looked_at_together() -> None:
    found = judged(foods=GROUP_NEEDS - 1)
    assert values(found, "industry") == {"化工": 31, "other": 9}
    assert values(judged(foods=GROUP_NEEDS), "industry") == {"化工": 30, "食品": 10}


def test_provinces_are_one_however_they_are_written_and_unknown_ones_kept() -> None:
    found = judged(foods=0)
    mixed = [replace(need, province=("广东", "广东省", "Atlantis", None)[n % 4]) for n, need in enumerate(found.needs)]
    assert values(replace(found, needs=tuple(mixed)), "region") == {"广东省": 20, "Atlantis": 10}


def test_needs_without_an_answer_are_in_none() -> None:
    found = judged_set(needs(20), {str(need.id): {"PF-1": 1} for need in needs(20)})
    assert groups_of(found, LISTINGS, REGIONS) == ()


def test_only_listings_of_operators_with_few_count() -> None:
    grades = {"N1": {"A": 3, "C": 2}, "N2": {"A": 3, "D": 3}, "N3": {"C": 1, "B": 2}}
    found = judged_set([replace(need, id=f"N{n}") for n, need in enumerate(needs(3), 1)], grades)
    (group,) = [one for one in groups_of(found, OPERATED, REGIONS) if one.dimension == "operators"]
    assert (group.need_ids, group.counted) == (frozenset({"N1"}), frozenset({"C"}))
    assert group.grades(found.judgements).grades == {"N1": {"A": 0, "C": 2}}
