"""What holds for every file and every decision."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from matcher.catalogue.importing.changes import field_changes
from matcher.catalogue.importing.merging import joined, updated
from matcher.catalogue.importing.plan import Decision, apply_plan
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.previews import ImportPreview, Known
from matcher.catalogue.importing.reading import read_table
from matcher.errors import InvalidInput
from matcher.records import Listing, Parameter
from matcher.terms import Terms
from tests.matcher.catalogue.importing.files import csv_of

HEAD = ["类别", "名称", "运营单位", "简介", "服务内容", "技术参数"]
LONG = "提供菌种构建、发酵放大、分离纯化与制剂的全流程中试服务、配套公用工程与分析检测、面向生物医药与食品企业开放"
#: Names that are like each other in every way: 85 and 88 of a hundred, the same, told apart by a number.
NAMES = ["一一", "一一一一", "发酵中试平台", "发酵中试平台一号", "发酵中试服务平台", "东莞发酵中试平台"]
ROWS = st.tuples(
    st.sampled_from(["中试平台", "中试平台", "中试设备"]),
    st.sampled_from(NAMES) | st.text("发酵中试平台一二号", min_size=2, max_size=8),
    st.sampled_from(["甲乙公司", "丙丁大学", ""]),
    st.sampled_from(["", "短", "长一些的说明", LONG, LONG[:-2]]),
    st.sampled_from(["", "放大", "检测", "放大;检测", "检测;放大"]),
    st.sampled_from(["", "容积:5 L", "容积:9 L"]),
)
FILES = st.lists(ROWS, min_size=1, max_size=8)
DECISIONS = st.lists(st.sampled_from(["merge", "merge", "keep", "skip"]), min_size=8, max_size=8)
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


def decided(found: ImportPreview, decisions: list[Decision]) -> dict[str, Decision]:
    asked = zip(found.rows, decisions, strict=False)
    return {row.key: decision for row, decision in asked if row.outcome == "duplicate"}


def after(found: ImportPreview, decisions: dict[str, Decision], known: dict[str, Listing]) -> dict[str, Listing]:
    """The catalogue after an import; what is asked beyond the decisions is done as suggested."""
    changes = apply_plan(found, decisions, suggestions=True)
    for change in changes:
        assert (change.action == "update") == (change.listing.id in known)
        assert change.listing != known.get(change.listing.id)
    return {**known, **{change.listing.id: change.listing for change in changes}}


def kept(rows: list[tuple[str, ...]]) -> dict[str, Listing]:
    """A catalogue made of the rows of a file, the like ones kept apart."""
    found = seen(rows, {})
    return after(found, decided(found, ["keep"] * len(rows)), {})


def bare(*rows: tuple[str, str]) -> list[tuple[str, ...]]:
    """Rows of a name and an operator."""
    return [("中试平台", name, operator, "", "", "") for name, operator in rows]


FIRST, SECOND = "甲乙公司", "丙丁大学"
REPEATED = bare(*[("一一", FIRST)] * 3, ("一一一一", FIRST), ("一一一一", ""), ("一一一一", SECOND))
MERGED: list[Decision] = ["merge"] * 8


@settings(max_examples=150, deadline=None)
@given(FILES, DECISIONS, st.booleans())
@example(REPEATED, MERGED, False)
@example(bare(("一一一一", FIRST), ("一一一一", ""), ("一一一一", SECOND)), MERGED, False)
@example(bare(("一一一一", ""), ("一一一一", FIRST), ("一一一一", SECOND)), MERGED, False)
@example(
    # One listing of two rows: its own row and one that is merged with it, each with a service of its own.
    [
        ("中试平台", "发酵中试平台", FIRST, "", "放大", "容积:5 L"),
        ("中试平台", "发酵中试服务平台", FIRST, LONG, "检测", "容积:9 L"),
    ],
    MERGED,
    False,
)
@example(
    # What the rows were merged with is as like to them as another listing of the file.
    [
        ("中试平台", "一一", FIRST, "", "", ""),
        ("中试平台", "一一", FIRST, LONG, "", ""),
        ("中试平台", "一一一一", FIRST, "", "", ""),
        ("中试设备", "一一一一", FIRST, LONG, "", "容积:9 L"),
        ("中试平台", "一一", FIRST, "", "", "容积:5 L"),
    ],
    MERGED,
    True,
)
def test_a_file_that_was_imported_brings_nothing_new(
    rows: list[tuple[str, ...]], decisions: list[Decision], turned: bool
) -> None:
    found = seen(rows, {})
    made = decided(found, decisions)
    once = after(found, made, {})
    again = seen(rows, dict(reversed(once.items())) if turned else once)
    assert again.counts()["error"] == 0
    assert {row.key for row in again.rows if row.outcome == "new"} <= {key for key in made if made[key] == "skip"}
    assert after(again, made, once) == once


@settings(max_examples=100, deadline=None)
@given(FILES, FILES, DECISIONS)
@example(bare(("一一一一", "")), bare(("一一一一", FIRST)), MERGED)
def test_a_file_that_was_imported_into_a_catalogue_adds_nothing_unasked(
    before: list[tuple[str, ...]], rows: list[tuple[str, ...]], decisions: list[Decision]
) -> None:
    known = kept(before)
    found = seen(rows, known)
    made = decided(found, decisions)
    try:
        once = after(found, made, known)
    except InvalidInput:
        assume(False)
    again = seen(rows, once)
    outcomes = {row.key: row.outcome for row in again.rows}
    assert {key for key in outcomes if outcomes[key] == "new"} <= {key for key in made if made[key] == "skip"}
    try:
        changes = apply_plan(again, made, suggestions=True)
    except InvalidInput:
        assume(False)
    for change in changes:
        assert change.action == "update" or {outcomes[key] for key in change.rows} == {"duplicate"}
        assert {"changed", "duplicate"} & {outcomes[key] for key in change.rows}


def test_two_operators_are_not_merged_with_one_listing_that_names_none() -> None:
    known = kept(bare(("一一一一", "")))
    found = seen(bare(("一一一一", FIRST), ("一一一一", SECOND)), known)
    with pytest.raises(InvalidInput, match="第 3 行不能并入“一一一一”") as caught:
        apply_plan(found, decided(found, MERGED))
    assert (caught.value.field, caught.value.hint) == ("decisions", "请为这一行选择“保留两条”或“不导入”")
    once = after(found, decided(found, ["merge", "keep"]), known)
    assert sorted(one.operator or "" for one in once.values()) == [SECOND, FIRST]
    assert seen(bare(("一一一一", FIRST), ("一一一一", SECOND)), once).counts()["same"] == 2


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
    known = kept(rows)
    turned = dict(reversed(known.items()))
    assert seen(rows, known).rows == seen(rows, turned).rows


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
