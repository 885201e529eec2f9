"""What one piece may cost is told from what can be spent in all."""

from __future__ import annotations

import pytest

from matcher.understanding.budgets import read_budgets
from matcher.understanding.unit_prices import is_unit_price


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("单价不超过", "元"),
        ("每件", "以内"),
        ("每公斤不超过", ""),
        ("单台", ""),
        ("", "/件"),
        ("", "/ kg以内"),
        ("", "每片"),
        ("under $", " per piece"),
        ("", " each"),
        ("unit price below $", ""),
        ("", "一件"),
    ],
)
def test_knows_the_price_of_a_piece(before: str, after: str) -> None:
    assert is_unit_price(before, after, budgeted=False)


@pytest.mark.parametrize(
    ("before", "after"), [("每批", ""), ("每次", ""), ("", "/批"), ("总价", ""), ("", "左右"), ("", "做一件样机")]
)
def test_leaves_sums_alone(before: str, after: str) -> None:
    assert not is_unit_price(before, after, budgeted=False)


def test_a_budget_for_one_machine_is_a_budget() -> None:
    assert not is_unit_price("预算", "一台", budgeted=True)


@pytest.mark.parametrize(
    "text",
    [
        "单价不超过50元/件,数量3000件 注塑",
        "每件50元以内",
        "单价50元",
        "50元/件以内",
        "预算50元/件",
        "price under $50 per piece",
    ],
)
def test_no_budget_is_read_from_it(text: str) -> None:
    assert read_budgets(text) == []


@pytest.mark.parametrize("text", ["预算200万,单价50元以内", "预算200万元,每件50元以内"])
def test_the_budget_beside_it_stays(text: str) -> None:
    (budget,) = read_budgets(text)
    assert budget.interval.max == 2_000_000
