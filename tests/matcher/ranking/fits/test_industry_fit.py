from __future__ import annotations

import pytest

from matcher.ranking.facts import default_tables, facts_of
from matcher.ranking.fits.industry_fit import FAMILIES, industry_check
from matcher.records import Evidence, Fit, IndustryRequirement, Outcome
from tests.matcher.ranking.stated import listing


def fit(wanted: str, *tags: str) -> Fit:
    requirement = IndustryRequirement(text=wanted, industry=wanted)
    return industry_check(requirement, default_tables().industries)(facts_of(listing(industry=tags)))


@pytest.mark.parametrize(
    ("wanted", "tags", "outcome"),
    [
        ("mems", ("MEMS",), "meets"),
        ("mems", ("半导体",), "unknown"),
        ("degradable-materials", ("新材料",), "unknown"),
        ("degradable-materials", ("PHA", "新材料"), "meets"),
        ("degradable-materials", ("磁性材料",), "unknown"),
        ("new-materials", ("可降解材料",), "meets"),
        ("materials-industry", ("可降解材料",), "meets"),
        ("fuel-cells", ("氢能",), "meets"),
        ("lithium-batteries", ("新能源",), "unknown"),
        ("lithium-batteries", ("信息技术",), "unknown"),
        ("semiconductors", ("信息技术",), "unknown"),
        ("ivd", ("医疗器械",), "unknown"),
        ("pcb", ("柔性电路",), "unknown"),
        ("pcb", ("FPC",), "meets"),
        ("semiconductors", ("MEMS",), "meets"),
        ("solid-state-batteries", ("钠离子电池",), "meets"),
        ("mems", ("通信",), "unknown"),
        ("food", ("半导体",), "misses"),
        ("semiconductors", ("食品",), "misses"),
        ("food", ("检测",), "unknown"),
        ("food", ("半导体", "新材料"), "unknown"),
        ("food", ("半导体", "食品"), "meets"),
        ("medical-devices", ("半导体",), "unknown"),
        ("testing", ("食品",), "unknown"),
        ("food", (), "unknown"),
    ],
)
def test_industries_along_the_tree(wanted: str, tags: tuple[str, ...], outcome: Outcome) -> None:
    assert fit(wanted, *tags).outcome == outcome


def test_a_family_holds_industries_that_the_tree_knows() -> None:
    known = {one.id for one in default_tables().industries}
    assert all(family <= known and len(family) > 1 for family in FAMILIES)


def test_a_broad_industry_above_is_quoted_and_leaves_it_open() -> None:
    found = fit("degradable-materials", "新材料")
    assert (found.outcome, found.note) == ("unknown", "写明的行业:新材料")
    assert found.evidence is not None


def test_near_industries_are_noted() -> None:
    assert fit("solid-state-batteries", "钠离子电池").note == "相近行业:钠离子电池"
    assert fit("mems", "MEMS").note is None


def test_a_miss_says_what_the_listing_is_for() -> None:
    assert fit("food", "半导体").shortfall == "需要食品饮料,供方写明的是半导体及集成电路"


def test_an_unknown_quotes_the_tag() -> None:
    found = fit("mems", "通信")
    assert found.evidence is not None
    assert (found.evidence.field, found.evidence.text, found.note) == ("industry[0]", "通信", "写明的行业:通信")


@pytest.mark.parametrize(
    ("asked", "listed", "note"),
    [
        ("正极材料", {"industry": ("负极材料",)}, "同属“电池材料”"),
        ("正极材料", {"industry": ("正极材料",)}, None),
        ("正极材料", {"industry": ("电池材料",)}, None),
        ("电池材料", {"industry": ("负极材料",)}, None),
        ("正极材料", {"industry": ("新材料",), "capabilities": ("负极材料包覆",)}, "同属“电池材料”"),
        ("正极材料", {"capabilities": ("负极材料包覆",)}, "同属“电池材料”"),
        ("正极材料", {"capabilities": ("正极材料烧结",)}, None),
        ("正极材料", {"industry": ("电池",), "capabilities": ("电池材料",)}, None),
    ],
)
def test_two_words_of_one_industry_are_told_apart(
    asked: str, listed: dict[str, tuple[str, ...]], note: str | None
) -> None:
    requirement = IndustryRequirement(text=asked, industry="battery-materials")
    found = industry_check(requirement, default_tables().industries)(facts_of(listing(**({"industry": ()} | listed))))
    assert (found.outcome, found.note) == ("meets", note)


def test_an_industry_that_nobody_knows_is_unknown() -> None:
    assert fit("no-such", "半导体").note == "不认识的行业 no-such"


@pytest.mark.parametrize(
    ("wanted", "outcome"),
    [
        ("fermentation", "meets"),
        ("biomanufacturing", "meets"),
        ("synthetic-biology", "unknown"),
        ("amino-acids", "unknown"),
        ("semiconductors", "unknown"),
    ],
)
def test_what_is_done_meets_for_itself_and_for_what_is_above(wanted: str, outcome: Outcome) -> None:
    requirement = IndustryRequirement(text=wanted, industry=wanted)
    check = industry_check(requirement, default_tables().industries)
    assert check(facts_of(listing(industry=("新材料",), capabilities=("菌种发酵",)))).outcome == outcome
    assert check(facts_of(listing(capabilities=("菌种发酵",)))).outcome == outcome


def test_the_words_that_say_it_are_quoted_before_a_neighbours_tag() -> None:
    requirement = IndustryRequirement(text="MEMS", industry="mems")
    check = industry_check(requirement, default_tables().industries)
    near = check(facts_of(listing(industry=("晶圆制造",))))
    exact = check(facts_of(listing(industry=("晶圆制造",), capabilities=("MEMS流片",))))
    assert (near.outcome, near.note) == ("meets", "相近行业:芯片设计与晶圆制造")
    assert (exact.outcome, exact.evidence, exact.note) == ("meets", Evidence("capabilities[0]", "MEMS流片"), None)


def test_what_is_done_keeps_no_far_field_from_missing() -> None:
    requirement = IndustryRequirement(text="半导体", industry="semiconductors")
    check = industry_check(requirement, default_tables().industries)
    assert check(facts_of(listing(industry=("食品",), capabilities=("污水处理",)))).outcome == "misses"
