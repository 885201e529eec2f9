"""Conditions follow from the rows that they are to let pass."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.row_change import RowChange
from matcher.records import Listing
from matcher.retrieval.columns import SEVERAL, SINGLE, Columns, values

PLACES = (None, "广东", "江苏", '带"引号', "反斜\\杠")

KINDS = st.sampled_from(["platform", "equipment"])
rows = st.lists(st.tuples(KINDS, st.sampled_from(PLACES), st.sampled_from(PLACES), st.booleans()), max_size=20)


def listings(drawn: list[tuple[str, str | None, str | None, bool]], first: int = 0) -> list[Listing]:
    return [
        Listing(f"L{number:03}", kind, "名称", province=province, city=city)  # type: ignore[arg-type]  # a kind
        for number, (kind, province, city, _) in enumerate(drawn, first)
    ]


def passes(condition: str, listing: Listing) -> bool:
    """Whether a condition lets a listing pass: Milvus's `in` and `and` are Python's."""
    return not condition or bool(eval(condition, {}, values(listing)))


@given(rows)
@settings(max_examples=100, deadline=None)
def test_every_row_wanted_passes_and_those_that_pass_are_counted(
    drawn: list[tuple[str, str | None, str | None, bool]],
) -> None:
    made = listings(drawn)
    mask = np.array([wanted for *_, wanted in drawn], np.bool_)
    condition, count = Columns(made).around(mask)
    assert all(passes(condition, one) for one, wanted in zip(made, mask.tolist(), strict=True) if wanted)
    assert count == sum(passes(condition, one) for one in made)


@given(rows, rows, st.sets(st.integers(0, 19)))
@settings(max_examples=60, deadline=None)
def test_after_a_change_as_made_anew(
    old: list[tuple[str, str | None, str | None, bool]],
    new: list[tuple[str, str | None, str | None, bool]],
    gone: set[int],
) -> None:
    before, added = listings(old), listings(new, first=100)
    leaving = {one.id for number, one in enumerate(before) if number in gone}
    after = [one for one in before if one.id not in leaving] + added
    changed = Columns(before).changed(RowChange.between(before, leaving, added))
    for start in range(3):
        mask = np.arange(len(after)) % 3 == start
        assert changed.around(mask)[1] == Columns(after).around(mask)[1]


def test_the_narrowest_values_are_named() -> None:
    made = listings(
        [("platform", "广东", "广州", True), ("platform", "江苏", "苏州", False), ("equipment", "广东", None, False)]
    )
    assert Columns(made).around(np.array([True, False, False])) == (
        'kind in ["platform"] and province in ["广东"] and city in ["广州"]',
        1,
    )
    assert Columns(made).around(np.ones(3, np.bool_)) == ("", 3)


def test_a_field_of_many_values_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.retrieval.columns._MOST_VALUES", 1)
    made = listings(
        [("platform", "广东", None, True), ("platform", "江苏", None, True), ("equipment", "福建", None, False)]
    )
    assert Columns(made).around(np.array([True, True, False])) == ('kind in ["platform"]', 2)


def test_all_fields_are_stored() -> None:
    one = Listing("L1", "platform", "名称", city="东莞", industry=("医药",), qualifications=("GMP", "CNAS"))
    assert values(one) == {
        "kind": "platform", "province": "", "city": "东莞", "industry": ("医药",), "qualifications": ("GMP", "CNAS"),
    }  # fmt: skip
    assert set(values(one)) == {*SINGLE, *SEVERAL}
