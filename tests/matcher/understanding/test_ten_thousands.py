"""W behind a number is money where the words are of money, a watt elsewhere, and never both."""

from __future__ import annotations

import pytest

from matcher.understanding.budgets import read_budgets
from matcher.understanding.quantities import read_quantities


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("50W预算", 500_000),
        ("三十W预算", 300_000),
        ("预算30W", 300_000),
        ("预算30w以内", 300_000),
        ("30w以内", 300_000),
        ("30W以内", 300_000),
        ("做样件,30w以内,东莞", 300_000),
        ("总共不超过50W", 500_000),
        ("大概5w块钱", 50_000),
    ],
)
def test_is_money(text: str, yuan: float) -> None:
    (budget,) = read_budgets(text)
    assert budget.interval.max == yuan
    assert all(quantity.dimension == "money" for quantity in read_quantities(text))


@pytest.mark.parametrize(
    "text",
    [
        "50W电源",
        "功率30W以内",
        "激光器功率50W以内",
        "30W以内的激光器",
        "激光器,不超过50W",
        "待机,30W以下",
        "预算20万,功率50W",
        "预算20万 50W电源",
        "30W台灯",
    ],
)
def test_is_a_power(text: str) -> None:
    assert [quantity.dimension for quantity in read_quantities(text) if "W" in quantity.text] == ["power"]
    assert all("W" not in budget.text for budget in read_budgets(text))
