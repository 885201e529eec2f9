"""Pools: union of the tops, fair to every run, blind; assignment: each pair to N judges, loads even."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.judging.pooling import assign, judged_share, place_of, pool
from matcher.errors import InvalidInput

IDS = [f"L-{number}" for number in range(12)]
RANKING = st.permutations(IDS).map(lambda ids: ids[:8])
RUNS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.dictionaries(st.sampled_from(["N-1", "N-2"]), RANKING), min_size=1
)
PAIRS = st.sets(st.tuples(st.sampled_from(["N-1", "N-2", "N-3"]), st.sampled_from(IDS)), max_size=30)


def test_the_pool_is_the_union_of_the_tops() -> None:
    runs = {"a": {"N-1": ["x", "y", "z"]}, "b": {"N-1": ["y", "w"], "N-2": ["x"]}}
    assert pool(runs, 2) == (("N-1", "w"), ("N-1", "x"), ("N-1", "y"), ("N-2", "x"))


@settings(max_examples=60, deadline=None)
@given(RUNS, st.integers(1, 8))
def test_without_a_limit_every_top_is_in_and_nothing_else(runs: dict[str, dict[str, list[str]]], depth: int) -> None:
    wanted = {(need, one) for rankings in runs.values() for need in rankings for one in rankings[need][:depth]}
    assert pool(runs, depth) == tuple(sorted(wanted))


@settings(max_examples=60, deadline=None)
@given(RUNS, st.integers(1, 8))
def test_names_of_runs_and_their_order_leave_no_trace(runs: dict[str, dict[str, list[str]]], depth: int) -> None:
    renamed = {f"other-{name}": runs[name] for name in reversed(runs)}
    assert pool(renamed, depth) == pool(runs, depth)


@settings(max_examples=60, deadline=None)
@given(RUNS, st.integers(1, 8), st.integers(1, 10))
def test_a_limit_holds_and_is_used_up(runs: dict[str, dict[str, list[str]]], depth: int, most: int) -> None:
    counts, all_of_them = (Counter(need for need, _ in pool(runs, depth, limit)) for limit in (most, None))
    assert counts == {need: min(most, count) for need, count in all_of_them.items()}


def test_a_limit_is_fair_to_runs_with_nothing_in_common() -> None:
    needs = [f"N-{number}" for number in range(200)]
    runs = {name: {need: [f"{name}{rank}" for rank in range(10)] for need in needs} for name in "abc"}
    got = Counter(listing[0] for _, listing in pool(runs, 10, most=4))
    assert sum(got.values()) == 800
    # Each run has one listing of every need for sure; the fourth is a fair draw among three.
    assert all(200 + 45 <= count <= 200 + 90 for count in got.values()), got


def test_a_listing_twice_in_a_ranking_is_refused() -> None:
    with pytest.raises(InvalidInput, match="出现了两次"):
        pool({"a": {"N-1": ["x", "x"]}}, 5)


@pytest.mark.parametrize(("depth", "most"), [(0, None), (-1, None), (5, 0)])
def test_a_pool_of_nothing_is_refused(depth: int, most: int | None) -> None:
    with pytest.raises(InvalidInput):
        pool({"a": {"N-1": ["x"]}}, depth, most)


@settings(max_examples=60, deadline=None)
@given(PAIRS, st.integers(1, 5), st.data())
def test_each_pair_goes_to_n_judges_and_loads_are_even(
    pairs: set[tuple[str, str]], judges: int, data: st.DataObject
) -> None:
    names = [f"u{number}" for number in range(judges)]
    each = data.draw(st.integers(1, judges))
    found = assign(pairs, names, each)
    assert Counter(pair for one in found.values() for pair in one) == dict.fromkeys(pairs, each)
    assert all(len(set(one)) == len(one) for one in found.values())
    loads = [len(one) for one in found.values()]
    assert max(loads) - min(loads) <= 1


def test_every_two_judges_share_pairs() -> None:
    names = ["u1", "u2", "u3", "u4"]
    pairs = [(f"N-{need}", listing) for need in range(10) for listing in IDS]
    found = {judge: set(given) for judge, given in assign(pairs, names, 2).items()}
    assert min(len(found[one] & found[other]) for one in names for other in names) >= 5


def test_who_has_a_pair_already_counts_and_gets_it_no_second_time() -> None:
    offered = {("N-1", "x"): {"u1"}, ("N-1", "y"): {"u1", "gone"}}
    found = assign([("N-1", "x"), ("N-1", "y")], ["u1", "u2"], 2, offered)
    assert found == {"u1": [], "u2": [("N-1", "x")]}


@pytest.mark.parametrize(
    ("judges", "each", "said"), [(["u", "u"], 1, "重复"), (["u"], 2, "1–1"), ([], 1, "没有标注人"), (["u"], 0, "1–1")]
)
def test_judges_that_cannot_be_used(judges: list[str], each: int, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        assign([("N-1", "x")], judges, each)
    assert caught.value.field == "judges"


def test_each_judge_has_an_order_that_stays_and_keeps_needs_together() -> None:
    pairs = [(f"N-{need}", listing) for need in range(6) for listing in IDS]
    orders = {judge: sorted(pairs, key=partial(place_of, judge)) for judge in ("u1", "u2")}
    assert orders["u1"] != orders["u2"]
    for order in orders.values():
        runs = sum(one[0] != other[0] for one, other in pairwise(order))
        assert runs == 5
        assert [listing for need, listing in order if need == "N-1"] != IDS
    assert {len(place_of("u1", pair)) for pair in pairs} == {64}


def test_the_share_that_was_judged() -> None:
    grades = {"N-1": {"x": 0, "y": 3}}
    rankings = {"N-1": ["x", "z", "y"], "N-2": ["x"], "N-3": []}
    assert judged_share(rankings, grades, 2) == {"N-1": 0.5, "N-2": 0.0, "N-3": 0.0}
    assert judged_share(rankings, grades)["N-1"] == pytest.approx(2 / 3)
    with pytest.raises(InvalidInput):
        judged_share(rankings, grades, 0)
