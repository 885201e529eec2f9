"""What changed among the first ten."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.evaluation.run_differences import run_differences
from matcher.evaluation.runs import Run

LISTINGS = [f"L{number}" for number in range(8)]


def test_in_out_and_moved() -> None:
    before = Run.from_rankings({"a": ["x", "y", "z"], "b": ["x"], "c": ["x", "y"]})
    after = Run.from_rankings({"a": ["y", "w", "z"], "b": ["x"], "c": ["y", "x"]})
    first, second = run_differences(before, after, ["a", "b", "c"])
    assert (first.need_id, first.entered, first.left, first.moved) == ("a", ("w",), ("x",), (("y", 2, 1),))
    assert first.first_changed
    assert (second.need_id, second.entered, second.left) == ("c", (), ())
    assert set(second.moved) == {("x", 1, 2), ("y", 2, 1)}


def test_only_the_first_are_looked_at_and_only_the_needs_named() -> None:
    before = Run.from_rankings({"a": ["x", "y", "z"], "b": ["x", "y"]})
    after = Run.from_rankings({"a": ["x", "y", "w"], "b": ["y", "x"]})
    assert run_differences(before, after, ["a"], depth=2) == []
    assert [one.left for one in run_differences(before, after, ["a"], depth=3)] == [("z",)]


@settings(max_examples=50, deadline=None)
@given(st.permutations(LISTINGS), st.permutations(LISTINGS), st.integers(1, 9))
def test_they_lead_from_one_list_to_the_other(old: list[str], new: list[str], depth: int) -> None:
    found = run_differences(Run.from_rankings({"a": old}), Run.from_rankings({"a": new}), ["a"], depth)
    if old[:depth] == new[:depth]:
        assert found == []
        return
    (one,) = found
    assert set(old[:depth]) - set(one.left) | set(one.entered) == set(new[:depth])
    assert all(old[before - 1] == new[after - 1] == listing for listing, before, after in one.moved)
    assert one.first_changed == (old[0] != new[0])
