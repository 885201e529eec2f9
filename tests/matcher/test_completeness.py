"""How complete a listing is: laws of the score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.completeness import ASKED_MAX, DESCRIBING, completeness_of
from matcher.need_advice import MissingField
from matcher.records import Listing, Parameter
from matcher.terms import Fee, Terms

EMPTY = Listing(id="PF-1", kind="platform", name="平台")
FILLED: dict[str, Any] = {
    "operator": "单位",
    "province": "广东省",
    "city": "东莞市",
    "industry": ("生物制造",),
    "summary": "简介",
    "capabilities": ("发酵",),
    "equipment": ("发酵罐",),
    "parameters": (Parameter("容积", 1, 2, "L"),),
    "qualifications": ("GMP",),
    "services": ("放大",),
}
FULL = replace(EMPTY, **FILLED, terms=Terms(fees=(Fee("发酵"),), lead_days=30))


def asked(field: str, name: str = "甲") -> MissingField:
    return MissingField(field, name, "…", 1)


def test_nothing_said_is_nothing_and_everything_said_is_all() -> None:
    assert completeness_of(EMPTY).score == 0
    assert completeness_of(FULL).score == 100
    assert completeness_of(FULL).said == tuple(DESCRIBING)


@pytest.mark.parametrize("name", FILLED)
def test_each_field_weighs_the_same(name: str) -> None:
    assert completeness_of(replace(FULL, **{name: getattr(EMPTY, name)})).unsaid == (name,)
    assert completeness_of(replace(FULL, **{name: getattr(EMPTY, name)})).score == round(100 * 11 / 12)
    assert completeness_of(replace(EMPTY, **{name: FILLED[name]})).score == round(100 / 12)


def test_what_needs_ask_for_counts_once() -> None:
    found = completeness_of(FULL, [asked("parameters"), asked("qualifications", "CNAS")])
    assert found.score == round(100 * 12 / 14)
    without = replace(FULL, parameters=())
    found = completeness_of(without, [asked("parameters")])
    assert (found.asked, found.counted, found.score) == ((asked("parameters"),), 0, round(100 * 11 / 12))


@settings(max_examples=50, deadline=None)
@given(st.sets(st.sampled_from(sorted(FILLED))), st.sampled_from(sorted(FILLED)), st.integers(0, 20))
def test_writing_more_never_lowers_the_score(have: set[str], more: str, count: int) -> None:
    advice = [asked("parameters", str(number)) for number in range(count)]
    before = completeness_of(replace(EMPTY, **{name: FILLED[name] for name in have}), advice)
    after = completeness_of(replace(EMPTY, **{name: FILLED[name] for name in have | {more}}), advice)
    assert 0 <= before.score <= 100
    assert len(before.asked) <= ASKED_MAX
    if more != "parameters":
        assert before.score <= after.score
