"""Numbers that are said to be indispensable are hard; wishes stay wishes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.records import Need, QuantityRequirement
from matcher.understanding.reading import Reader
from matcher.understanding.strengths import with_strengths

READER = Reader.load()


def strengths(text: str) -> list[str]:
    """The strengths of the quantities, in their order."""
    found = READER.read(Need(text=text), date(2026, 9, 1)).conditions
    return [one.strength for one in found if isinstance(one, QuantityRequirement)]


@pytest.mark.parametrize(
    "text",
    [
        "必须达到500 L",
        "发酵罐容积务必不小于500 L",
        "发酵罐不可低于500 L",
        "单罐不得小于2000升",
        "至少必须有500 L发酵罐",
        "洁净度必须百级",
        "须具备8英寸产线",
        "8英寸是硬性要求",
        "温度要能到1600℃才行",
        "must have at least 500 L",
        "500 L reactor required",
        "99.99 % purity is a must",
        "required volume: 500 L",
        "The reactor has to hold 500 L",
    ],
)
def test_hard(text: str) -> None:
    assert strengths(text) == ["must"]


@pytest.mark.parametrize(
    "text",
    [
        "500L以上发酵罐",
        "要求500L以上",
        "最好500L以上",
        "希望必须能到500L",
        "优先考虑500L以上的",
        "不要求500 L",
        "500 L不是必须",
        "必须在东莞的500L发酵罐",
        "必须有GMP,500 L",
        "We need a 500 L reactor",
        "500 L is not required",
        "ideally 500 L",
    ],
)
def test_soft(text: str) -> None:
    assert strengths(text) == ["prefer"]


def test_each_clause_speaks_for_itself() -> None:
    assert strengths("必须≥500 L,最好1000 L") == ["must", "prefer"]
    assert strengths("必须有500 L发酵罐、200 L种子罐") == ["must", "must"]


def test_money_and_time_stay_soft() -> None:
    requirements = READER.read(Need(text="预算不得超过200万,必须3个月内"), date(2026, 9, 1)).requirements
    assert {one.strength for one in requirements} == {"prefer"}


@given(st.text(alphabet="必须不得硬性500L,。 must最好", max_size=40))
@settings(max_examples=60, deadline=None)
def test_only_strengths_change(text: str) -> None:
    found = READER.read(Need(text=f"{text}八"), date(2026, 9, 1), strict=False).requirements if text.strip() else ()
    again = with_strengths(f"{text}八", found)
    assert [one.text for one in again] == [one.text for one in found]
    assert [one.strength for one in again] == [one.strength for one in found]
