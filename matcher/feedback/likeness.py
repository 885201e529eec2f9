"""How alike two rankings are: three measures, each 1 for two that are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

#: Rows that a requester looks at.
DEPTH = 10
#: How patient the reader of rank-biased overlap is: with 0.9 the first ten rows carry 86 % of the weight.
PATIENCE = 0.9


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of two rankings.

    Attributes:
        overlap: share of rows that the first ten have in common. rank_biased: see `rank_biased_overlap`.
        kendall: see `kendall`; None where fewer than two rows are in both. same_first: whether they begin alike.
    """

    overlap: float
    rank_biased: float
    kendall: float | None
    same_first: bool


def likeness(a: Sequence[str], b: Sequence[str], depth: int = DEPTH) -> Likeness:
    """Of the first `depth` rows of two rankings of ids, best first and without repetition."""
    a, b = a[:depth], b[:depth]
    return Likeness(overlap(a, b), rank_biased_overlap(a, b), kendall(a, b), [*a[:1]] == [*b[:1]])


def overlap(a: Sequence[str], b: Sequence[str]) -> float:
    """Rows in both / rows of the longer one; 1 for two empty ones."""
    return len(set(a) & set(b)) / max(len(a), len(b)) if a or b else 1.0


def rank_biased_overlap(a: Sequence[str], b: Sequence[str], patience: float = PATIENCE) -> float:
    """Overlap of the first d rows, averaged over all d with weights that fall by `patience`, in [0, 1].

    Extrapolated from the rows that are seen, as if the agreement at the last depth went on: RBO_EXT of Webber, Moffat
    and Zobel, "A similarity measure for indefinite rankings" (TOIS 2010), eq. 32, both lists cut to the shorter one.
    Where one list is empty and the other is not it is 0.
    """
    depth = min(len(a), len(b))
    if depth == 0:
        return 1.0 if len(a) == len(b) else 0.0
    seen_a: set[str] = set()
    seen_b: set[str] = set()
    total = agreement = 0.0
    for place in range(depth):
        seen_a.add(a[place])
        seen_b.add(b[place])
        agreement = len(seen_a & seen_b) / (place + 1)
        total += agreement * patience**place
    # The weights of all depths sum to 1 / (1 − p); those behind the last take its agreement.
    return (1 - patience) * total + agreement * patience**depth


def kendall(a: Sequence[str], b: Sequence[str]) -> float | None:
    """Kendall's τ of the rows in both, in [−1, 1]: pairs in the same order − pairs in the other, over pairs."""
    place_in_b = {row: place for place, row in enumerate(b)}
    places = [place_in_b[row] for row in a if row in place_in_b]
    if len(places) < 2:
        return None
    signs = [1 if upper < lower else -1 for upper, lower in combinations(places, 2)]
    return sum(signs) / len(signs)
