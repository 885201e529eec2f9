from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking.near_misses import near_miss, relaxation, requirement_name
from matcher.records import (
    CertificateRequirement,
    Fit,
    Interval,
    Outcome,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
)

VOLUME = QuantityRequirement(
    text="500 L以上", dimension="volume", interval=Interval(min=500), unit="L", role="capacity"
)
PLACE = PlaceRequirement(text="东莞", code="441900", name="东莞市")
GMP = CertificateRequirement(text="GMP", certificate="gmp")
SHORT = Fit(VOLUME, "misses", "需要 500 L,最大 300 L", 5 / 3)
SHORTER = Fit(VOLUME, "misses", "需要 500 L,最大 50 L", 10.0)
BIG = Fit(VOLUME, "meets")
AWAY = Fit(PLACE, "misses", "需要东莞市,位于上海市")
THERE = Fit(PLACE, "meets")
HELD = Fit(GMP, "meets")
UNSAID = Fit(GMP, "unknown")


def test_all_but_one() -> None:
    assert near_miss([SHORT, THERE, HELD]) == "除容积外均符合:需要 500 L,最大 300 L"


def test_what_is_not_said_is_not_called_met() -> None:
    assert near_miss([SHORT, THERE, UNSAID]) == "除容积外其余写明的均符合:需要 500 L,最大 300 L(另有 1 项未写明)"


@pytest.mark.parametrize("fits", [[], [BIG, THERE], [SHORT, AWAY, HELD], [SHORT], [SHORT, UNSAID], [UNSAID]])
def test_no_near_miss(fits: list[Fit]) -> None:
    assert near_miss(fits) is None


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        (VOLUME, "容积"),
        (QuantityRequirement(text="x", dimension="volume", interval=Interval(), unit="L", name="发酵罐"), "发酵罐容积"),
        (QuantityRequirement(text="x", dimension="length", interval=Interval(), unit="mm", name="板厚"), "板厚"),
        (QuantityRequirement(text="x", dimension="length", interval=Interval(), unit="mm", name="晶圆"), "晶圆尺寸"),
        (QuantityRequirement(text="x", dimension="viscosity", interval=Interval(), unit="Pa*s"), "参数"),
        (PLACE, "地点"),
        (GMP, "资质"),
        (StageRequirement(text="x", wanted="pilot"), "中试阶段"),
        (StageRequirement(text="x"), "阶段"),
    ],
)
def test_conditions_have_short_names(requirement: Requirement, name: str) -> None:
    assert requirement_name(requirement) == name


def test_the_condition_that_opens_most_is_named_with_the_nearest_offer() -> None:
    found = relaxation([[SHORTER, THERE], [SHORT, THERE], [BIG, AWAY], [BIG, THERE], [SHORT, AWAY]])
    assert found is not None
    assert (found.requirement, found.opened) == (VOLUME, 2)
    assert "放宽容积(“500 L以上”)" in found.text
    assert "另有 2 个条目" in found.text
    assert found.text.endswith("需要 500 L,最大 300 L")


def test_no_offer_is_called_nearest_where_nothing_is_measured() -> None:
    found = relaxation([[BIG, AWAY]])
    assert found is not None
    assert found.text == "若放宽地点(“东莞”),另有 1 个条目符合其余写明的条件"


def test_a_tie_goes_to_the_condition_that_stands_first() -> None:
    found = relaxation([[BIG, AWAY], [SHORT, THERE]])
    assert found is not None
    assert found.requirement is VOLUME


@pytest.mark.parametrize("candidates", [[], [[BIG, THERE]], [[SHORT, AWAY]], [[]], [[SHORT, UNSAID]]])
def test_nothing_to_relax(candidates: list[list[Fit]]) -> None:
    assert relaxation(candidates) is None


outcomes = st.sampled_from(["meets", "misses", "unknown"])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(outcomes, outcomes, outcomes), max_size=12))
def test_what_is_opened_misses_that_condition_alone(rows: list[tuple[Outcome, Outcome, Outcome]]) -> None:
    wanted = (VOLUME, PLACE, GMP)
    candidates = [[Fit(one, outcome) for one, outcome in zip(wanted, row, strict=True)] for row in rows]
    found = relaxation(candidates)
    alone = [row for row in rows if row.count("misses") == 1 and "meets" in row]
    counts = [sum(row[i] == "misses" for row in alone) for i in range(3)]
    assert (found.opened if found else 0) == max(counts)
