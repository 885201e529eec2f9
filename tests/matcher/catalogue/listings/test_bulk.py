"""Many listings at once, and what the index reads of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.change_log import changes_after, last_change
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import Put, put_instead, put_many
from matcher.catalogue.listings.published import count_published, holds_listings, published, published_by_ids
from matcher.catalogue.listings.rows import public_fields
from matcher.errors import Conflict, InvalidInput
from matcher.records import Listing
from tests.matcher.small import LISTINGS

BY_ID = sorted(LISTINGS, key=lambda listing: listing.id)
FIRST = BY_ID[0]


@pytest.fixture
def loaded(database: Database) -> Database:
    with database.session() as session:
        assert put_many(session, LISTINGS, CONSOLE) == Put(added=len(LISTINGS))
    return database


def ids(database: Database) -> list[str]:
    with database.reading() as session:
        return [listing.id for listing in published(session)]


def test_an_empty_database_holds_nothing(database: Database) -> None:
    with database.reading() as session:
        assert not holds_listings(session)
        assert list(published(session)) == []
        assert count_published(session) == 0


def test_records_come_back_as_they_were(loaded: Database) -> None:
    with loaded.reading() as session:
        assert list(published(session)) == BY_ID
        assert count_published(session) == len(BY_ID)
        assert holds_listings(session)


def test_the_shipped_catalogue_comes_back_as_it_was(
    database: Database,
    shipped_listings: tuple[Listing, ...],
) -> None:
    with database.session() as session:
        put_many(session, shipped_listings, CONSOLE)
    with database.reading() as session:
        assert list(published(session)) == sorted(shipped_listings, key=lambda listing: listing.id)


def test_by_ids_tells_what_is_not_there(loaded: Database) -> None:
    with loaded.reading() as session:
        assert published_by_ids(session, [FIRST.id, "nowhere"]) == {FIRST.id: FIRST, "nowhere": None}


def test_putting_the_same_again_changes_nothing(loaded: Database) -> None:
    with loaded.session() as session:
        before = last_change(session)
        assert put_many(session, LISTINGS, CONSOLE) == Put(unchanged=len(LISTINGS))
        assert last_change(session) == before


def test_a_changed_listing_is_replaced_and_told(loaded: Database) -> None:
    other = replace(FIRST, summary="换了内容")
    with loaded.session() as session:
        before = last_change(session)
        assert put_many(session, [other], CONSOLE) == Put(changed=1)
        (change,) = changes_after(session, before)
    assert (change.about_id, change.what, change.content) == (FIRST.id, "shown", public_fields(other))
    with loaded.reading() as session:
        assert published_by_ids(session, [FIRST.id]) == {FIRST.id: other}


def test_what_is_told_can_be_json(loaded: Database) -> None:
    with loaded.reading() as session:
        told = {change.about_id: change.content for change in changes_after(session, 0)}
    assert json.loads(json.dumps(told)) == {listing.id: public_fields(listing) for listing in LISTINGS}


def test_instead_retires_the_others_and_erases_what_was_told_of_them(loaded: Database) -> None:
    with loaded.session() as session:
        before = last_change(session)
        assert put_instead(session, BY_ID[:2], CONSOLE) == Put(unchanged=2, retired=len(BY_ID) - 2)
        gone = changes_after(session, before)
        earlier = [one for one in changes_after(session, 0) if one.about_id == BY_ID[2].id]
    assert ids(loaded) == [listing.id for listing in BY_ID[:2]]
    assert [(one.about_id, one.what, one.content) for one in gone] == [(one.id, "gone", None) for one in BY_ID[2:]]
    assert [one.content for one in earlier] == [None, None]


def test_a_retired_listing_comes_back_when_it_is_loaded_again(loaded: Database) -> None:
    with loaded.session() as session:
        put_instead(session, BY_ID[:1], CONSOLE)
    with loaded.session() as session:
        assert put_instead(session, BY_ID[:2], CONSOLE) == Put(unchanged=1, changed=1)
    assert ids(loaded) == [listing.id for listing in BY_ID[:2]]


def test_drafts_are_not_in_sight(database: Database) -> None:
    with database.session() as session:
        put_many(session, LISTINGS, CONSOLE, state="draft")
        assert last_change(session) == 0
    assert ids(database) == []


def test_stale_since_survives(database: Database) -> None:
    stale = replace(FIRST, verified_on="2020-01-31", stale_since="2021-04-01")
    with database.session() as session:
        put_many(session, [stale], CONSOLE, today=date(2024, 1, 1))
    with database.reading() as session:
        assert list(published(session)) == [stale]


def test_an_id_twice(database: Database) -> None:
    with pytest.raises(Conflict), database.session() as session:
        put_many(session, [FIRST, FIRST], CONSOLE)
    assert ids(database) == []


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"name": "名" * 10_000}, "name"),
        ({"id": "x" * 65}, "id"),
        ({"id": "a/b"}, "id"),
        ({"province": "省" * 101}, "province"),
        ({"summary": "有\x00空"}, "summary"),
        ({"capabilities": ("好", "坏\x1b[2J")}, "capabilities[1]"),
        ({"services": ("一",) * 1001}, "services"),
        ({"industry": ("业" * 201,)}, "industry[0]"),
    ],
)
def test_what_can_not_be_stored_is_refused_and_nothing_is(
    database: Database,
    bad: dict[str, object],
    field: str,
) -> None:
    with pytest.raises(InvalidInput) as caught, database.session() as session:
        put_many(session, [BY_ID[1], replace(FIRST, **bad)], CONSOLE)  # type: ignore[arg-type]  # a record of wrong values
    assert caught.value.field == field
    assert ids(database) == []


def test_more_than_one_part_reports_progress(database: Database) -> None:
    many = [replace(FIRST, id=f"N-{number:05}") for number in range(1201)]
    seen: list[tuple[int, int]] = []
    with database.session() as session:
        put_many(session, many, CONSOLE, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(500, 1201), (1000, 1201), (1201, 1201)]
    assert ids(database) == [listing.id for listing in many]
