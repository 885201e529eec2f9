"""What an import would do: new, changed, the same, a likely duplicate, or wrong; nothing is done unless decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.importing.duplicates import Duplicates, alike, card_of
from matcher.catalogue.importing.identity import made_id
from matcher.catalogue.importing.limits import Limits
from matcher.catalogue.importing.merging import joined, updated
from matcher.catalogue.importing.plan import Change, Decision, apply_plan
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.previews import ImportPreview, Known, Outcome
from matcher.catalogue.importing.reading import read_table
from matcher.catalogue.listings_file import line_of
from matcher.errors import InvalidInput
from matcher.records import Listing, Parameter
from matcher.terms import Terms
from tests.matcher.catalogue.importing.files import csv_of, only_row, previewed
from tests.matcher.test_web_address import NO_ADDRESSES

HEAD = ["编号", "类别", "名称", "运营单位", "简介"]
LONG = (
    "提供菌种构建、发酵放大、分离纯化与制剂的全流程中试服务,配套公用工程与分析检测,"
    "面向生物医药与食品企业开放,可承接小批量试生产"
)


def row(name: str, operator: str = "乙公司", summary: str = "", id: str = "", kind: str = "中试平台") -> list[str]:
    return [id, kind, name, operator, summary]


def listing(name: str = "甲平台", operator: str | None = "乙公司", **more: object) -> Listing:
    made = made_id("platform", operator, name)
    return replace(Listing(made, "platform", name, operator), **more)  # type: ignore[arg-type]  # fields of a listing


def file(*rows: list[str]) -> bytes:
    return csv_of([HEAD, *rows])


def outcomes(data: bytes, *known: Listing) -> list[Outcome]:
    return [one.outcome for one in previewed(data, *known).rows]


def applied(data: bytes, *known: Listing, **decisions: Decision) -> tuple[Change, ...]:
    """Apply with decisions by row: r3="merge"."""
    return apply_plan(previewed(data, *known), {f"1-{key[1:]}": value for key, value in decisions.items()})


def catalogue_after(changes: tuple[Change, ...], known: Mapping[str, Listing]) -> dict[str, Listing]:
    return {**known, **{change.listing.id: change.listing for change in changes}}


def test_a_first_import_is_new_and_a_second_one_the_same() -> None:
    data = file(row("甲平台"), row("丙装置", "丁公司"))
    assert outcomes(data) == ["new", "new"]
    changes = applied(data)
    assert [change.action for change in changes] == ["create", "create"]
    assert outcomes(data, *(change.listing for change in changes)) == ["same", "same"]
    assert applied(data, *(change.listing for change in changes)) == ()


def test_a_row_without_id_is_the_listing_of_the_same_operator_and_name() -> None:
    base = replace(listing(city="东莞市", summary="旧"), id="PF-0001")
    found = only_row(file(row("甲 平台", "乙公司", "新")), base)
    assert found.outcome == "changed"
    assert found.listing is not None
    assert (found.listing.id, found.listing.summary, found.listing.city) == ("PF-0001", "新", "东莞市")
    assert found.base == Known(base, 1)


def test_empty_cells_change_nothing_without_an_id() -> None:
    assert only_row(file(row("甲平台")), listing(summary="旧")).outcome == "same"


def test_empty_cells_of_our_own_template_empty_the_field_and_say_so() -> None:
    base = replace(listing(summary="旧", city="东莞市"), id="PF-0001")
    found = only_row(file(row("甲平台", id="PF-0001")), base)
    assert found.listing is not None
    assert (found.listing.summary, found.listing.city) == ("", "东莞市"), "the file has no column for the city"
    assert [(change.label, change.old, change.new) for change in found.changes] == [("简介", "旧", "")]
    assert [problem.message for problem in found.problems] == ["将清空:简介"]


def test_an_id_that_exists_under_quite_another_name_is_pointed_out() -> None:
    found = only_row(file(row("无人机测试场", id="PF-0001")), replace(listing("生物发酵中试平台"), id="PF-0001"))
    assert found.outcome == "changed"
    assert "renamed" in [problem.code for problem in found.problems]


def test_an_id_twice_in_a_file_is_an_error_naming_both_rows() -> None:
    found = previewed(file(row("甲平台", id="PF-9"), row("戊平台", id="PF-9")))
    assert [one.outcome for one in found.rows] == ["new", "error"]
    (problem,) = found.rows[1].problems
    assert str(problem) == "第 3 行“编号”列:编号 PF-9 与第 2 行重复(每个条目的编号只能出现一次)"


def test_lifecycle_days_are_never_imported() -> None:
    base = replace(listing(summary="a"), verified_on="2026-01-01")
    line = line_of(replace(base, summary="b", verified_on="2027-01-01"))
    (found,) = preview(read_table("x.jsonl", line.encode()), [Known(base)]).rows
    assert found.listing == replace(base, summary="b")


def test_json_lines_replace_what_they_name_and_keep_the_rest() -> None:
    base = listing(summary="旧", city="东莞市", terms=Terms(insurance="有", queue_days=3))
    line = {"id": base.id, "kind": "platform", "name": "甲平台", "summary": "", "terms": {"queue_days": 5}}
    (found,) = preview(read_table("x.jsonl", json.dumps(line).encode()), [Known(base)]).rows
    assert found.listing == replace(base, summary="", terms=Terms(insurance="有", queue_days=5))


def test_bad_json_lines_are_errors_of_their_own_row() -> None:
    lines = [
        b'{"kind": "platform", "name": "a"}', b"{broken", b'{"kind": "ship", "name": "b"}', b"[1]",
        b'{"kind": "platform", "name": "c", "parameters": [{"name": "x", "min": 9, "max": 1}]}', b'{"name": "\xff"}',
    ]  # fmt: skip
    found = preview(read_table("x.jsonl", b"\n".join(lines)), [])
    assert [one.outcome for one in found.rows] == ["new", *["error"] * 5]
    assert [one.problems[0].row for one in found.rows[1:]] == [2, 3, 4, 5, 6]
    assert "下限 9 大于上限 1" in found.rows[4].problems[0].message


@pytest.mark.parametrize(
    ("first", "second", "suggestion"),
    [
        (listing("生物发酵中试平台"), listing("生物发酵中试 服务平台"), "merge"),
        (listing("东莞生物发酵中试基地平台"), listing("生物发酵中试基地平台"), "merge"),
        (listing("生物发酵中试平台"), replace(listing("生物发酵中试平台台"), kind="equipment"), "keep"),
        (listing("一号发酵中试平台"), listing("二号发酵中试平台"), None),
        (listing("液相色谱仪 1260"), listing("液相色谱仪 1290"), None),
        (listing("生物发酵中试平台"), listing("生物发酵中试平台", "另一家公司"), None),
        (listing("生物发酵中试平台"), listing("生物发酵中试平台", None), "keep"),
        (listing("平台", summary=LONG), listing("基地", "另一家公司", summary=LONG + "。"), "keep"),
        (listing("发酵平台", "甲大学", summary=LONG), listing("发酵平台", "甲大学分部", summary=LONG[:-2]), "merge"),
        (listing("平台", summary=LONG), listing("基地", "另一家公司", summary=LONG[::-1]), None),
        (listing("平台", summary="短文"), listing("基地", "另一家公司", summary="短文"), None),
        (listing("华某发酵平台", "华某公司"), listing("发酵平台", "乙大学、华某有限公司"), "merge"),
    ],
)
def test_likely_duplicates(first: Listing, second: Listing, suggestion: str | None) -> None:
    found = Duplicates([first]).find(card_of(second))
    assert [one.suggestion for one in found] == ([suggestion] if suggestion else [])
    back = Duplicates([second]).find(card_of(first))
    assert [one.suggestion for one in back] == [one.suggestion for one in found]


NAMES = st.text("生物发酵中试平台基地中心分离", min_size=4, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NAMES, st.sampled_from(["甲公司", "乙公司"])), max_size=12), NAMES)
def test_the_index_finds_what_comparing_every_pair_finds(known: list[tuple[str, str]], name: str) -> None:
    listings = [listing(one, operator, summary=LONG[: len(one) * 5]) for one, operator in known]
    wanted = listing(name, "甲公司", summary=LONG[: len(name) * 5])
    index = Duplicates(listings)
    card = card_of(wanted)
    every = {position for position in range(len(index)) if index._compare(card, position)}
    assert {one.position for one in index.find(card, most=99)} == every


def test_a_thousand_listings_of_one_operator_are_still_searched_for_the_like() -> None:
    names = [f"{chr(0x4E00 + number)}{chr(0x5E00 + number)}{chr(0x6E00 + number)}中试平台" for number in range(1000)]
    index = Duplicates(listing(name) for name in names)
    for at in (0, 500, 999):
        assert [one.position for one in index.find(card_of(listing(names[at] + "台")))] == [at]


def test_alike_ignores_width_case_and_punctuation() -> None:
    assert alike("Ａ平台", "a 平台") == 100


def test_duplicates_are_shown_with_reason_and_suggestion() -> None:
    base = replace(listing("生物发酵中试平台", summary="x"), id="PF-0001")
    found = only_row(file(row("生物发酵中试 服务平台", summary="新的说明")), base)
    assert found.outcome == "duplicate"
    (one,) = found.duplicates
    assert (one.id, one.row, one.suggestion, one.known) == ("PF-0001", None, "merge", Known(base, 1))
    assert one.reason.startswith("运营单位相同,名称相似")


def test_duplicates_within_the_file() -> None:
    found = previewed(file(row("生物发酵中试平台"), row("生物发酵中试 服务平台"), row("生物发酵中试平台", summary="z")))
    assert [one.outcome for one in found.rows] == ["new", "duplicate", "duplicate"]
    assert [one.duplicates[0].row for one in found.rows[1:]] == ["1-2", "1-2"]
    assert "第 2 行" in found.rows[1].duplicates[0].reason


def test_a_row_repeated_to_the_letter_is_left_out_and_said() -> None:
    found = previewed(file(row("甲平台"), row("甲平台")))
    assert [one.outcome for one in found.rows] == ["new", "same"]
    assert found.rows[1].problems[0].message == "与第 2 行完全相同,已略去"


def test_merging_fills_what_is_empty_and_unites_lists() -> None:
    base = listing(
        "甲平台", summary="短", city="东莞市", services=("a", "b"),
        parameters=(Parameter("容积", 5, 10, "L"), Parameter("面积", 1, 1, "m²")), terms=Terms(insurance="有"),
    )  # fmt: skip
    other = listing(
        "甲 平台二", summary="更长的说明", province="广东省", city="广州市", services=("b", "c"),
        parameters=(Parameter("容积", 5, 20, "L"),), terms=Terms(insurance="无", queue_days=2),
    )  # fmt: skip
    after = joined(base, other)
    assert (after.id, after.name, after.operator) == (base.id, base.name, base.operator)
    assert (after.province, after.city, after.summary) == ("广东省", "东莞市", "更长的说明")
    assert after.services == ("a", "b", "c")
    assert after.parameters == (Parameter("容积", 5, 20, "L"), Parameter("面积", 1, 1, "m²"))
    assert after.terms == Terms(insurance="有", queue_days=2)
    assert joined(after, other) == after


def test_updating_takes_what_is_stated() -> None:
    base = listing(summary="旧", services=("a",), terms=Terms(insurance="有", leasing="可"), verified_on="2026-01-01")
    other = listing(summary="", services=("b",), terms=Terms(queue_days=1))
    stated = frozenset({"summary", "services", "terms.insurance", "terms.queue_days", "verified_on", "id"})
    after = updated(base, replace(other, id="x"), stated, replaces=False)
    assert (after.id, after.summary, after.services, after.verified_on) == (base.id, "旧", ("b",), "2026-01-01")
    assert after.terms == Terms(insurance="有", leasing="可", queue_days=1)
    emptied = updated(base, other, stated, replaces=True)
    assert (emptied.summary, emptied.terms) == ("", Terms(leasing="可", queue_days=1))


def duplicate_file() -> tuple[bytes, Listing]:
    base = replace(listing("生物发酵中试平台", summary="x"), id="PF-0001")
    return file(row("生物发酵中试 服务平台", summary="新的说明"), row("丙装置", "丁公司")), base


def test_merge_keep_and_skip() -> None:
    data, base = duplicate_file()
    merge = applied(data, base, r2="merge")
    assert (merge[0].action, merge[0].listing.id, merge[0].version) == ("update", "PF-0001", 1)
    assert (merge[0].listing.name, merge[0].listing.summary) == ("生物发酵中试平台", "新的说明")
    keep = applied(data, base, r2="keep")
    assert [change.action for change in keep] == ["create", "create"]
    assert keep[0].listing.name == "生物发酵中试 服务平台"
    assert keep[0].listing.id != "PF-0001"
    skip = applied(data, base, r2="skip", r3="skip")
    assert skip == ()
    assert apply_plan(previewed(data, base), {}, suggestions=True) == merge


@pytest.mark.parametrize("decision", ["merge", "keep"])
def test_importing_again_after_a_decision_changes_nothing(decision: Decision) -> None:
    data, base = duplicate_file()
    after = catalogue_after(applied(data, base, r2=decision), {base.id: base})
    assert outcomes(data, *after.values()) == ["same", "same"]


@pytest.mark.parametrize("decision", ["merge", "keep"])
def test_duplicates_within_a_file_end_as_decided_and_come_again_unchanged(decision: Decision) -> None:
    data = file(row("甲平台", summary="一"), row("甲平台", summary="二二"))
    changes = applied(data, r3=decision)
    assert len(changes) == (1 if decision == "merge" else 2)
    if decision == "merge":
        assert changes[0].rows == ("1-2", "1-3")
        assert changes[0].listing.summary == "二二"
    else:
        after = catalogue_after(changes, {})
        assert len(after) == 2
        assert outcomes(data, *after.values()) == ["same", "same"]


def test_a_row_that_changes_a_listing_leaves_what_other_rows_gave_it() -> None:
    base = listing("生物发酵中试平台", summary="旧")
    data = file(row("生物发酵中试 服务平台", summary="更长的说明"), row("生物发酵中试平台", summary="新"))
    changes = applied(data, base, r2="merge")
    assert [(one.listing.id, one.listing.summary, one.rows) for one in changes] == [
        (base.id, "更长的说明", ("1-2", "1-3"))
    ]
    found = previewed(data, changes[0].listing)
    assert [one.outcome for one in found.rows] == ["same", "same"]
    assert [one.changes for one in found.rows] == [(), ()]
    assert apply_plan(found, {}) == ()


def test_what_a_row_adds_stays_where_the_listing_changes_otherwise() -> None:
    base = listing("生物发酵中试平台", summary="旧", services=("检测",))
    head = [*HEAD, "服务内容", "城市"]
    merged = [*row("生物发酵中试 服务平台"), "检测", ""]
    data = csv_of([head, [*row("生物发酵中试平台", summary="新"), "放大", "东莞"], merged])
    found = previewed(data, base)
    assert [one.outcome for one in found.rows] == ["changed", "same"]
    assert [(one.label, one.new) for one in found.rows[0].changes if one.label != "省份"] == [
        ("城市", "东莞市"),
        ("简介", "新"),
        ("服务内容", "放大;检测"),
    ]
    (change,) = apply_plan(ImportPreview.from_json(found.to_json()), {})
    assert (change.listing.services, change.rows) == (("放大", "检测"), ("1-2", "1-3"))
    (alone,) = apply_plan(found, {"1-3": "skip"})
    assert alone.listing.services == ("放大",)


def test_a_row_merged_with_a_listing_whose_own_row_is_left_out_is_joined_to_it() -> None:
    base = listing("生物发酵中试平台", summary="旧")
    data = file(row("生物发酵中试平台", summary="新"), row("生物发酵中试 服务平台", summary="更长的说明"))
    changes = applied(data, base, r2="skip", r3="merge")
    assert [(one.action, one.listing.id, one.listing.summary) for one in changes] == [("update", base.id, "更长的说明")]


def test_a_preview_that_was_stored_before_rows_had_parts_is_read() -> None:
    found = previewed(file(row("甲平台")))
    stored = json.loads(found.to_json())
    del stored["rows"][0]["part"]
    assert ImportPreview.from_json(json.dumps(stored)) == found


def test_nothing_is_applied_while_something_is_open_or_wrong() -> None:
    data, base = duplicate_file()
    found = previewed(data, base)
    with pytest.raises(InvalidInput, match="1 行疑似重复还没有决定") as caught:
        apply_plan(found, {})
    assert caught.value.field == "decisions"
    with pytest.raises(InvalidInput, match="没有 1-99 这一行"):
        apply_plan(found, {"1-2": "merge", "1-99": "skip"})
    with pytest.raises(InvalidInput, match="决定不对"):
        apply_plan(found, {"1-2": "explode"})  # type: ignore[dict-item]  # what a stale page may send
    wrong = previewed(file(row(""), row("甲平台")))
    with pytest.raises(InvalidInput, match="有 1 行有误"):
        apply_plan(wrong, {})
    assert [change.listing.name for change in apply_plan(wrong, {}, skip_errors=True)] == ["甲平台"]


def test_provenance_is_kept() -> None:
    data, base = duplicate_file()
    found = previewed(data, base, name="a/../名录.csv")
    change = apply_plan(found, {"1-2": "merge"}, imported_at="2026-05-01T08:00:00+00:00")[0]
    source = change.provenance
    assert (source.file, source.sheet, source.row, source.form) == ("名录.csv", "", 2, "template")
    assert (source.sha256, source.imported_at) == (found.sha256, "2026-05-01T08:00:00+00:00")


def test_a_preview_survives_storage() -> None:
    data, base = duplicate_file()
    table = read_table("x.csv", data + b",,,,\r\n" + b",x,,,\r\n")
    found = preview(table, [Known(base, "v7")], now=datetime(2026, 5, 1, tzinfo=UTC))
    stored = found.to_json()
    assert ImportPreview.from_json(stored) == found
    assert found.created_at == "2026-05-01T00:00:00+00:00"
    assert found.counts() == {"new": 1, "changed": 0, "same": 0, "duplicate": 1, "error": 1}
    again = apply_plan(ImportPreview.from_json(stored), {"1-2": "merge"}, skip_errors=True)
    assert again == apply_plan(found, {"1-2": "merge"}, skip_errors=True)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"version": 1}', '{"version": 1, "rows": [{}]}', '{"version": 2}']
)
def test_damaged_storage_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="导入预览") as caught:
        ImportPreview.from_json(text)
    assert caught.value.hint == "请重新上传文件"


def test_warnings_are_counted_by_sort() -> None:
    data = csv_of([["平台名称", "单位", "地址"], ["甲", "乙", "火星"], ["丙", "丁", "月球"], ["戊", "己", "东莞"]])
    assert previewed(data).warnings() == {"place": 2}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a,b\r\n1,2\r\n", "前 30 行里没有认得的标题;第一行是:a、b"),
        ("\n".join(["x,y"] * 31 + ["名称,单位"]).encode(), "没有认得的标题"),
        ("名称,单位\n".encode(), "没有可导入的行"),
        ("编号,名称,类别\n示例,甲,中试平台\n".encode(), "没有可导入的行"),
    ],
)
def test_files_without_headings_or_rows(data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        previewed(data)
    assert caught.value.hint


def test_too_many_rows_are_refused_even_where_titles_left_room() -> None:
    data = file(*[row(f"甲{number}") for number in range(12)])
    with pytest.raises(InvalidInput, match="超过 10 行"):
        preview(read_table("x.csv", data, Limits(rows=10)), [], Limits(rows=10))


def test_progress_runs_to_the_end() -> None:
    told: list[tuple[int, int | None]] = []
    data = file(*[row(f"甲{number}", f"公司{number}") for number in range(450)])
    preview(read_table("x.csv", data), [], progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (451, 451)
    assert len(told) == 3
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_columns_that_nobody_knows_are_named() -> None:
    data = csv_of([["名称", "单位", "幸运颜色"], ["甲", "乙", "红"]])
    assert "没有导入的列:幸运颜色" in previewed(data).notes


@pytest.mark.parametrize("url", [one for one in NO_ADDRESSES if one.strip()])
def test_a_source_that_is_no_page_is_an_error_of_its_line_and_left_out_of_a_table(url: str) -> None:
    lines = json.dumps({"kind": "platform", "name": "甲平台", "source_url": url}).encode()
    (line,) = preview(read_table("x.jsonl", lines), []).rows
    assert (line.outcome, [one.code for one in line.problems]) == ("error", ["url"])
    (cell,) = previewed(csv_of([["类别", "名称", "来源网址"], ["中试平台", "甲平台", url.strip()]])).rows
    assert cell.listing is not None
    assert cell.listing.source_url in (None, "https://a.cn")


def both(**fields: Any) -> tuple[Any, Any]:
    """The one row of a line and of a table that say the same."""
    headings = {"kind": "类别", "name": "名称", "province": "省份", "city": "城市", "source_date": "来源日期"}
    said = {"kind": "platform", "name": "甲平台", **fields}
    table = csv_of([[headings[name] for name in said], [str(value) for value in said.values()]])
    (line,) = preview(read_table("x.jsonl", json.dumps(said).encode()), []).rows
    (row,) = previewed(table).rows
    return line, row


def test_a_city_elsewhere_is_an_error_in_lines_as_in_tables() -> None:
    for row in both(province="江苏省", city="东莞市"):
        assert (row.outcome, [(one.level, one.code) for one in row.problems]) == ("error", [("error", "place")])
        assert row.problems[0].message == "城市“东莞市”不在“江苏省”"


def test_an_address_elsewhere_is_an_error_too() -> None:
    (row,) = previewed(csv_of([["名称", "省份", "地址"], ["甲平台", "江苏省", "广东省东莞市松山湖大道"]])).rows
    assert [(one.level, one.code) for one in row.problems if one.code == "place"] == [("error", "place")]


@pytest.mark.parametrize(("province", "city"), [("广东省", "洛杉矶"), ("亚特兰蒂斯", "东莞市")])
def test_a_place_that_nobody_knows_is_a_warning_in_both(province: str, city: str) -> None:
    line, row = both(province=province, city=city)
    assert [(one.level, one.code) for one in row.problems] == [("warning", "place")]
    assert (line.outcome, row.outcome) == ("new", "new")
    assert {one.level for one in line.problems} <= {"warning"}


def test_a_city_under_the_line_of_another_province_stays_where_the_row_says() -> None:
    data = csv_of([["序号", "名称", "单位", "省份"], ["东莞市", "", "", ""], ["1", "甲平台", "某公司", "江苏省"]])
    listings = [row.listing for row in previewed(data).rows]
    assert [(one.province, one.city) for one in listings if one is not None] == [("江苏省", None)]


@pytest.mark.parametrize(
    ("day", "table"), [("2030-13-45", "不是完整的日期"), ("昨天", "不是完整的日期"), ("2099-01-01", "晚于今天一年以上")]
)
def test_a_day_that_there_is_not(day: str, table: str) -> None:
    line, row = both(source_date=day)
    assert [(one.level, one.code) for one in line.problems] == [("error", "day")]
    assert "source_date" in line.problems[0].message
    (problem,) = row.problems
    assert (problem.code, row.listing.source_date) == ("day", None)
    assert table in problem.message


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"parameters": [{"name": "容积", "min": -5, "max": -1, "unit": "L"}]}, "range"),
        ({"parameters": [{"name": "容积", "unit": "L"}]}, "range"),
        ({"terms": {"minimum_batch": {"name": "批量"}}}, "range"),
        ({"industry": [""]}, "missing"),
        ({"name": "\u202e平台"}, "control"),
    ],
)
def test_what_a_form_refuses_keeps_a_line_out(fields: dict[str, Any], code: str) -> None:
    line = json.dumps({"kind": "platform", "name": "甲平台", **fields}).encode()
    (row,) = preview(read_table("x.jsonl", line), []).rows
    assert (row.outcome, [one.code for one in row.problems]) == ("error", [code])


def test_what_a_form_refuses_is_told_in_a_table() -> None:
    headings = ["名称", "单位", "能力参数"]
    data = csv_of([headings, ["甲\u202e平台", "乙", "容积:-5–-1 L"], ["丙平台", "丁", "深硅刻蚀:—;温度:-5–-1 ℃"]])
    below, empty = previewed(data).rows
    assert below.outcome == "error"
    assert {"range", "control"} <= {one.code for one in below.problems}
    assert below.name == "甲平台"
    assert empty.listing is not None
    assert (empty.listing.capabilities, empty.listing.parameters) == (("深硅刻蚀",), (Parameter("温度", -5, -1, "℃"),))
    assert "“深硅刻蚀”没有数值,已放入服务能力" in [one.message for one in empty.problems]


def test_a_kind_that_there_is_not_is_named() -> None:
    data = csv_of([["名称", "单位", "类别"], ["甲", "乙", "宇宙飞船"], ["丙", "丁", ""]])
    strange, empty = previewed(data).rows
    assert [(one.level, one.message) for one in strange.problems] == [
        ("warning", "没有“宇宙飞船”这个类别,按“中试平台”处理")
    ]
    assert "中试代工厂" in (strange.problems[0].hint or "")
    assert [one.message for one in empty.problems] == ["没有写明类别,按“中试平台”处理"]
