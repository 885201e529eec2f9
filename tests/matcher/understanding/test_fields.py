"""Structured fields as requirements, and what is refused of them."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.records import (
    BudgetRequirement,
    CertificateRequirement,
    DeadlineRequirement,
    IndustryRequirement,
    Need,
    Parameter,
    PlaceRequirement,
    QuantityRequirement,
    StageRequirement,
)
from matcher.understanding.certificates import default_certificates
from matcher.understanding.fields import FieldReader, Vocabulary, parameter_text
from matcher.understanding.industries import Industries
from matcher.understanding.places import default_regions

TODAY = date(2025, 7, 1)
VOCABULARY = Vocabulary(default_regions(), default_certificates(), Industries.load())


def read(need: Need, *, strict: bool = True) -> FieldReader:
    reader = FieldReader(VOCABULARY, TODAY, strict)
    reader.read(need)
    return reader


def test_every_field_gives_its_requirement() -> None:
    need = Need(
        text="",
        places=("东莞附近",),
        industry=("半导体",),
        parameters=(Parameter("发酵罐容积", 500, None, "升"),),
        certificates=("GMP",),
        stage="小试→中试",
        budget_wan=50,
        deadline="三个月内",
    )
    found = {type(one): one for one in read(need).requirements}
    quantity = found[QuantityRequirement]
    assert isinstance(quantity, QuantityRequirement)
    assert (quantity.text, quantity.interval.min, quantity.unit) == ("发酵罐容积 ≥500 升", 500, "L")
    assert (quantity.role, quantity.name) == ("capacity", "发酵罐容积")
    place = found[PlaceRequirement]
    assert isinstance(place, PlaceRequirement)
    assert (place.code, place.near) == ("441900", True)
    budget = found[BudgetRequirement]
    assert isinstance(budget, BudgetRequirement)
    assert budget.interval.max == 500_000
    deadline = found[DeadlineRequirement]
    assert isinstance(deadline, DeadlineRequirement)
    assert deadline.interval.max == 90
    assert {CertificateRequirement, IndustryRequirement, StageRequirement} < set(found)


def test_where_the_requester_is_is_no_condition() -> None:
    assert read(Need(text="", province="广东省", city="东莞市")).requirements == []


@pytest.mark.parametrize(
    ("need", "field"),
    [
        (Need(text="", places=("东莞", "亚特兰蒂斯")), "places[1]"),
        (Need(text="", certificates=("这不是资质",)), "certificates[0]"),
        (Need(text="", parameters=(Parameter("容积", 1, 2, "呎吋"),)), "parameters[0]"),
        (Need(text="", parameters=(Parameter("容积", 5, 2, "L"),)), "parameters[0]"),
        (Need(text="", parameters=(Parameter("容积", math.nan, None, "L"),)), "parameters[0]"),
        (Need(text="", parameters=(Parameter("容积", 1, math.inf, "L"),)), "parameters[0]"),
        (Need(text="", stage="随便"), "stage"),
        (Need(text="", budget_wan=-1), "budget_wan"),
        (Need(text="", budget_wan=math.nan), "budget_wan"),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(need: Need, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(need)
    assert refusal.value.field == field
    assert refusal.value.hint


@pytest.mark.parametrize(
    "need",
    [
        Need(text="", places=("亚特兰蒂斯",)),
        Need(text="", certificates=("这不是资质",)),
        Need(text="", parameters=(Parameter("容积", 1, 2, "呎吋"),)),
        Need(text="", stage="随便"),
        Need(text="", deadline="尽快"),
    ],
)
def test_a_lenient_reader_notes_it_instead(need: Need) -> None:
    reader = read(need, strict=False)
    assert reader.requirements == []
    assert "未作为条件" in reader.notes[0]


def test_a_lenient_reader_still_refuses_reversed_ends() -> None:
    with pytest.raises(InvalidInput, match="下限 5 大于上限 2"):
        read(Need(text="", parameters=(Parameter("容积", 5, 2, "L"),)), strict=False)


@pytest.mark.parametrize(
    "need",
    [
        Need(text="", parameters=(Parameter("容积"),)),
        Need(text="", parameters=(Parameter("批次", 3, 3),)),
        Need(text="", budget_wan=0),
        Need(text="", stage="未知"),
        Need(text="", industry=("没有这个行业",)),
    ],
)
def test_what_says_nothing_is_passed_over(need: Need) -> None:
    reader = read(need)
    assert (reader.requirements, reader.notes) == ([], [])


def test_one_industry_under_two_names_counts_once() -> None:
    assert len(read(Need(text="", industry=("半导体", "半导体"))).requirements) == 1


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (Parameter("容积", 50, 5000, "L"), "容积 50–5000 L"),
        (Parameter("容积", 50, 50, "L"), "容积 50 L"),
        (Parameter("容积", None, 50, "L"), "容积 ≤50 L"),
        (Parameter("深宽比", 10, None, ""), "深宽比 ≥10"),
    ],
)
def test_parameter_text(parameter: Parameter, text: str) -> None:
    assert parameter_text(parameter) == text


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.sampled_from(["L", "升", "mL", "m³"]))
@settings(max_examples=60, deadline=None)
def test_ends_keep_their_order(one: float, other: float, unit: str) -> None:
    low, high = sorted((one, other))
    (quantity,) = read(Need(text="", parameters=(Parameter("容积", low, high, unit),))).requirements
    assert isinstance(quantity, QuantityRequirement)
    assert 0 <= quantity.interval.min <= quantity.interval.max
