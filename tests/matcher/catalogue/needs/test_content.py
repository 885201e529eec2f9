"""The content of a stored need: what is kept, what is refused, and the need that it makes."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import schemas
from matcher.catalogue.needs.content import (
    ABSTRACT_MAX,
    FIELDS,
    ITEMS_MAX,
    LISTS,
    TELLING,
    WORD_MAX,
    abstract_from,
    content_from,
    need_of,
)
from matcher.errors import InvalidInput
from matcher.records import Need, Parameter
from matcher.understanding.text import MAX_CHARACTERS

FULL: dict[str, Any] = {
    "title": "酶制剂放大",
    "text": "需要500 L以上发酵罐",
    "kinds": ["platform", "manufacturer"],
    "industry": ["生物制造"],
    "province": "广东省",
    "city": "东莞市",
    "places": ["东莞"],
    "stage": "小试→中试",
    "parameters": [{"name": "发酵罐容积", "min": 500, "max": None, "unit": "L"}],
    "certificates": ["GMP"],
    "must": ["GMP"],
    "prefer": ["东莞"],
    "without": ["quantity:500 L"],
    "budget_wan": 200,
    "deadline": "2027-12-31",
}


def test_everything_is_kept_as_it_is() -> None:
    assert content_from(FULL) == FULL
    assert list(content_from(dict(reversed(FULL.items())))) == list(FIELDS)


def test_what_says_nothing_is_left_out() -> None:
    empty: dict[str, Any] = {name: [] if name in LISTS else None for name in FIELDS}
    assert content_from({**empty, "title": " 放大 ", "city": "  ", "industry": [" "]}) == {"title": "放大"}
    assert content_from({"text": "放大", "budget_wan": 0}) == {"text": "放大", "budget_wan": 0}


def test_words_are_stripped_and_said_once() -> None:
    assert content_from({"industry": [" 食品", "食品", "医药 "]})["industry"] == ["食品", "医药"]


def test_the_need_is_the_one_that_the_same_body_of_a_match_makes() -> None:
    body = schemas.NeedBody.model_validate({**FULL, "top": 3})
    assert need_of(content_from(FULL)) == body.to_need()
    structured = {"industry": ["食品"], "kinds": ["platform"]}
    assert need_of(content_from(structured)) == schemas.NeedBody.model_validate(structured).to_need()


def test_a_need_carries_its_id_and_parameters() -> None:
    need = need_of(content_from(FULL), "need-1")
    assert isinstance(need, Need)
    assert (need.id, need.text) == ("need-1", "酶制剂放大。需要500 L以上发酵罐")
    assert need.parameters == (Parameter("发酵罐容积", 500, None, "L"),)


def test_the_limits_are_those_of_a_match() -> None:
    assert (ITEMS_MAX, WORD_MAX) == (schemas.ITEMS_MAX, schemas.WORD_MAX)
    assert set(FIELDS) == set(schemas.NeedFieldsBody.model_fields)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "text"),
    ({"kinds": ["platform"], "must": ["GMP"], "province": "广东"}, "text"),
    ({"prefer": ["GMP"], "without": ["500 L"]}, "text"),
    ({"text": "放大", "without": "500 L"}, "without"),
    ({"text": "放大", "prefer": ["东\x07莞"]}, "prefer[0]"),
    ({"txet": "放大"}, "txet"),
    ({"text": 5}, "text"),
    ({"text": "放" * (MAX_CHARACTERS + 1)}, "text"),
    ({"text": "放大\x00"}, "text"),
    ({"text": "放大\ud800"}, "text"),
    ({"title": "大" * (WORD_MAX + 1)}, "title"),
    ({"text": "放大", "city": "东莞\x00"}, "city"),
    ({"text": "放大", "industry": "食品"}, "industry"),
    ({"text": "放大", "industry": ["食品", 3]}, "industry"),
    ({"text": "放大", "industry": ["食\x07品"]}, "industry[0]"),
    ({"text": "放大", "certificates": [str(one) for one in range(ITEMS_MAX + 1)]}, "certificates"),
    ({"text": "放大", "kinds": ["case"]}, "kinds"),
    ({"text": "放大", "parameters": [{"name": "容积", "min": 5, "max": 3}]}, "parameters[0]"),
    ({"text": "放大", "parameters": [{"min": 5}]}, "parameters[0].name"),
    ({"text": "放大", "parameters": [{"name": "容\x00积", "min": 5}]}, "parameters[0].name"),
    ({"text": "放大", "parameters": [{"name": str(one)} for one in range(ITEMS_MAX + 1)]}, "parameters"),
    ({"text": "放大", "budget_wan": -1}, "budget_wan"),
    ({"text": "放大", "budget_wan": True}, "budget_wan"),
    ({"text": "放大", "budget_wan": float("inf")}, "budget_wan"),
]


@pytest.mark.parametrize(("raw", "field"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_refusals_name_the_field(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        content_from(raw)
    assert refused.value.field == field
    assert refused.value.hint


def test_markup_and_sql_are_words_like_others() -> None:
    odd = "'; DROP TABLE needs; -- <script>alert(1)</script>"
    assert content_from({"title": odd, "text": odd, "industry": [odd]}) == {
        "title": odd,
        "text": odd,
        "industry": [odd],
    }


def test_an_abstract_is_a_short_text_or_none() -> None:
    assert abstract_from("  一段话\n两行 ") == "一段话\n两行"
    assert abstract_from(None) is abstract_from(" ") is None
    for bad in ("一" * (ABSTRACT_MAX + 1), "一\x00", "一\udfff"):
        with pytest.raises(InvalidInput) as refused:
            abstract_from(bad)
        assert refused.value.field == "abstract"


@given(
    st.dictionaries(
        st.sampled_from(sorted(FIELDS)),
        st.none() | st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3) | st.floats() | st.booleans(),
    )
)
@settings(max_examples=100, deadline=None)
def test_whatever_comes_is_refused_or_kept_for_good(raw: dict[str, Any]) -> None:
    with contextlib.suppress(InvalidInput):
        content = content_from(raw)
        check_kept(content)


def check_kept(content: dict[str, Any]) -> None:
    assert content.keys() & TELLING
    assert content_from(content) == content
    assert "\x00" not in repr(content)
