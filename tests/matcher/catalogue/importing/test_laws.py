"""What holds for every file and every decision."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.importing.changes import field_changes
from matcher.catalogue.importing.merging import joined, updated
from matcher.catalogue.importing.plan import Decision, apply_plan
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.previews import ImportPreview, Known
from matcher.catalogue.importing.reading import read_table
from matcher.records import Listing, Parameter
from matcher.terms import Terms
from tests.matcher.catalogue.importing.files import csv_of

HEAD = ["类别", "名称", "运营单位", "简介", "服务内容"]
ROWS = st.tuples(
    st.sampled_from(["中试平台", "中试设备"]),
    st.text("发酵中试平台一二号", min_size=2, max_size=8),
    st.sampled_from(["甲乙公司", "丙丁大学", ""]),
    st.sampled_from(["", "短", "长一些的说明"]),
    st.sampled_from(["", "放大", "放大;检测"]),
)
FILES = st.lists(ROWS, min_size=1, max_size=8)
DECISIONS = st.sampled_from(["merge", "keep"])
ITEMS = st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map(tuple)
PARAMETERS = st.builds(
    Parameter,
    st.sampled_from(["容积", "面积"]),
    st.none() | st.integers(0, 5).map(float),
    st.none(),
    st.sampled_from(["L", None]),
)
LISTINGS = st.builds(
    Listing,
    id=st.just("PF-1"),
    kind=st.sampled_from(["platform", "equipment"]),
    name=st.sampled_from(["甲", "乙"]),
    operator=st.none() | st.sampled_from(["丙", "丁"]),
    province=st.none() | st.sampled_from(["广东省", "江苏省"]),
    summary=st.sampled_from(["", "短", "长一些"]),
    services=ITEMS,
    parameters=st.lists(PARAMETERS, max_size=2, unique_by=lambda one: (one.name, one.unit)).map(tuple),
    terms=st.builds(Terms, queue_days=st.none() | st.integers(0, 9).map(float), vouchers=ITEMS),
    verified_on=st.none() | st.just("2026-01-01"),
)
FIELDS = (
    "kind",
    "name",
    "operator",
    "province",
    "summary",
    "services",
    "parameters",
    "terms.queue_days",
    "terms.vouchers",
)
STATED = st.sets(st.sampled_from(FIELDS)).map(frozenset)


def seen(rows: list[tuple[str, ...]], known: dict[str, Listing]) -> ImportPreview:
    table = read_table("x.csv", csv_of([HEAD, *map(list, rows)]))
    return preview(table, [Known(one) for one in known.values()])


def decided(found: ImportPreview, decision: Decision) -> dict[str, Decision]:
    return {row.key: decision for row in found.rows if row.outcome == "duplicate"}


def after(found: ImportPreview, decision: Decision, known: dict[str, Listing]) -> dict[str, Listing]:
    changes = apply_plan(found, decided(found, decision))
    for change in changes:
        assert (change.action == "update") == (change.listing.id in known)
    return {**known, **{change.listing.id: change.listing for change in changes}}


@settings(max_examples=80, deadline=None)
@given(FILES, DECISIONS)
def test_a_file_that_was_imported_brings_nothing_new(rows: list[tuple[str, ...]], decision: Decision) -> None:
    once = after(seen(rows, {}), decision, {})
    again = seen(rows, once)
    assert again.counts()["error"] == 0
    if decision == "keep":
        assert again.counts()["new"] == 0
        assert after(again, "keep", once).keys() == once.keys()
    else:
        assert after(again, "merge", once).keys() == once.keys()


@settings(max_examples=60, deadline=None)
@given(FILES)
def test_every_row_is_accounted_for(rows: list[tuple[str, ...]]) -> None:
    found = seen(rows, {})
    assert [row.row for row in found.rows] == list(range(2, len(rows) + 2))
    assert sum(found.counts().values()) == len(rows)
    assert len({row.key for row in found.rows}) == len(rows)
    for row in found.rows:
        assert (row.outcome == "duplicate") == bool(row.duplicates)
        assert row.listing is not None


@settings(max_examples=60, deadline=None)
@given(FILES)
def test_skipping_everything_writes_nothing(rows: list[tuple[str, ...]]) -> None:
    found = seen(rows, {})
    assert apply_plan(found, {row.key: "skip" for row in found.rows}) == ()


@settings(max_examples=60, deadline=None)
@given(FILES)
def test_the_order_of_what_is_known_does_not_matter(rows: list[tuple[str, ...]]) -> None:
    known = after(seen(rows, {}), "keep", {})
    turned = dict(reversed(known.items()))
    assert [row.outcome for row in seen(rows, known).rows] == [row.outcome for row in seen(rows, turned).rows]


@settings(max_examples=100, deadline=None)
@given(LISTINGS, LISTINGS)
def test_joining_twice_is_joining_once_and_loses_no_item(base: Listing, row: Listing) -> None:
    one = joined(base, row)
    assert joined(one, row) == one
    assert (one.id, one.kind, one.name, one.verified_on) == (base.id, base.kind, base.name, base.verified_on)
    assert set(one.services) == {*base.services, *row.services}
    assert {(each.name, each.unit) for each in one.parameters} == {
        (each.name, each.unit) for each in (*base.parameters, *row.parameters)
    }
    assert len(one.summary) == max(len(base.summary), len(row.summary))


@settings(max_examples=100, deadline=None)
@given(LISTINGS)
def test_joining_a_listing_with_itself_changes_nothing(base: Listing) -> None:
    assert joined(base, base) == base


@settings(max_examples=100, deadline=None)
@given(LISTINGS, LISTINGS, STATED, st.booleans())
def test_updating_touches_only_what_is_stated(
    base: Listing, row: Listing, stated: frozenset[str], replaces: bool
) -> None:
    one = updated(base, row, stated, replaces=replaces)
    assert updated(one, row, stated, replaces=replaces) == one
    for name in set(FIELDS) - stated:
        holder, before = (one.terms, base.terms) if name.startswith("terms.") else (one, base)
        bare = name.removeprefix("terms.")
        assert getattr(holder, bare) == getattr(before, bare)
    if replaces:
        for name in stated:
            holder, given_by = (one.terms, row.terms) if name.startswith("terms.") else (one, row)
            assert getattr(holder, name.removeprefix("terms.")) == getattr(given_by, name.removeprefix("terms."))


@settings(max_examples=100, deadline=None)
@given(LISTINGS, LISTINGS)
def test_changes_are_named_exactly_where_listings_differ(before: Listing, later: Listing) -> None:
    later = replace(later, verified_on=before.verified_on)
    changes = field_changes(before, later)
    assert bool(changes) == (before != later)
    for change in changes:
        assert change.old != change.new
        assert change.label
