"""Pages, filters and facets, held against a plain walk over the listings."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from matcher.catalogue.access import ANONYMOUS, CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.listings.queries import ListingFilter, listings_for, page_of
from matcher.catalogue.listings.store import edit, perform
from matcher.records import KINDS, Listing
from matcher.terms import Fee, MachineHours, Terms, Window
from tests.matcher.catalogue.listings.conftest import ADMIN, BROKER, CONTENT, OPERATOR, OTHER


def listing(id: str, terms: Terms | None = None, **fields: object) -> Listing:
    made = Listing(id=id, kind="platform", name=f"平台 {id}", province="广东省", city="东莞市", summary="发酵 GMP 车间")
    return replace(made, terms=terms or Terms(), **fields)  # type: ignore[arg-type]  # fields of a listing


FEES = (Fee("批", 2000, 5000, "批"), Fee("时", 80, None, "小时"))
OPEN = Terms(vouchers=("PO-1",), machine_hours=(MachineHours(700, "中小企业"),))
ALL = (
    listing("A", Terms(tier="city", platform_type="pilot_platform", verifications=("process", "design"))),
    listing("B", Terms(tier="national", queue_days=10, fees=FEES)),
    listing("C", OPEN, province="浙江省", city="杭州市"),
    listing("D", Terms(windows=(Window("2026-03-01", "2026-05-31"), Window("2026-09-01", None)), open_share=0.4)),
    listing("E", Terms(queue_days=40, verifications=("process",)), kind="equipment", industry=("生物",), city="深圳市"),
    listing("F", kind="case", province=None, city=None, summary="100% 收率_好\\坏"),
)


@pytest.fixture
def some(people: Database) -> Database:
    with people.session() as session:
        put_many(session, ALL, CONSOLE, organisation_id="o-one", today=date(2026, 1, 1))
        put_many(
            session,
            [listing("G", kind="equipment", province="江西省")],
            CONSOLE,
            state="draft",
            organisation_id="o-one",
        )
        put_many(session, [listing("H"), listing("I")], CONSOLE, organisation_id="o-two", today=date(2026, 1, 1))
        perform(session, ADMIN, "H", "hide", reason="投诉")
    return people


def found(database: Database, wanted: ListingFilter, actor: object = ANONYMOUS) -> str:
    with database.reading() as session:
        page = page_of(session, actor, wanted, size=100)  # type: ignore[arg-type]  # an actor
        exported = [one.id for one in listings_for(session, actor, wanted)]  # type: ignore[arg-type]  # an actor
    ids = [one.listing.id for one in page.listings]
    assert ids == exported
    assert page.total == len(ids)
    return "".join(ids)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, "ABCDEFI"),
        ({"kind": "equipment"}, "E"),
        ({"province": "广东"}, "ABDEI"),
        ({"province": "东"}, ""),
        ({"city": "东莞"}, "ABDI"),
        ({"tier": "national"}, "B"),
        ({"platform_type": "pilot_platform"}, "A"),
        ({"verification": "process"}, "AE"),
        ({"verification": "process", "kind": "platform"}, "A"),
        ({"voucher": "PO-1"}, "C"),
        ({"voucher": "PO-2"}, ""),
        ({"has_voucher": True}, "C"),
        ({"has_voucher": False}, "ABDEFI"),
        ({"industry": "生物"}, "E"),
        ({"hours": 700}, "C"),
        ({"hours": 701}, ""),
        ({"open_share": 0.4}, "D"),
        ({"fee": 80}, "B"),
        ({"fee": 79}, ""),
        ({"queue": 10}, "B"),
        ({"queue": 40}, "BE"),
        ({"free_from": date(2026, 4, 1), "free_until": date(2026, 4, 2)}, "D"),
        ({"free_from": date(2026, 6, 1), "free_until": date(2026, 8, 31)}, ""),
        ({"free_from": date(2026, 5, 31), "free_until": date(2026, 8, 31)}, "D"),
        ({"free_until": date(2026, 2, 28)}, ""),
        ({"free_from": date(2030, 1, 1)}, "D"),
        ({"words": "gmp 发酵"}, "ABCDEI"),
        ({"words": "100%"}, "F"),
        ({"words": "%"}, "F"),
        ({"words": "收率_好\\"}, "F"),
        ({"words": "_"}, "F"),
        ({"words": "' OR 1=1 --"}, ""),
        ({"mine": True}, ""),
        ({"state": "published"}, ""),
    ],
)
def test_filters_for_everybody(some: Database, wanted: dict[str, object], ids: str) -> None:
    assert found(some, ListingFilter(**wanted)) == ids  # type: ignore[arg-type]  # fields of a filter


WRITTEN = Listing(
    "K-1", "case", "甲", summary="通过 ISO 13485 认证;10-20 批", equipment=("DN-50 管线", "8 英寸", "M", "3 台")
)


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        *(
            (one, True)
            for one in ("ISO13485", "iso 13485", "ISO-13485", "ＩＳＯ１３４８５", "13485 iso", "iso-", "iso‑13485")
        ),
        *((one, True) for one in ("8英寸", "8 英寸", "8英寸", "dn50", "DN 50", "K1", "k-1", "10-20", "50管线")),
        *((one, False) for one in ("ISO13486", "1020", "10 - 21", "英寸m", "m3")),
    ],
)
def test_blanks_hyphens_case_and_width_make_no_difference(some: Database, words: str, is_found: bool) -> None:
    with some.session() as session:
        put_many(session, [WRITTEN], CONSOLE, organisation_id="o-one")
        put_many(session, [replace(WRITTEN, id="K-2")], CONSOLE, organisation_id="o-one", state="draft")
        put_many(session, [replace(WRITTEN, id="K-3")], CONSOLE, organisation_id="o-two")
        perform(session, ADMIN, "K-3", "hide", reason="投诉")
    wanted = ListingFilter(words=words)
    assert found(some, wanted) == ("K-1" if is_found else "")
    with some.reading() as session:
        assert page_of(session, ANONYMOUS, wanted).kinds["case"] == int(is_found)


@pytest.mark.parametrize(
    ("actor", "wanted", "ids"),
    [
        (OPERATOR, {}, "ABCDEFI"),
        (OPERATOR, {"mine": True}, "ABCDEFG"),
        (OPERATOR, {"state": "draft"}, "G"),
        (OTHER, {"mine": True}, "HI"),
        (OTHER, {"hidden": True}, "H"),
        (OTHER, {"hidden": False}, "I"),
        (OTHER, {"organisation_id": "o-one"}, ""),
        (BROKER, {"mine": True}, ""),
        (ADMIN, {}, "ABCDEFI"),
        (ADMIN, {"mine": True}, "ABCDEFGHI"),
        (ADMIN, {"organisation_id": "o-two"}, "HI"),
        (replace(OPERATOR, scopes=frozenset({"match"})), {"mine": True}, ""),
    ],
)
def test_filters_for_those_who_keep_listings(
    some: Database, actor: object, wanted: dict[str, object], ids: str
) -> None:
    assert found(some, ListingFilter(**wanted), actor) == ids  # type: ignore[arg-type]  # fields of a filter


def test_changed_since_approval(some: Database) -> None:
    with some.session() as session:
        edit(session, OPERATOR, "E", replace(CONTENT, name="改过"), seen=1)
    assert found(some, ListingFilter(changed=True), ADMIN) == "E"


@pytest.mark.parametrize(
    "wanted",
    [
        ListingFilter(),
        ListingFilter(kind="platform"),
        ListingFilter(province="广东"),
        ListingFilter(kind="platform", province="广东", tier="city"),
        ListingFilter(verification="process"),
        ListingFilter(verification="process", kind="equipment"),
        ListingFilter(words="gmp"),
        ListingFilter(mine=True, state="draft"),
    ],
)
@pytest.mark.parametrize("actor", [ANONYMOUS, OPERATOR, ADMIN])
def test_a_facet_is_what_choosing_it_would_find(some: Database, wanted: ListingFilter, actor: object) -> None:
    with some.reading() as session:
        page = page_of(session, actor, wanted)  # type: ignore[arg-type]  # an actor
        for name in ("kind", "tier", "platform_type", "verification", "city"):
            for value, count in page.facets[name].items():
                other = replace(wanted, **{name: value})
                assert page_of(session, actor, other).total == count  # type: ignore[arg-type]  # an actor
        for value, count in page.facets["province"].items():
            other = replace(wanted, province=value, city=None)
            assert page_of(session, actor, other).total == count  # type: ignore[arg-type]  # an actor
        assert list(page.kinds) == list(KINDS)
        assert page.kinds == {kind: page.facets["kind"].get(kind, 0) for kind in KINDS}
        assert ("state" in page.facets) == wanted.keeps


def test_counts_tell_nothing_of_what_is_hidden(some: Database) -> None:
    with some.reading() as session:
        before = page_of(session, ANONYMOUS, ListingFilter())
    with some.session() as session:
        secret = listing("Z", Terms(tier="key", verifications=("production",)), province="西藏自治区", kind="solution")
        put_many(session, [secret], CONSOLE, state="submitted", organisation_id="o-two")
    with some.reading() as session:
        after = page_of(session, ANONYMOUS, ListingFilter())
        assert after == before
        assert page_of(session, OPERATOR, ListingFilter()) == before
        assert "西藏自治区" in page_of(session, ADMIN, ListingFilter(mine=True)).facets["province"]


def test_facets_come_commonest_first(some: Database) -> None:
    with some.reading() as session:
        facets = page_of(session, ANONYMOUS, ListingFilter()).facets
    places = Counter(one.province for one in (*ALL, listing("I")) if one.province)
    assert list(facets["province"].items()) == places.most_common()


@pytest.mark.parametrize("sort", ["id", "name", "updated", "verified", "queue", "fee", "due", "dated"])
def test_pages_of_every_order_are_everything_once(some: Database, sort: str) -> None:
    with some.reading() as session:
        pages = [
            page_of(session, ANONYMOUS, ListingFilter(), page=page, size=2, sort=sort)  # type: ignore[arg-type]  # one of them
            for page in range(1, 6)
        ]
    ids = [one.listing.id for page in pages for one in page.listings]
    assert sorted(ids) == list("ABCDEFI")
    assert {page.total for page in pages} == {7}
    expected = {"queue": "BE", "fee": "B"}.get(sort)
    if expected:
        assert "".join(ids).startswith(expected)


def test_the_latest_source_comes_first_and_what_is_no_day_last(some: Database) -> None:
    days = {"C1": "2025-06-01", "C2": None, "C3": "2026-01-02", "C4": "昨天", "C5": "2030-13-45", "C6": "2024-12-31"}
    with some.session() as session:
        made = [Listing(id, "case", id, source_date=day) for id, day in days.items()]
        put_many(session, made, CONSOLE, organisation_id="o-one")
    with some.reading() as session:
        page = page_of(session, ANONYMOUS, ListingFilter(kind="case"), sort="dated")
    assert [one.listing.id for one in page.listings] == ["C3", "C1", "C6", "C2", "C4", "C5", "F"]
