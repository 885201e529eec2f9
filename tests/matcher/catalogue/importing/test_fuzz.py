"""Whatever a file holds, it is read or refused in words; nothing else escapes."""

from __future__ import annotations

import io
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalogue.importing.plan import apply_plan
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.previews import ImportPreview
from matcher.catalogue.importing.reading import read_table
from matcher.errors import InvalidInput
from tests.matcher.catalogue.importing.files import csv_of, ods, xlsx

HEADINGS = (
    *("编号", "类别", "名称", "运营单位", "所在地", "省份", "城市", "能力参数", "服务内容", "收费标准", "开放时段"),
    *("机时额度", "最小批量", "开放比例", "排队天数", "来源日期", "容积(L)", "参数名称1", "下限1", "上限1", "规格型号"),
    *("联系人", "没人知道"),
)
_NASTY = (
    *("", "甲", "中试平台", "东莞", "5-1", "50-5000L", "容积:9–1 L", "1e999", "-", "≥", ":", ";", "\\", "2026-13-45"),
    *("nan", "示例", "1~2", "%", "元/", "13800000000", "=1", "'", "(", "\uff08", "注:x", "一、甲(2家)", "PF-1", "PF 1"),
    "x" * 300,
)
CELLS = st.sampled_from(_NASTY) | st.text(max_size=6)
TABLES = st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=8).flatmap(
    lambda head: st.lists(st.lists(CELLS, max_size=len(head) + 1), max_size=6).map(lambda rows: [head, *rows])
)


def read_through(data: bytes) -> None:
    """Read, preview, store and apply; only an error in words may end it."""
    try:
        found = preview(read_table("x", data), [])
    except InvalidInput as error:
        refused = error
    else:
        check(found)
        return
    assert refused.message
    assert refused.hint


def check(found: ImportPreview) -> None:
    assert ImportPreview.from_json(found.to_json()) == found
    changes = apply_plan(found, {}, suggestions=True, skip_errors=True)
    assert len({change.listing.id for change in changes}) == len(changes)
    assert all(problem.message for problem in found.problems())


@settings(max_examples=100, deadline=None)
@given(TABLES)
def test_any_table_is_read_or_refused_in_words(table: list[list[str]]) -> None:
    rows = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in table]
    read_through(csv_of([row for row in rows if row], "utf-8"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda tail: "名称,单位\n".encode() + tail))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    read_through(data)


BOOKS = (xlsx([["名称", "单位"], ["甲", "乙"], ["丙", "=1+1"]], ["A2:A3"]), ods([["名称", "单位"], ["甲", "乙"]]))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(BOOKS), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_damaged_workbooks_are_read_or_refused_in_words(book: bytes, at: int, noise: bytes) -> None:
    at %= len(book)
    read_through(book[:at] + noise + book[at + len(noise) :])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(BOOKS), st.data())
def test_damaged_parts_are_read_or_refused_in_words(book: bytes, data: st.DataObject) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        broken = data.draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            content = old.read(name)
            if name == broken:
                at = data.draw(st.integers(0, max(0, len(content) - 1)))
                content = content[:at] + data.draw(st.binary(max_size=6)) + content[at + data.draw(st.integers(0, 9)) :]
            new.writestr(name, content)
    read_through(out.getvalue())
