"""Sources that are no pages and cities in other provinces are refused where they are written; what is there stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import Put, put_many
from matcher.catalogue.listings.content import check_content, check_place, check_source
from matcher.catalogue.listings.rows import stored_fields
from matcher.catalogue.listings.store import create, edit, find
from matcher.catalogue.place_fields import is_elsewhere
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import InvalidInput
from matcher.records import Listing, Parameter
from matcher.terms import Terms
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


@pytest.mark.parametrize(
    ("province", "city", "near"),
    [
        ("广东省", "洛杉矶", "地级市"),
        ("广东", "东筦市", "东莞市"),
        ("江苏省", "苏洲", "苏州市"),
        ("广东省", "火星", "简介"),
    ],
)
def test_a_city_that_a_known_province_does_not_have(province: str, city: str, near: str) -> None:
    with pytest.raises(InvalidInput, match=f"“{province}”没有“{city}”这个城市") as caught:
        check_place(replace(CONTENT, province=province, city=city))
    assert caught.value.field == "city"
    assert near in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("province", "city"),
    [
        ("广东", "松山湖"),
        ("新疆", "阿克苏"),
        ("广东省", "广东省东莞市"),
        ("加州", "洛杉矶"),
        (None, "洛杉矶"),
        ("广东省", " "),
    ],
)
def test_a_place_that_may_stand(province: str | None, city: str | None) -> None:
    check_place(replace(CONTENT, province=province, city=city))


def said(**fields: object) -> Listing:
    return replace(CONTENT, **fields)  # type: ignore[arg-type]  # fields of a listing


def capacity(low: float | None, high: float | None, unit: str = "L", name: str = "发酵罐容积") -> Listing:
    return said(parameters=(Parameter(name, low, high, unit),))


@pytest.mark.parametrize(
    ("listing", "field", "message"),
    [
        (said(source_date="2030-13-45"), "source_date", "不是日期:2030-13-45"),
        (said(source_date="昨天"), "source_date", "不是日期:昨天"),
        (said(source_date="20260301"), "source_date", "不是日期"),
        (said(source_date="长" * 900), "source_date", "不是日期:长{40}(?!长)"),
        (said(source_date="2099-01-01"), "source_date", "晚于今天一年以上"),
        (said(source_date="0026-01-01"), "source_date", "早于 1900 年"),
        (capacity(-5, -1), "parameters[0]", "“发酵罐容积”不能小于 0"),
        (capacity(-5, None), "parameters[0]", "不能小于 0"),
        (capacity(None, None), "parameters[0]", "“发酵罐容积”没有数值"),
        (said(terms=Terms(minimum_batch=Parameter("批量"))), "terms.minimum_batch", "没有数值"),
        (said(industry=("",)), "industry[0]", "不能为空"),
        (said(services=("放大", "  ")), "services[1]", "不能为空"),
        (said(name="甲\u202e平台"), "name", "第 2 个字符是看不见的 U\\+202E"),
        (said(summary="甲\u200b乙"), "summary", "U\\+200B"),
        (said(terms=Terms(insurance="有\x85")), "terms.insurance", "U\\+0085"),
    ],
)
def test_what_nobody_can_mean(listing: Listing, field: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        check_content(listing)
    assert caught.value.field == field
    assert caught.value.hint


@pytest.mark.parametrize(
    "listing",
    [
        capacity(-20, -5, "℃", "温度"),
        capacity(-0.01, 0.01, "kg", "称量精度"),
        capacity(-0.1, None, "MPa", "真空度"),
        capacity(0, 0),
        said(source_date="2026-03-01", name="甲平台 A-1", summary="一\n二\t三"),
    ],
)
def test_what_can_be_meant(listing: Listing) -> None:
    check_content(listing)


def test_what_stands_there_already_is_no_news() -> None:
    old = said(source_date="昨天", industry=("",), name="甲\u202e", province="江苏省", city="东莞市")
    check_content(replace(old, summary="新的"), old)
    with pytest.raises(InvalidInput, match="source_date"):
        check_content(replace(old, source_date="前天"), old)


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
