"""What an operator could add, counted over needs that the listing could answer."""

from __future__ import annotations

from typing import Any

from matcher.fitting import FittingNeed
from matcher.need_advice import MissingField, missing_fields
from matcher.records import (
    BudgetRequirement,
    CertificateRequirement,
    DeadlineRequirement,
    Evidence,
    Fit,
    IndustryRequirement,
    Interval,
    KindRequirement,
    Need,
    Outcome,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
)

GMP = CertificateRequirement(text="GMP", certificate="gmp")
VOLUME = QuantityRequirement(
    text="500 L发酵罐", dimension="volume", interval=Interval(min=500), unit="L", name="发酵罐容积"
)


def one(*requirements: Requirement, outcome: Outcome = "unknown", **more: Any) -> FittingNeed:
    fits = tuple(Fit(requirement, outcome) for requirement in requirements)
    values = {"score": 1.0, "grade": "weak", "best": "possible", "is_wanted": True, "removal": None} | more
    return FittingNeed(need=Need("x"), fits=fits, **values)


def test_needs_are_counted_once_each_most_asked_for_first() -> None:
    gmp_too = CertificateRequirement(text="药品GMP", certificate="gmp")
    found = missing_fields([one(GMP, VOLUME), one(GMP, GMP), one(gmp_too)])
    assert found == [
        MissingField("qualifications", "GMP", "3 个需求提到“GMP”,条目没有写明", 3),
        MissingField("parameters", "发酵罐容积", "1 个需求提到“发酵罐容积”,条目没有写明", 1),
    ]


def test_every_kind_of_condition_names_the_field_that_answers_it() -> None:
    wide = Interval()
    requirements = (
        GMP,
        VOLUME,
        PlaceRequirement(text="东莞", code="441900", name="东莞市"),
        IndustryRequirement(text="食品", industry="food"),
        StageRequirement(text="小试→中试", now="lab", wanted="pilot"),
        BudgetRequirement(text="200万", interval=wide),
        DeadlineRequirement(text="6个月", interval=wide),
        KindRequirement(text="平台", kind="platform"),
    )
    fields = {advice.field for advice in missing_fields([one(*requirements)])}
    assert fields == {
        "qualifications", "parameters", "province", "industry", "services", "terms.fees", "terms.lead_days",
    }  # fmt: skip


def test_what_is_said_or_can_not_be_answered_counts_not() -> None:
    said = FittingNeed(
        Need("x"), 1.0, "strong", "strong", True, None, (Fit(GMP, "unknown", evidence=Evidence("summary", "药")),)
    )
    others = [
        one(GMP, outcome="meets"),
        one(GMP, outcome="misses"),
        one(GMP, best="weak"),
        one(GMP, is_wanted=False),
        one(GMP, removal="不符合"),
        said,
    ]
    assert missing_fields(others) == missing_fields([]) == []
