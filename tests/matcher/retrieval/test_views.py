"""The texts that stand for a listing, and that its pieces are where they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.listings_file import read_listings
from matcher.records import Listing
from matcher.retrieval.views import Segment, full_text, segments, short_text

LISTINGS = Path(__file__).resolve().parents[3] / "datasets" / "listings.jsonl"

texts = st.text("中试平台,，。;；!？、 \na1", max_size=12)
lists = st.lists(texts, max_size=4).map(tuple)
listings = st.builds(
    Listing,
    id=st.just("PF-1"),
    kind=st.just("platform"),
    name=texts,
    industry=lists,
    capabilities=lists,
    equipment=lists,
    summary=texts,
    services=lists,
)


@pytest.fixture(scope="module")
def shipped() -> tuple[Listing, ...]:
    return read_listings(LISTINGS)


def look_up(listing: Listing, segment: Segment) -> str:
    """What stands in the field that a segment names."""
    name, position = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", segment.field).groups()  # type: ignore[union-attr]  # matches
    value = getattr(listing, name)
    return str(value if position is None else value[int(position)])


def check(listing: Listing) -> None:
    text, last = full_text(listing), 0
    for segment in segments(listing):
        assert text[segment.start : segment.end] == segment.text
        assert last <= segment.start
        last = segment.end
        field = look_up(listing, segment)
        assert segment.text in field if segment.field == "summary" else segment.text == field


def test_pieces_of_every_shipped_listing_are_where_they_say(shipped: tuple[Listing, ...]) -> None:
    assert len(shipped) == 943
    for listing in shipped:
        check(listing)
        assert segments(listing)[0] == Segment("name", 0, len(listing.name), listing.name)


def test_pieces_leave_out_nothing_but_punctuation(shipped: tuple[Listing, ...]) -> None:
    for listing in shipped:
        text = full_text(listing)
        covered = {place for segment in segments(listing) for place in range(segment.start, segment.end)}
        assert {text[place] for place in range(len(text)) if place not in covered} <= set("。、,，;；!！?？\n ")


def test_shipped_pieces_hold_something_to_quote(shipped: tuple[Listing, ...]) -> None:
    for listing in shipped:
        assert all(segment.text.strip() for segment in segments(listing))


@given(listings)
@settings(max_examples=100, deadline=None)
def test_pieces_of_any_listing_are_where_they_say(listing: Listing) -> None:
    check(listing)


@given(listings)
@settings(max_examples=100, deadline=None)
def test_every_item_is_a_piece(listing: Listing) -> None:
    found = [(segment.field, segment.text) for segment in segments(listing)]
    for field in ("industry", "capabilities", "equipment", "services"):
        for position, item in enumerate(getattr(listing, field)):
            assert (f"{field}[{position}]", item) in found


def test_texts_of_a_listing() -> None:
    listing = Listing(
        id="PF-1", kind="platform", name="甲平台", industry=("医药",), capabilities=("发酵", "纯化"),
        equipment=("500L罐",), summary="有车间,可代工。", services=("试产",), operator="乙公司", city="东莞市",
    )  # fmt: skip
    assert full_text(listing) == "甲平台。医药。发酵、纯化。500L罐。有车间,可代工。。试产"
    assert short_text(listing) == "甲平台。发酵、纯化"
    assert [(one.field, one.text) for one in segments(listing)] == [
        ("name", "甲平台"),
        ("industry[0]", "医药"),
        ("capabilities[0]", "发酵"),
        ("capabilities[1]", "纯化"),
        ("equipment[0]", "500L罐"),
        ("summary", "有车间"),
        ("summary", "可代工"),
        ("services[0]", "试产"),
    ]


def test_a_listing_with_a_name_only() -> None:
    listing = Listing(id="PF-1", kind="platform", name="甲")
    assert full_text(listing) == short_text(listing) == "甲"
    assert segments(listing) == (Segment("name", 0, 1, "甲"),)


def test_a_listing_without_a_name() -> None:
    nothing = Listing(id="PF-1", kind="platform", name="")
    assert full_text(nothing) == short_text(nothing) == ""
    assert segments(nothing) == ()
    assert short_text(Listing(id="PF-1", kind="platform", name="", capabilities=("发酵",))) == "发酵"
