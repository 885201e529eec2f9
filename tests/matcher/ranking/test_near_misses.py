from __future__ import annotations

import pytest

from matcher.ranking.near_misses import near_miss, requirement_name
from matcher.records import (
    CertificateRequirement,
    Fit,
    Interval,
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
