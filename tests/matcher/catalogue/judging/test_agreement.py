"""Kappa against scikit-learn and against values worked by hand; disagreements; the grade that holds."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from matcher.catalogue.judging.agreement import (
    agreements,
    disagreements,
    final_grade,
    final_grades,
    mean_kappa,
    quadratic_kappa,
)
from matcher.catalogue.judging.guideline import ADVICE, GUIDELINE
from matcher.errors import InvalidInput

GRADED = {
    ("N-1", "a"): {"u1": 3, "u2": 3, "u3": 0},
    ("N-1", "b"): {"u1": 1, "u2": 2},
    ("N-2", "a"): {"u1": 0, "u2": 0},
    ("N-2", "b"): {"u3": 2},
}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    found = quadratic_kappa(first, second)
    if len(set(first) | set(second)) < 2:
        assert found is None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = cohen_kappa_score(first, second, weights="quadratic", labels=[0, 1, 2, 3])
    assert found == pytest.approx(expected, abs=1e-12)
    assert quadratic_kappa(second, first) == pytest.approx(found, abs=1e-12)


def test_kappa_worked_by_hand() -> None:
    # O: one pair (1, 2), weight 1. E: each judge gives 0, 3 once and 1 or 2 once; Σ wE = (0+4+9 + 1+1+4 + 9+1+0) / 3.
    assert quadratic_kappa([0, 1, 3], [0, 2, 3]) == pytest.approx(1 - 1 / (29 / 3))
    assert quadratic_kappa([0, 3], [3, 0]) == -1.0
    assert quadratic_kappa([0, 1, 2, 3], [0, 1, 2, 3]) == 1.0


def test_kappa_of_nothing() -> None:
    assert quadratic_kappa([], []) is None
    assert quadratic_kappa([2, 2], [2, 2]) is None


@pytest.mark.parametrize(("first", "second"), [([1], [1, 2]), ([4], [1]), ([-1], [1])])
def test_kappa_refuses(first: list[int], second: list[int]) -> None:
    with pytest.raises(InvalidInput):
        quadratic_kappa(first, second)


def test_agreement_of_every_two_judges_who_met() -> None:
    first, second, third = agreements(GRADED)
    assert (first.first, first.second, first.pairs, first.same) == ("u1", "u2", 3, 2 / 3)
    assert first.kappa == quadratic_kappa([3, 1, 0], [3, 2, 0])
    assert (second.second, second.pairs, second.same, third.first) == ("u3", 1, 0.0, "u2")
    assert agreements({}) == []


def test_the_mean_kappa_goes_by_pairs() -> None:
    found = agreements(GRADED)
    known = [(one.kappa, one.pairs) for one in found if one.kappa is not None]
    assert mean_kappa(found) == pytest.approx(np.average([kappa for kappa, _ in known], weights=[n for _, n in known]))
    assert mean_kappa([]) is None
    assert mean_kappa(agreements({("N", "x"): {"a": 1, "b": 1}})) is None


def test_disagreements_undecided_and_wide_ones_first() -> None:
    found = disagreements(GRADED, {})
    assert [(one.need_id, one.listing_id, one.spread) for one in found] == [("N-1", "a", 3), ("N-1", "b", 1)]
    decided = disagreements(GRADED, {("N-1", "a"): 3})
    assert [(one.listing_id, one.adjudicated) for one in decided] == [("b", None), ("a", 3)]
    assert len(disagreements(GRADED, {}, least=2)) == 1


@pytest.mark.parametrize(
    ("grades", "adjudicated", "expected"),
    [([1, 2], None, 1), ([0, 3, 3], None, 3), ([2], None, 2), ([0, 0, 0], 3, 3), ([3, 3], 0, 0), ([], 2, 2)],
)
def test_the_grade_that_holds(grades: list[int], adjudicated: int | None, expected: int) -> None:
    assert final_grade(grades, adjudicated) == expected


def test_no_grade_at_all() -> None:
    with pytest.raises(InvalidInput):
        final_grade([])


def test_the_grades_that_hold_by_need() -> None:
    assert final_grades(GRADED, {("N-2", "b"): 0, ("N-3", "c"): 1}) == {
        "N-1": {"a": 3, "b": 1},
        "N-2": {"a": 0, "b": 0},
        "N-3": {"c": 1},
    }


def test_the_guideline_has_each_grade_once() -> None:
    assert [one.grade for one in GUIDELINE] == [3, 2, 1, 0]
    assert all(one.name and one.when and one.example for one in GUIDELINE)
    assert len(ADVICE) == len(set(ADVICE)) > 3
