from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.evaluation.folds import fold_of, folds

#: Written down once: a change here makes every cross-validated figure before it incomparable.
FIXED = [0, 4, 0, 2]

ids = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=40)


@given(ids, st.integers(2, 10), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_every_need_stands_in_one_fold(needs: list[str], k: int, seed: int) -> None:
    parts = folds(needs, k, seed)
    assert len(parts) == k
    assert sorted(need for part in parts for need in part) == sorted(needs)


@given(ids, ids)
@settings(max_examples=100, deadline=None)
def test_adding_needs_moves_none(old: list[str], added: list[str]) -> None:
    before, after = folds(old), folds([*added, *old])
    for part, larger in zip(before, after, strict=True):
        assert set(part) <= set(larger)


def test_stays_what_it_was() -> None:
    assert [fold_of(need) for need in ("N-0001", "N-0002", "N-0003", "N-0004")] == FIXED


def test_folds_are_about_equal() -> None:
    sizes = [len(part) for part in folds(f"N-{i:04d}" for i in range(2000))]
    assert all(340 <= size <= 460 for size in sizes)


def test_another_seed_splits_otherwise() -> None:
    needs = [f"N-{i}" for i in range(50)]
    assert folds(needs, seed=0) != folds(needs, seed=1)


def test_refuses_one_fold() -> None:
    with pytest.raises(InvalidInput, match="至少分 2 份"):
        folds(["a"], k=1)
