"""Counts are remembered while nothing changes, by filter and database, and never beyond a change."""

from __future__ import annotations

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.counted import KEPT, Counts, counted
from matcher.catalogue.listings.queries import ListingFilter
from matcher.records import Listing

ALL = ListingFilter()


def asked(database: Database, wanted: ListingFilter, total: int, *, writing: bool = False) -> int:
    """What is answered where counting anew would give `total`."""
    with database.session() if writing else database.reading() as session:
        return counted(session, wanted, lambda: Counts(total, {})).total


def put(database: Database, id: str) -> None:
    with database.session() as session:
        put_many(session, [Listing(id=id, kind="platform", name=id)], CONSOLE)


def test_the_same_is_counted_once(people: Database) -> None:
    put(people, "A")
    assert [asked(people, ALL, total) for total in (1, 2, 3)] == [1, 1, 1]
    assert asked(people, ListingFilter(kind="case"), 7) == 7


def test_a_change_of_the_catalogue_is_counted_anew(people: Database) -> None:
    put(people, "A")
    assert asked(people, ALL, 1) == 1
    put(people, "B")
    assert asked(people, ALL, 2) == 2


def test_who_writes_and_who_keeps_count_for_themselves(people: Database) -> None:
    put(people, "A")
    assert asked(people, ALL, 9, writing=True) == 9
    assert asked(people, ALL, 1) == 1
    mine = ListingFilter(mine=True)
    assert [asked(people, mine, total) for total in (1, 2)] == [1, 2]


def test_the_oldest_filters_are_forgotten(people: Database) -> None:
    put(people, "A")
    asked(people, ALL, 1)
    for number in range(KEPT):
        asked(people, ListingFilter(words=str(number)), 0)
    assert asked(people, ALL, 2) == 2


def test_a_reader_who_began_earlier_leaves_nothing_behind(people: Database) -> None:
    put(people, "A")
    with people.reading() as early:
        assert counted(early, ListingFilter(kind="case"), lambda: Counts(5, {})).total == 5
        put(people, "B")
        assert asked(people, ALL, 2) == 2
        assert counted(early, ALL, lambda: Counts(1, {})).total == 1
        counted(early, ListingFilter(kind="policy"), lambda: Counts(1, {}))
    assert asked(people, ALL, 9) == 2
    assert asked(people, ListingFilter(kind="policy"), 4) == 4
