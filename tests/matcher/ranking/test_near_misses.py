from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.ranking.near_misses import near_miss, requirement_name, worth_showing
from matcher.records import (
    CertificateRequirement,
    Fit,
    Interval,
    Match,
    PlaceRequirement,
    QuantityRequirement,
    Requirement,
    StageRequirement,
)
from matcher.understanding.quantities import read_quantities
from tests.matcher.small import LISTINGS

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


def test_weak_near_misses_are_left_out_where_others_are_better() -> None:
    better, weak = Match(1, 1.0, "possible", LISTINGS[0]), Match(1, 1.0, "weak", LISTINGS[0])
    assert worth_showing([weak, better, weak]) == (better,)
    assert worth_showing([weak, weak]) == (weak, weak)
    assert worth_showing([]) == ()


def test_counted_things_are_named() -> None:
    (layers,) = read_quantities("12层线路板")
    assert requirement_name(layers) == "线路板层数"
    assert requirement_name(replace(layers, name=None)) == "层数"
