"""Ranges on a scale, and structured data that stays within its element."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.portal.catalogue.ranges import WIDTH, bar_of, position, range_words, ranges_of
from api.portal.catalogue.structured import structured
from api.portal.rendering import TEMPLATES, environment
from matcher.answers import listing_json
from matcher.records import Listing, Parameter
from tests.matcher.test_web_address import NO_ADDRESSES

PLACE = st.floats(0.001, 1e9)


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (50, 5000, "L", "50–5,000 L"),
        (8, 8, "英寸", "8 英寸"),
        (None, 5000, "L", "≤ 5,000 L"),
        (50, None, None, "≥ 50"),
        (None, None, "L", ""),
    ],
)
def test_a_range_in_words(low: float | None, high: float | None, unit: str | None, words: str) -> None:
    assert range_words(low, high, unit, "zh") == words


@given(st.lists(PLACE, min_size=4, max_size=4, unique=True))
@settings(max_examples=100, deadline=None)
def test_a_bar_lies_within_the_scale(numbers: list[float]) -> None:
    least, low, high, most = sorted(numbers)
    bar = bar_of({"low": low, "high": high, "least": least, "most": most, "unit": "L", "listings": 9}, "zh")
    assert 0 <= bar.start <= bar.start + bar.width <= WIDTH + 0.01
    assert position(least, least, most) == 0
    assert position(most, least, most) == WIDTH
    assert position(low, least, most) <= position(high, least, most)


def test_open_ends_reach_the_ends_and_wide_scales_go_by_factors() -> None:
    scale = {"low": None, "high": 500, "least": 5, "most": 50_000, "unit": "L", "listings": 9}
    bar = bar_of(scale, "zh")
    assert (bar.start, bar.width, bar.least, bar.most) == (0, 50, "5 L", "50,000 L")
    assert position(30, 10, 50) == 50


def test_parameters_without_a_scale_have_words_only() -> None:
    found = ranges_of([{"name": "容积", "min": 1, "max": 2, "unit": "L"}], [], "zh")
    assert [(one.name, one.words, one.bar) for one in found] == [("容积", "1–2 L", None)]


def document(**fields: Any) -> tuple[str, dict[str, Any]]:
    listing = Listing(**{"id": "X", "kind": "platform", "name": "平台"} | fields)
    text = structured(listing_json(listing), "https://example.cn/listings/X")
    return text, json.loads(text)


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_structured_data_can_not_leave_its_element(name: str) -> None:
    for text in (name, f"</script><script>alert(1)</script>{name}", f"<!--{name}"):
        written, read = document(name=text, summary=text, operator=text or None)
        assert not re.search(r"[<>&\u2028\u2029]", written)
        assert read.get("name", "") == text


def test_structured_data_says_what_the_listing_says() -> None:
    parameters = (Parameter("容积", 50, None, "L"),)
    _, read = document(kind="equipment", operator="某所", province="广东省", parameters=parameters)
    assert read["@type"] == "Product"
    assert read["manufacturer"]["address"]["addressRegion"] == "广东省"
    assert read["additionalProperty"] == [{"@type": "PropertyValue", "name": "容积", "minValue": 50, "unitText": "L"}]
    assert "description" not in read


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_structured_data_name_no_source_that_is_no_page(url: str) -> None:
    assert "isBasedOn" not in document(source_url=url)[1]
    assert document(source_url="https://例子.中国/路径")[1]["isBasedOn"] == "https://例子.中国/路径"


def test_every_link_to_a_stored_address_is_tested_first() -> None:
    """Rows that were stored before addresses were checked are shown as text."""
    found = [(path, line) for path in TEMPLATES.rglob("*.html") for line in path.read_text("utf-8").splitlines()]
    linked = [(path, line) for path, line in found if re.search(r'(href|src|action)="\{\{[^}]*_url', line)]
    assert len(linked) == 3
    for path, line in linked:
        for name in re.findall(r'(?:href|src|action)="\{\{ ([\w.]*_url)', line):
            assert f"{{% if {name} is web_address %}}" in line or f" and {name} is web_address %}}" in line, path


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_a_stored_source_that_is_no_page_is_no_link(url: str) -> None:
    template = environment("zh").from_string("{% if url is web_address %}<a href='{{ url }}'>{% endif %}")
    assert template.render(url=url) == ""
