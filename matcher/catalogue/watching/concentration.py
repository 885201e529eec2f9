"""How unequally something is shared out."""

from __future__ import annotations

from collections.abc import Collection

TOP = 10


def gini(values: Collection[int]) -> float | None:
    """The Gini coefficient of amounts ≥ 0: 0 where all have the same, (n − 1)/n where one of n has everything.

    With amounts x₁ ≤ … ≤ xₙ it is Σ (2i − n − 1) xᵢ / (n Σ xᵢ): half the mean absolute difference of two amounts, over
    the mean (Sen, On Economic Inequality, 1973; by ordered amounts as in Damgaard and Weiner, Ecology 81, 2000). None
    where there is nothing to share.
    """
    ordered = sorted(values)
    count, total = len(ordered), sum(ordered)
    if not total:
        return None
    return sum((2 * place - count - 1) * value for place, value in enumerate(ordered, 1)) / (count * total)


def top_share(values: Collection[int], top: int = TOP) -> float | None:
    """The part, 0 to 1, that the `top` largest amounts are of the sum; None where there is nothing to share."""
    total = sum(values)
    return sum(sorted(values)[-top:]) / total if total else None
