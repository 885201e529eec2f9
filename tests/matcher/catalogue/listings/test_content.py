"""Sources that are no pages and cities in other provinces are refused where they are written; what is there stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import Put, put_many
from matcher.catalogue.listings.content import check_content, check_place, check_source, is_elsewhere
from matcher.catalogue.listings.rows import stored_fields
from matcher.catalogue.listings.store import create, edit, find
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import InvalidInput
from matcher.records import Listing
from tests.matcher.catalogue.listings.conftest import CONTENT, OPERATOR
from tests.matcher.small import LISTINGS
from tests.matcher.test_web_address import NO_ADDRESSES

SCRIPT = "javascript:alert(1)"


def test_all_shipped_listings_pass(shipped_listings: tuple[Listing, ...]) -> None:
    for listing in shipped_listings:
        check_content(listing)


@pytest.mark.parametrize("url", [one for one in NO_ADDRESSES if one])
def test_a_source_that_is_no_page(url: str) -> None:
    with pytest.raises(InvalidInput, match="source_url 不是网址") as caught:
        check_source(replace(CONTENT, source_url=url))
    assert caught.value.field == "source_url"


@pytest.mark.parametrize("url", [None, "", "https://例子.中国/路径"])
def test_a_source_that_may_stand(url: str | None) -> None:
    check_source(replace(CONTENT, source_url=url))


@pytest.mark.parametrize(
    ("province", "city"),
    [("广东省", "北京市"), ("广东", "北京"), ("广东省", "苏州"), ("北京市", "上海市"), ("广东省", "昆山市")],
)
def test_a_city_elsewhere(province: str, city: str) -> None:
    with pytest.raises(InvalidInput, match=f"城市“{city}”不在“{province}”") as caught:
        check_place(replace(CONTENT, province=province, city=city))
    assert caught.value.field == "city"


@pytest.mark.parametrize(
    ("province", "city"),
    [
        ("广东省", "东莞市"),
        ("广东", "松山湖"),
        ("江苏省", "昆山"),
        ("北京市", "北京市"),
        ("北京市", "朝阳区"),
        ("吉林省", "吉林"),
        ("香港特别行政区", "香港"),
        ("大湾区", "东莞市"),
        ("广东省", "某开发区"),
        ("加州", "北京市"),
        ("广东省", None),
        (None, "北京市"),
    ],
)
def test_a_city_that_lies_there_or_that_nobody_knows(province: str | None, city: str | None) -> None:
    assert not is_elsewhere(province, city)


def test_neither_is_made_nor_edited_in(people: Database) -> None:
    for wrong in (replace(CONTENT, source_url=SCRIPT), replace(CONTENT, province="广东省", city="北京市")):
        with people.session() as session:
            stored = create(session, OPERATOR, CONTENT)
            with pytest.raises(InvalidInput):
                create(session, OPERATOR, wrong)
            with pytest.raises(InvalidInput):
                edit(session, OPERATOR, stored.listing.id, wrong, seen=None)


def test_what_was_stored_before_is_read_and_only_a_new_source_is_looked_at_in_bulk(people: Database) -> None:
    old = replace(LISTINGS[0], source_url=SCRIPT)
    with people.session() as session:
        put_many(session, LISTINGS, CONSOLE)
        session.execute(update(ListingRow).where(ListingRow.id == old.id).values(fields=stored_fields(old)))
    with people.session() as session:
        assert find(session, OPERATOR, old.id).listing.source_url == SCRIPT
        assert put_many(session, [replace(old, summary="新的")], CONSOLE) == Put(changed=1)
    for new in (replace(old, source_url="ftp://x"), replace(old, id="NEW-1")):
        with pytest.raises(InvalidInput, match="source_url"), people.session() as session:
            put_many(session, [new], CONSOLE)
