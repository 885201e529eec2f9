"""The form of a need keeps conditions as they were named, whatever else is changed in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.portal.desks.need_forms import NAMED, NAMES, body_of, form_of, plain
from api.portal.desks.typed import known_words_of
from api.portal.forms import Form
from matcher.understanding.corrections import TYPES
from tests.api.portal.test_matching_parts import page_in

WORDS = st.text("流片发酵罐GMP 15,0、L", min_size=1, max_size=9).map(str.strip).filter(bool)
CONDITIONS = st.one_of(WORDS, st.builds("{}:{}".format, st.sampled_from(TYPES), WORDS))


def sent(form: Form, **changed: str) -> dict[str, Any]:
    """The body of a form that is sent as it was shown, but for what is changed."""
    values = dict(form.values) | {name: [value] for name, value in changed.items()}
    return body_of(page_in(), Form(values))[0]


def shown(**fields: Any) -> Form:
    return form_of({"fields": fields}, None)


@given(st.sampled_from(NAMES), st.lists(st.sampled_from(TYPES), min_size=1, max_size=4, unique=True), WORDS)
@settings(max_examples=60, deadline=None)
def test_one_word_read_as_several_conditions_stays_all_of_them(field: str, types: list[str], words: str) -> None:
    names = [f"{kind}:{words}" for kind in types]
    form = shown(text="放大", **{field: names})
    assert form.get(field) == words
    assert sent(form, title="另一个标题")[field] == names


@given(st.lists(CONDITIONS, max_size=3, unique_by=plain))
@settings(max_examples=100, deadline=None)
def test_what_stands_alone_in_a_line_is_kept(names: list[str]) -> None:
    for name in names:
        assert sent(shown(text="放大", without=[name]))["without"] == [name]


def test_names_with_commas_are_kept_beside_others() -> None:
    names = ["quantity:1,000 L以上", "industry:流片", "GMP"]
    form = shown(text="放大", without=names)
    assert form.get("without") == "1,000 L以上、流片、GMP"
    assert set(sent(form)["without"]) == set(names)
    assert set(sent(form, without="流片、1,000 L以上")["without"]) == set(names[:2])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", []),
        ("流片", ["industry:流片", "kind:流片"]),
        ("流片厂", ["流片厂"]),  # other words that begin alike
        ("GMP,流片", ["industry:流片", "kind:流片", "GMP"]),
        ("流片、流片", ["industry:流片", "kind:流片"]),
        ("1,000 L", ["1", "000 L"]),
    ],
)
def test_words_of_the_page_stand_for_its_names(typed: str, found: list[str]) -> None:
    assert known_words_of(typed, {"流片": ["industry:流片", "kind:流片"]}) == found


def test_what_is_removed_from_the_line_is_gone() -> None:
    assert sent(shown(text="放大", must=["place:深圳", "GMP"]), must="GMP")["must"] == ["GMP"]
    assert sent(shown(text="放大", must=["place:深圳"]), must="")["must"] == []


def test_an_empty_form_names_nothing() -> None:
    assert [sent(Form())[name] for name in NAMES] == [[], [], []]
    assert not any(name.startswith(NAMED) for name in Form().values)


@pytest.mark.parametrize(
    ("name", "words"), [("place:深圳", "深圳"), ("GMP", "GMP"), ("比例:1", "比例:1"), ("kind:", "kind:")]
)
def test_only_known_types_are_taken_off(name: str, words: str) -> None:
    assert plain(name) == words
