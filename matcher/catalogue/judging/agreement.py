"""How far judges agree, what they disagree on, and which grade holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median_low

import numpy as np

from matcher.catalogue.judging.pooling import Pair
from matcher.errors import InvalidInput
from matcher.evaluation.metrics import MAX_GRADE

#: Grades by judge, of each pair.
Graded = Mapping[Pair, Mapping[str, int]]


def quadratic_kappa(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Cohen's kappa with quadratic weights: 1 − Σ wᵢⱼ Oᵢⱼ / Σ wᵢⱼ Eᵢⱼ, wᵢⱼ = (i − j)².

    O are the counts of grade i by one and j by the other, E those expected from how often each gives each grade.

    Args:
        first, second: grades 0–3 of the same pairs in the same order, [n] each.

    Returns:
        1.0 for full agreement, 0.0 for chance, below for worse; None where there is nothing to compare, or where both
        gave one and the same grade to everything, so that chance alone agrees fully.

    Raises:
        InvalidInput: of different length, or a grade that is none.

    Source: Cohen, Weighted kappa, Psychological Bulletin 70(4), 1968, doi 10.1037/h0026256.
    """
    if len(first) != len(second):
        raise InvalidInput("两人的等级数目不同", hint="只比较两人都标过的对", field="grades")
    if not all(0 <= grade <= MAX_GRADE for grade in (*first, *second)):
        raise InvalidInput(f"等级须为 0–{MAX_GRADE}", field="grades")
    if not first:
        return None
    grades = MAX_GRADE + 1
    observed = np.zeros((grades, grades))
    np.add.at(observed, (np.asarray(first), np.asarray(second)), 1.0)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / len(first)
    weights = np.square(np.subtract.outer(np.arange(grades), np.arange(grades)))
    chance = float((weights * expected).sum())
    return 1.0 - float((weights * observed).sum()) / chance if chance else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of two judges over the pairs that both graded: how many, the share of equal grades, quadratic kappa."""

    first: str
    second: str
    pairs: int
    same: float
    kappa: float | None


def agreements(graded: Graded) -> list[Agreement]:
    """Every two judges who graded a pair both, by their ids."""
    both: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    for grades in graded.values():
        for one, other in combinations(sorted(grades), 2):
            first, second = both.setdefault((one, other), ([], []))
            first.append(grades[one])
            second.append(grades[other])
    return [
        Agreement(
            *judges,
            pairs=len(first),
            same=sum(map(int.__eq__, first, second)) / len(first),
            kappa=quadratic_kappa(first, second),
        )
        for judges, (first, second) in sorted(both.items())
    ]


def mean_kappa(found: Sequence[Agreement]) -> float | None:
    """The mean of kappas, each by its number of pairs; None where none is defined."""
    known = [(one.kappa, one.pairs) for one in found if one.kappa is not None]
    return sum(kappa * pairs for kappa, pairs in known) / sum(pairs for _, pairs in known) if known else None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A pair on which judges differ by `spread` grades at most; `adjudicated` is the grade that was decided."""

    need_id: str
    listing_id: str
    grades: Mapping[str, int]
    spread: int
    adjudicated: int | None = None


def disagreements(graded: Graded, adjudicated: Mapping[Pair, int], least: int = 1) -> list[Disagreement]:
    """Pairs with grades at least `least` apart: undecided ones first, the widest first, then by id."""
    found = [
        Disagreement(*pair, grades, max(grades.values()) - min(grades.values()), adjudicated.get(pair))
        for pair, grades in graded.items()
        if grades and max(grades.values()) - min(grades.values()) >= least
    ]
    return sorted(found, key=lambda one: (one.adjudicated is not None, -one.spread, one.need_id, one.listing_id))


def final_grade(grades: Sequence[int], adjudicated: int | None = None) -> int:
    """The adjudicated grade, else the median; of two in the middle the lower, as half a judge is no call to make.

    Raises:
        InvalidInput: there is neither.
    """
    if adjudicated is not None:
        return adjudicated
    if not grades:
        raise InvalidInput("没有等级", field="grades")
    return median_low(grades)


def final_grades(graded: Graded, adjudicated: Mapping[Pair, int]) -> dict[str, dict[str, int]]:
    """The grade that holds for every pair, by need id and listing id, in the order of their ids."""
    found: dict[str, dict[str, int]] = {}
    for pair in sorted({*graded, *adjudicated}):
        grades = tuple(graded.get(pair, {}).values())
        found.setdefault(pair[0], {})[pair[1]] = final_grade(grades, adjudicated.get(pair))
    return found
