"""How rows move, against lists that are sorted anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.row_change import RowChange, row_of
from matcher.records import Listing

ids = st.sets(st.text("abc", min_size=1, max_size=3), max_size=10)


def listings(names: Sequence[str] | set[str]) -> list[Listing]:
    return [Listing(id=name, kind="platform", name=name) for name in names]


@given(ids, ids, ids)
@settings(max_examples=100, deadline=None)
def test_everything_moves_as_if_sorted_anew(before: set[str], gone: set[str], added: set[str]) -> None:
    old, wanted = sorted(before), sorted((before - gone) | (added - before))
    change = RowChange.between(listings(old), gone, listings(added - before))
    new = [listing.id for listing in change.added]
    assert new == sorted(added - before)
    assert list(change.moved_items(old, new)) == wanted
    assert change.moved(np.array(old, object), np.array(new, object)).tolist() == wanted
    assert len(change) == len(before & gone) + len(new)
    assert [old[row] for row in change.gone] == sorted(before & gone)


@given(ids, ids, ids)
@settings(max_examples=100, deadline=None)
def test_where_each_row_is_now(before: set[str], gone: set[str], added: set[str]) -> None:
    old, wanted = sorted(before), sorted((before - gone) | (added - before))
    change = RowChange.between(listings(old), gone, listings(added - before))
    assert [-1 if name in gone else wanted.index(name) for name in old] == change.new_rows.tolist()
    assert [wanted.index(one.id) for one in change.added] == change.added_rows.tolist()


@given(ids.filter(bool))
@settings(max_examples=50, deadline=None)
def test_an_id_that_is_replaced_keeps_its_place(names: set[str]) -> None:
    old = listings(sorted(names))
    change = RowChange.between(old, names, old)
    assert change.moved_items(old, change.added) == tuple(old)
    assert (change.order >= change.size).all()


def test_arrays_of_several_columns() -> None:
    change = RowChange.between(listings(["b", "d"]), ["b"], listings(["a", "e"]))
    moved = change.moved(np.array([[1, 1], [2, 2]]), np.array([[3, 3], [4, 4]]))
    assert moved.tolist() == [[3, 3], [2, 2], [4, 4]]


@given(ids, st.text("abc", max_size=3))
@settings(max_examples=60, deadline=None)
def test_row_of(names: set[str], name: str) -> None:
    rows = sorted(names)
    assert row_of(listings(rows), name) == (rows.index(name) if name in names else None)
