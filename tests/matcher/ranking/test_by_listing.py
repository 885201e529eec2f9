"""What is made of a listing once and kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.ranking.by_listing import ByListing
from matcher.records import Listing


def _listings(count: int) -> list[Listing]:
    return [Listing(id=f"P{number}", kind="platform", name=f"平台{number}") for number in range(count)]


def test_it_is_made_once_for_a_listing() -> None:
    made: list[str] = []
    by = ByListing(lambda one: made.append(one.id) or one.name, 10)
    first, second = _listings(2)
    assert [by(first), by(second), by(first)] == ["平台0", "平台1", "平台0"]
    assert made == ["P0", "P1"]


def test_an_edited_listing_is_made_anew() -> None:
    by = ByListing(lambda one: one.name, 10)
    (listing,) = _listings(1)
    assert by(listing) == "平台0"
    assert by(replace(listing, name="新平台")) == "新平台"
    assert by(listing) == "平台0"


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(1, 5))
@settings(max_examples=80, deadline=None)
def test_whatever_is_asked_for_is_right_and_few_are_kept(asked: list[int], most: int) -> None:
    listings = _listings(13)
    by = ByListing(lambda one: one.name, most)
    for number in asked:
        assert by(listings[number]) == f"平台{number}"
        assert len(by) <= most
    assert len(by) == min(most, len(set(asked)))


def test_listings_that_come_and_go_are_never_taken_for_each_other() -> None:
    """A new object may lie where one that is gone lay."""
    by = ByListing(lambda one: one.name, 3)
    for number in range(2000):
        assert by(Listing(id="P", kind="platform", name=f"平台{number}")) == f"平台{number}"


def test_threads_share_it() -> None:
    listings = _listings(40)
    by = ByListing(lambda one: one.name, 7)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: by(listings[number % 40]), range(4000)))
    assert found == [f"平台{number % 40}" for number in range(4000)]
    assert len(by) == 7
