"""Records as JSON values: nothing infinite, nothing unasked for."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from matcher.answers import answer_json, listing_json, requirement_json
from matcher.records import (
    BudgetRequirement,
    CertificateRequirement,
    DeadlineRequirement,
    Evidence,
    Fit,
    IndustryRequirement,
    Interval,
    KindRequirement,
    Listing,
    Match,
    Matches,
    Need,
    Parameter,
    PlaceRequirement,
    QuantityRequirement,
    Question,
    Reason,
    Requirement,
    StageRequirement,
)

VOLUME = QuantityRequirement(
    text="不低于500升", start=4, end=10, dimension="volume", interval=Interval(min=500), unit="L", role="capacity"
)
LISTING = Listing("EQ-1", "equipment", "发酵罐", industry=("生物医药",), parameters=(Parameter("容积", 50, 300, "L"),))


def test_a_quantity_as_the_command_line_contract_has_it() -> None:
    values = requirement_json(VOLUME)
    expected: dict[str, Any] = {
        "type": "quantity",
        "text": "不低于500升",
        "start": 4,
        "end": 10,
        "dimension": "volume",
        "min": 500,
        "max": None,
        "unit": "L",
        "role": "capacity",
    }
    assert expected.items() <= values.items()


@pytest.mark.parametrize(
    "requirement",
    [
        VOLUME,
        PlaceRequirement(text="东莞", code="441900", name="东莞市"),
        CertificateRequirement(text="GMP", certificate="gmp"),
        IndustryRequirement(text="半导体", industry="semiconductor"),
        StageRequirement(text="小试", now="lab"),
        BudgetRequirement(text="200万以内", interval=Interval(max=2e6)),
        DeadlineRequirement(text="6个月内", interval=Interval(max=180)),
        KindRequirement(text="代工厂", kind="manufacturer"),
        CertificateRequirement(text="无", certificate="gmp", strength="must"),
    ],
)
def test_every_requirement_is_plain_json_with_its_type(requirement: Requirement) -> None:
    values = requirement_json(requirement)
    assert values["type"] == requirement.type
    assert values["text"] == requirement.text
    assert values["strength"] == requirement.strength
    assert json.loads(json.dumps(values, allow_nan=False)) == values


def test_an_open_interval_has_null_ends() -> None:
    values = requirement_json(BudgetRequirement(text="不限", interval=Interval(-math.inf, math.inf)))
    assert (values["min"], values["max"]) == (None, None)


def test_a_listing_says_all_that_is_public_and_its_kind_in_chinese() -> None:
    values = listing_json(LISTING)
    assert values["kind_name"] == "中试设备"
    assert values["operator"] is None
    assert values["parameters"] == [{"name": "容积", "min": 50, "max": 300, "unit": "L"}]
    assert json.loads(json.dumps(values)) == values


def test_an_answer_is_whole() -> None:
    fit = Fit(VOLUME, "misses", "需要 ≥500 L,只有 300 L", 5 / 3, Evidence("parameters[0]", "容积 50–300 L"))
    match = Match(1, 0.123456, "weak", LISTING, (fit,), (Reason("同为发酵", "words", None),), features={"private": 1.0})
    answer = answer_json(
        Matches(
            need=Need("找一个不低于500升的罐"),
            requirements=(VOLUME,),
            matches=(match,),
            near_misses=(match,),
            coverage="none",
            questions=(Question("什么行业?", "industry", ("化工",)),),
            profile="default",
            profile_version="3",
            removed={"place": 4},
            notes=("没有完全合适的",),
            took_ms=12.345,
        )
    )
    (first,) = answer["matches"]
    assert answer["near_misses"] == [first]
    assert (first["rank"], first["score"], first["grade"]) == (1, 0.1235, "weak")
    assert first["fits"][0]["shortfall"] == "需要 ≥500 L,只有 300 L"
    assert first["fits"][0]["evidence"] == {"field": "parameters[0]", "text": "容积 50–300 L"}
    assert first["reasons"] == [{"text": "同为发酵", "feature": "words", "evidence": None}]
    assert answer["need"]["requirements"] == [requirement_json(VOLUME)]
    assert answer["questions"] == [{"text": "什么行业?", "type": "industry", "suggestions": ["化工"]}]
    assert (answer["removed"], answer["notes"], answer["took_ms"]) == ({"place": 4}, ["没有完全合适的"], 12.3)
    assert answer["profile"] == {"name": "default", "version": "3"}
    assert "private" not in json.dumps(answer)
