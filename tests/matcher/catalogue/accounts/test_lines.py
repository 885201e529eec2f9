"""Short texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.accounts.lines import clean_line, optional_line
from matcher.errors import InvalidInput


def test_spaces_are_made_one_and_accents_composed() -> None:
    assert clean_line("  东莞  中试   基地 ", "name", 20) == "东莞 中试 基地"
    assert clean_line("Cafe\u0301", "name", 4) == "Café"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'; DROP TABLE users; --", "{{7*7}}", "=HYPERLINK()"])
def test_what_means_something_elsewhere_is_text_here(text: str) -> None:
    assert clean_line(text, "name", 100) == text


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\nb", "a\rb", "a\tb", "a\u2028b", "a\u202eb", "a\x7fb", "a\ufeffb", "\ud800", "a\x85b"]
)
def test_what_nobody_sees_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="控制字符") as refused:
        clean_line(text, "name", 100)
    assert refused.value.field == "name"


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_is_refused_where_something_is_needed(text: str) -> None:
    with pytest.raises(InvalidInput, match="不能为空"):
        clean_line(text, "name", 100)
    assert optional_line(text, "city", 100) is None
    assert optional_line(None, "city", 100) is None


def test_ten_thousand_characters_are_refused() -> None:
    with pytest.raises(InvalidInput, match="超过 100 个字符"):
        clean_line("长" * 10_000, "name", 100)


@given(st.text(max_size=50))
@settings(max_examples=100, deadline=None)
def test_cleaning_again_changes_nothing(text: str) -> None:
    try:
        once = clean_line(text, "name", 40)
    except InvalidInput:
        return
    assert clean_line(once, "name", 40) == once
    assert once.encode()
