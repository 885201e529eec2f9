"""Kind, stage, budget and deadline."""

from __future__ import annotations

import math

import pytest

from matcher.ranking.facts import facts_of
from matcher.ranking.fits.budget_fit import budget_check
from matcher.ranking.fits.deadline_fit import deadline_check
from matcher.ranking.fits.kind_fit import kind_check
from matcher.ranking.fits.stage_fit import stage_check
from matcher.records import (
    KINDS,
    BudgetRequirement,
    DeadlineRequirement,
    Evidence,
    Fit,
    Interval,
    Kind,
    KindRequirement,
    Outcome,
    Parameter,
    Stage,
    StageRequirement,
)
from tests.matcher.ranking.stated import listing, parameter

HOURLY = parameter("校外机时费", 350, 350, "元/h")
GROUP = parameter("单组收费", 27000, 27000, "元")


@pytest.mark.parametrize("offered", KINDS)
@pytest.mark.parametrize("wanted", KINDS)
def test_kinds_are_equal_or_not(wanted: Kind, offered: Kind) -> None:
    found = kind_check(KindRequirement(text="x", kind=wanted))(facts_of(listing(kind=offered)))
    assert found.outcome == ("meets" if wanted == offered else "misses")
    assert found.evidence == Evidence("kind", offered)


def test_a_wrong_kind_is_said_in_words() -> None:
    found = kind_check(KindRequirement(text="设备", kind="equipment"))(facts_of(listing(kind="manufacturer")))
    assert found.shortfall == "需要中试设备,这是中试代工厂"


def stage_fit(wanted: Stage | None, *services: str) -> Fit:
    return stage_check(StageRequirement(text="x", wanted=wanted))(facts_of(listing(services=services)))


def test_an_offered_stage_meets() -> None:
    assert stage_fit("pilot", "中试熟化").evidence == Evidence("services[0]", "中试熟化")


def test_another_stage_leaves_it_unknown_and_is_quoted() -> None:
    found = stage_fit("production", "检测认证")
    assert (found.outcome, found.note) == ("unknown", "写明的是检测验证,未提量产")


@pytest.mark.parametrize("wanted", [None, "pilot"])
def test_no_stage_said_or_asked_is_unknown(wanted: Stage | None) -> None:
    assert stage_fit(wanted, "投资") == Fit(StageRequirement(text="x", wanted=wanted), "unknown")


def budget_fit(yuan: float, *parameters: Parameter) -> Fit:
    requirement = BudgetRequirement(text="x", interval=Interval(max=yuan))
    return budget_check(requirement)(facts_of(listing(*parameters)))


@pytest.mark.parametrize(
    ("yuan", "parameters", "outcome"),
    [
        (5000, (HOURLY,), "meets"),
        (300, (HOURLY,), "misses"),
        (1000, (HOURLY,), "unknown"),
        (200_000, (GROUP,), "unknown"),
        (300_000, (GROUP,), "meets"),
        (20_000, (HOURLY, GROUP), "unknown"),
        (300, (HOURLY, GROUP), "misses"),
        (300, (parameter("投资额", 5, 5, "亿元"),), "unknown"),
        (300, (), "unknown"),
    ],
)
def test_budgets_against_prices(yuan: float, parameters: tuple[Parameter, ...], outcome: Outcome) -> None:
    assert budget_fit(yuan, *parameters).outcome == outcome


def test_a_budget_too_small_says_the_price() -> None:
    found = budget_fit(9000, GROUP)
    assert (found.shortfall, found.factor) == ("预算 9000 元,写明的收费为 2.7 万元/组", pytest.approx(3))


def test_a_budget_with_a_floor_only_is_that_floor() -> None:
    requirement = BudgetRequirement(text="x", interval=Interval(min=5000))
    assert budget_check(requirement)(facts_of(listing(HOURLY))).outcome == "meets"


def test_no_budget_left_has_no_ratio() -> None:
    found = budget_fit(0, HOURLY)
    assert (found.outcome, found.factor) == ("misses", None)


def deadline_fit(days: float, *parameters: Parameter) -> Fit:
    requirement = DeadlineRequirement(text="x", interval=Interval(max=days))
    return deadline_check(requirement)(facts_of(listing(*parameters)))


@pytest.mark.parametrize(
    ("days", "offered", "outcome"),
    [
        (14, parameter("样品交期", None, 10, "天"), "meets"),
        (3, parameter("交付周期", None, 72, "h"), "meets"),
        (5, parameter("样品交期", None, 10, "天"), "unknown"),
        (5, parameter("样品交期", 10, 15, "天"), "misses"),
        (5, parameter("打样周期", 3, None, "天"), "meets"),
        (2, parameter("打样周期", 3, None, "天"), "misses"),
        (5, parameter("建设周期", 10, 15, "天"), "unknown"),
        (5, parameter("DFM反馈", None, 24, "h"), "unknown"),
        (5, parameter("累计服务", 10, 10, "h"), "unknown"),
    ],
)
def test_deadlines_against_lead_times(days: float, offered: Parameter, outcome: Outcome) -> None:
    assert deadline_fit(days, offered).outcome == outcome


def test_a_deadline_too_short_says_the_lead_time() -> None:
    found = deadline_fit(5, parameter("样品交期", 10, 15, "天"))
    assert (found.shortfall, found.factor) == ("需要 5 天内,最快 10 天", pytest.approx(0.5))


def test_the_quickest_of_several_lead_times_counts() -> None:
    slow, quick = parameter("多层交期", 14, 14, "天"), parameter("标准交期", 7, 7, "天")
    found = deadline_fit(10, slow, quick)
    assert (found.outcome, found.note) == ("meets", "写明标准交期 7 天")


def test_an_endless_deadline_is_met_by_any_lead_time() -> None:
    assert deadline_fit(math.inf, parameter("样品交期", 10, 15, "天")).outcome == "meets"
