"""Arrays that grow: what was handed out stays, from however many threads rows come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.row_change import RowChange
from matcher.records import Listing
from matcher.retrieval import growing
from matcher.retrieval.growing import Growing, Stacked
from matcher.retrieval.pooled import Pooled

DIMENSION = 16


def listings(names: list[int]) -> list[Listing]:
    return [Listing(id=f"{name:03}", kind="platform", name="") for name in names]


def rows(names: list[int], salt: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    made = [np.random.default_rng([name, salt]).standard_normal(DIMENSION) for name in names]
    return np.array(made, np.float32).reshape(len(names), DIMENSION)


def test_what_was_handed_out_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "LEAST_SPARE", 2)
    array = Growing(np.zeros((1, 3), np.float32))
    handed = [array.rows]
    for value in range(1, 40):
        first, found = array.add(np.full((2, 3), value, np.float32))
        assert first == len(handed[-1])
        handed.append(found)
    for count, one in enumerate(handed):
        assert one.shape == (1 + 2 * count, 3)
        np.testing.assert_array_equal(one[:, 0], [0, *np.repeat(np.arange(1, count + 1), 2)])


def test_rows_of_another_shape_add_nothing() -> None:
    array = Growing(np.zeros((1, 3), np.float32))
    with pytest.raises(ValueError, match="broadcast"):
        array.add(np.zeros((2, 4), np.float32))
    assert array.add(np.ones((1, 3), np.float32))[0] == 1


def test_room_is_made_seldom() -> None:
    array = Growing(np.zeros((1000, 2), np.float32))
    bases = {id(array.add(np.zeros((1, 2), np.float32))[1].base) for _ in range(200)}
    assert len(bases) == 1


def test_threads_that_add_at_once_get_places_of_their_own() -> None:
    array = Growing(np.zeros((0, 1), np.int64))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda value: (value, array.add(np.full((3, 1), value))), range(300)))
    for value, (first, view) in found:
        assert view[first : first + 3, 0].tolist() == [value] * 3
        assert len(view) == first + 3
    assert sorted(first for _, (first, _) in found) == list(range(0, 900, 3))


sets = st.lists(st.tuples(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30))), max_size=8)


@given(st.sets(st.integers(0, 30)), sets, st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_rows_follow_changes(first: set[int], changes: list[tuple[set[int], set[int]]], share: float) -> None:
    names = sorted(first)
    now = {name: rows([name])[0] for name in names}
    stacked, pooled = Stacked(rows(names)), Pooled(rows(names))
    query = rows([99])[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "DEAD_SHARE", share)
        for salt, (comes, goes) in enumerate(changes, 1):
            before = Pooled(stacked), pooled.scores(query)
            change = RowChange.between(
                listings(sorted(now)), {f"{name:03}" for name in comes | goes}, listings(sorted(comes))
            )
            new = rows(sorted(comes), salt)
            follows = stacked.changed(change, new), pooled.changed(change, new)
            now = {name: row for name, row in now.items() if name not in goes}
            now |= dict(zip(sorted(comes), new, strict=True))
            np.testing.assert_array_equal(pooled.scores(query), before[1])
            np.testing.assert_array_equal(before[0].scores(query), before[1])
            stacked, pooled = follows
    wanted = np.array([now[name] for name in sorted(now)], np.float32).reshape(-1, DIMENSION)
    everything = np.arange(len(now))
    assert len(stacked) == len(pooled) == len(now)
    np.testing.assert_array_equal(stacked.of(everything), wanted)
    np.testing.assert_array_equal(pooled.scores(query), Pooled(wanted).scores(query))
    np.testing.assert_array_equal(
        pooled.products(query, everything[::-1]), Pooled(wanted).products(query, everything)[::-1]
    )
    assert len(stacked.stored) <= max(len(now) / max(1 - share, 1e-9), len(first)) + 1


def test_two_ways_on_from_one_state() -> None:
    names = [1, 2, 3]
    first = Pooled(rows(names))
    query = rows([99])[0]
    ways = []
    for name, salt in ((4, 1), (5, 2)):
        change = RowChange.between(listings(names), ["001"], listings([name]))
        ways.append((first.changed(change, rows([name], salt)), [*rows([2, 3]), rows([name], salt)[0]]))
    for pooled, wanted in ways:
        np.testing.assert_array_equal(pooled.scores(query), Pooled(np.array(wanted)).scores(query))
    np.testing.assert_array_equal(first.scores(query), Pooled(rows(names)).scores(query))
