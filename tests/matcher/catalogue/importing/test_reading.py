"""Files of every format become the same rows; files that are none are refused with what to do."""

from __future__ import annotations

import datetime
import hashlib
import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from matcher.catalogue.importing.limits import Limits
from matcher.catalogue.importing.reading import read_table, shown_name
from matcher.errors import InvalidInput
from tests.matcher.catalogue.importing.files import HEAD, csv_of, ods, repacked, rows_of, saved, xlsx

ROWS = [HEAD, ("甲平台", "乙公司", "中试平台"), ("丙平台", "丁公司", "中试设备")]
GB_ONLY = [HEAD, ("䶮平台", "乙公司", "中试平台")]


@pytest.mark.parametrize(
    ("name", "data", "form", "encoding"),
    [
        ("a.xlsx", xlsx(ROWS), "xlsx", None),
        ("a.ods", ods(ROWS), "ods", None),
        ("a.csv", csv_of(ROWS), "csv", "utf-8-sig"),
        ("a.csv", csv_of(ROWS, "utf-8-sig"), "csv", "utf-8-sig"),
        ("a.csv", csv_of(ROWS, "gb18030"), "csv", "gb18030"),
        ("a.csv", csv_of(ROWS, "utf-16"), "csv", "utf-16"),
        ("a.tsv", csv_of(ROWS).replace(b",", b"\t"), "csv", "utf-8-sig"),
        ("a.csv", csv_of(ROWS).replace(b",", b";"), "csv", "utf-8-sig"),
        ("a.csv", csv_of(ROWS).replace(b",", "\uff0c".encode()), "csv", "utf-8-sig"),
        ("bogus.pdf", xlsx(ROWS), "xlsx", None),
    ],
)
def test_formats_give_the_same_rows(name: str, data: bytes, form: str, encoding: str | None) -> None:
    table = read_table(name, data)
    assert (table.format, table.encoding, table.name, table.size) == (form, encoding, name, len(data))
    assert table.sha256 == hashlib.sha256(data).hexdigest()
    rows = list(table.sheets[0].rows())
    assert [row.cells for row in rows] == [tuple(row) for row in ROWS]
    assert [row.number for row in rows] == [1, 2, 3]
    assert list(table.sheets[0].rows()) == rows
    assert table.sheets[0].height == 3


def test_a_path_is_read_like_its_content(tmp_path: Path) -> None:
    path = tmp_path / "名录.csv"
    path.write_bytes(csv_of(ROWS))
    assert read_table(path.name, path).sha256 == read_table("x", csv_of(ROWS)).sha256


def test_a_broken_old_workbook_is_refused() -> None:
    with pytest.raises(InvalidInput, match="损坏"):
        read_table("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="读不了文件") as caught:
        read_table("x.csv", tmp_path / "x.csv")
    assert caught.value.field == "file"


def test_numbers_days_and_truth_as_people_read_them() -> None:
    book = openpyxl.Workbook()
    book.active.append([5000.0, 0.3, datetime.date(2026, 3, 1), datetime.datetime(2026, 3, 1, 8, 30), True, 12])
    assert rows_of(saved(book))[0].cells == ("5000", "0.3", "2026-03-01", "2026-03-01 08:30", "是", "12")


def test_columns_left_empty_stay_where_they_are() -> None:
    rows = rows_of(xlsx([[], [None, None, "x"], [None, None, None, "y"]]))
    assert [row.cells for row in rows[1:]] == [("", "", "x", ""), ("", "", "", "y")]
    assert rows[1].number == 2


def test_merged_cells_are_filled_and_marked() -> None:
    rows = rows_of(xlsx([["甲", None, "c"], [None, None, "d"], ["e", "f", "g"]], ["A1:B2"]))
    assert [row.cells for row in rows] == [("甲", "甲", "c"), ("甲", "甲", "d"), ("e", "f", "g")]
    assert [row.inherited for row in rows] == [frozenset(), {0}, frozenset()]
    assert [row.spread for row in rows] == [{1}, {1}, frozenset()]


def test_formulas_are_read_as_their_saved_values() -> None:
    data = xlsx([["甲", "=1+1"]])
    sheet = b'<c r="B1"><f>1+1</f><v></v></c>'
    parts = repacked(data, {})
    with zipfile.ZipFile(io.BytesIO(parts)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert sheet in xml
    with_value = repacked(data, {"xl/worksheets/sheet1.xml": xml.replace(sheet, b'<c r="B1"><f>1+1</f><v>2</v></c>')})
    assert rows_of(with_value)[0].cells == ("甲", "2")
    assert read_table("x", with_value).sheets[0].unsaved == {}
    assert read_table("x", data).sheets[0].unsaved == {1: (1,)}


def test_error_values_are_found() -> None:
    assert read_table("x", xlsx([["甲", "#REF!"]])).sheets[0].faulty == {1: (1,)}


def test_unsaved_formulas_belong_to_their_own_sheet() -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    second = book.create_sheet("二")
    second.append(["b", "=A1"])
    first, other = read_table("x", saved(book)).sheets
    assert (first.unsaved, other.unsaved) == ({}, {1: (1,)})


def test_macros_are_left_alone_and_said() -> None:
    table = read_table("x.xlsm", repacked(xlsx(ROWS), {"xl/vbaProject.bin": b"macro"}))
    assert table.notes == ("文件带有宏;宏没有运行,也没有保存",)


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"", "文件是空的", "重新选择"),
        (b" \r\n\t ", "文件是空的", "重新选择"),
        (b"%PDF-1.7 \xe2\xe3", "这是PDF 文件", "Excel"),
        (b"\n\n%PDF-1.4 rest", "这是PDF 文件", "Excel"),
        (b"<html><table><tr><td>x", "这是网页", "另存为 .xlsx"),
        (b"<?xml version='1.0'?><Workbook/>", "这是XML 文件", "另存为 .xlsx"),
        (b"\x89PNG\r\n\x1a\n\0\0", "这是图片", "模板"),
        (b"Rar!\x1a\x07\0", "这是压缩包", "解压"),
        (b"{\\rtf1 x}", "这是RTF", ".xlsx"),
        (b"MZ\x90\0\x03", "程序", ".xlsx"),
        (b"PK\x03\x04 broken", "损坏", "重新保存"),
        (bytes(range(1, 9)) * 40, "认不出文件格式", ".csv"),
        ("中文".encode()[:-1] + b",x\n\xff\xff\xff\xff", "认不出文字编码", "CSV UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_with_the_remedy(data: bytes, message: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_table("表.xlsx", data)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
    assert caught.value.field == "file"


@pytest.mark.parametrize(
    ("part", "message"),
    [("word/document.xml", "Word"), ("xl/workbook.bin", "xlsb"), ("readme.txt", "压缩包")],
)
def test_other_packed_files_are_named(part: str, message: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(InvalidInput, match=message):
        read_table("x.xlsx", out.getvalue())


def test_locked_and_other_office_files_are_named() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    for stream, message in (("EncryptedPackage", "密码"), ("WordDocument", "Word"), ("PowerPoint Document", "PPT")):
        with pytest.raises(InvalidInput, match=message):
            read_table("x.xls", ole + bytes(100) + stream.encode("utf-16-le"))


def test_encoding_faults_name_the_line() -> None:
    with pytest.raises(InvalidInput, match="第 3 行"):
        read_table("x.csv", b"a,b\n1,2\n\x81,\xff\xff\n")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_rare_characters_survive(encoding: str) -> None:
    assert rows_of(csv_of(GB_ONLY, encoding))[1].cells[0] == "䶮平台"


def test_quoted_line_ends_and_delimiters_stay_in_their_cell() -> None:
    data = '名称,简介,单位\n甲,"一,\n二",乙\n丙,x,丁\n'.encode()
    rows = rows_of(data)
    assert rows[1].cells == ("甲", "一,\n二", "乙")
    assert [row.number for row in rows] == [1, 2, 3]


@pytest.mark.parametrize(
    "text",
    [
        '名称,单位\n甲,"乙\n丙,丁\n',
        '名称,单位\n"甲,乙\n"丙",丁\n',
        '名称,单位\n甲,"乙',
        '名称,单位\n甲,"乙\n' + "丙,丁\n" * 100_000,
    ],
)
def test_a_quote_that_does_not_close_is_told_and_takes_no_row(text: str) -> None:
    with pytest.raises(InvalidInput, match="第 2 行的引号没有成对") as caught:
        rows_of(text.encode())
    assert "引号" in (caught.value.hint or "")


def test_quotes_within_a_line_are_read_as_they_stand() -> None:
    rows = rows_of('名称,单位\n8" 晶圆线,乙\n"甲""乙""",丁\n'.encode())
    assert [(row.number, row.cells) for row in rows[1:]] == [(2, ('8" 晶圆线', "乙")), (3, ('甲"乙"', "丁"))]


def test_a_million_rows_are_refused_quickly() -> None:
    data = b"\xe5\x90\x8d\xe7\xa7\xb0,\xe5\x8d\x95\xe4\xbd\x8d\n" + b"a,b\n" * 1_000_000
    start = time.process_time()
    with pytest.raises(InvalidInput, match="超过 100000 行") as caught:
        read_table("x.csv", data)
    assert time.process_time() - start < 5
    assert "分成几个文件" in (caught.value.hint or "")


def test_a_million_rows_of_a_workbook_are_refused_before_they_are_laid_out() -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(1, 120_000))
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    for body in (rows, far):
        sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        sheet += body + b"</sheetData></worksheet>"
        start = time.process_time()
        with pytest.raises(InvalidInput, match="超过 100000 行"):
            read_table("x.xlsx", repacked(xlsx(ROWS), {"xl/worksheets/sheet1.xml": sheet}))
        assert time.process_time() - start < 5


def test_rows_without_places_are_counted_too() -> None:
    """Some programs leave out where a row and a cell stand."""
    sheet = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
    sheet += b"<row><c><v>1</v></c></row>" * 50 + b"</sheetData></worksheet>"
    data = repacked(xlsx(ROWS), {"xl/worksheets/sheet1.xml": sheet})
    with pytest.raises(InvalidInput, match="超过 10 行"):
        read_table("x.xlsx", data, Limits(rows=10))
    assert len(rows_of(data)) == 50


def test_empty_formatted_cells_far_away_do_no_harm() -> None:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet += (
        b'<row r="1"><c r="A1" t="str"><v>x</v></c><c r="XFD1" s="0"/></row><row r="1048576"><c r="A1048576"/></row>'
    )
    data = repacked(xlsx(ROWS), {"xl/worksheets/sheet1.xml": sheet + b"</sheetData></worksheet>"})
    assert [row.cells for row in rows_of(data)] == [("x",)]


def test_three_hundred_columns_are_refused() -> None:
    for data in (xlsx([["x"] * 300]), csv_of([["x"] * 300]), ods([["x"] * 300])):
        with pytest.raises(InvalidInput, match="超过 200 列"):
            read_table("x", data)


def test_a_stray_cell_that_makes_a_sheet_huge_is_refused() -> None:
    with pytest.raises(InvalidInput, match="太大"):
        read_table("x", xlsx([["x"] * 20, *[["y"]] * 100]), Limits(cells=1000))


def test_zip_bombs_are_stopped_by_what_comes_out_not_by_what_they_say() -> None:
    bomb = repacked(xlsx(ROWS), {"xl/sharedStrings.xml": bytes(3_000_000)})
    limits = Limits(unpacked_bytes=2_000_000)
    with pytest.raises(InvalidInput, match="解压后超过"):
        read_table("x", bomb, limits)
    real = (3_000_000).to_bytes(4, "little")
    assert bomb.count(real) >= 2
    with pytest.raises(InvalidInput, match=r"解压后超过|损坏"):
        read_table("x", bomb.replace(real, (10).to_bytes(4, "little")), limits)


def test_a_sheet_that_unpacks_without_end_is_stopped_while_it_is_scanned() -> None:
    blank = b"<worksheet><sheetData>" + b" " * 5_000_000
    with pytest.raises(InvalidInput, match="解压后超过"):
        read_table("x", repacked(xlsx(ROWS), {"xl/worksheets/sheet1.xml": blank}), Limits(unpacked_bytes=1_000_000))


def test_too_many_parts_and_too_many_bytes() -> None:
    with pytest.raises(InvalidInput, match="个部分"):
        read_table("x", repacked(xlsx(ROWS), {f"p{n}": b"" for n in range(30)}), Limits(packed_files=20))
    with pytest.raises(InvalidInput, match="超过 0 MB"):
        read_table("x", csv_of(ROWS), Limits(bytes=10))


def test_repeated_cells_of_ods_are_counted() -> None:
    number = 'office:value-type="float" office:value="1"/></table:table-row>'
    row = f'<table:table-row table:number-rows-repeated="1000000"><table:table-cell {number}'
    with pytest.raises(InvalidInput, match="超过 100000 行"):
        read_table("x", ods(ROWS, row))
    wide = f'<table:table-row><table:table-cell table:number-columns-repeated="16384" {number}'
    with pytest.raises(InvalidInput, match="超过 200 列"):
        read_table("x", ods(ROWS, wide))
    empty = '<table:table-row table:number-rows-repeated="1048000">'
    empty += '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    assert len(rows_of(ods(ROWS, empty))) == 3


def test_rows_merged_downwards_in_ods_are_said() -> None:
    cell = '<table:table-row><table:table-cell table:number-rows-spanned="2" office:value-type="string">'
    cell += "<text:p>x</text:p></table:table-cell></table:table-row>"
    assert "取消合并" in read_table("x", ods(ROWS, cell)).notes[0]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\名录.xlsx", "名录.xlsx"),
        ("/", "未命名"),
        ("..", "未命名"),
        ("a\x00b\n.csv", "ab.csv"),
        ("gnp\u202exslx.exe", "gnpxslx.exe"),
        ("x" * 300 + ".xlsx", "x" * 108 + "…" + "xxxxxx.xlsx"),
    ],
)
def test_file_names_lose_their_tricks(name: str, shown: str) -> None:
    assert shown_name(name) == shown
    assert len(shown_name(name)) <= 120


def test_progress_begins_before_and_after_counting() -> None:
    told: list[tuple[int, int | None]] = []
    read_table("x", csv_of(ROWS), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, None), (0, 3)]


def test_too_many_sheets_are_cut_and_said() -> None:
    book = openpyxl.Workbook()
    for number in range(4):
        book.create_sheet(f"s{number}")
    table = read_table("x", saved(book), Limits(sheets=2))
    assert len(table.sheets) == 2
    assert table.notes == ("工作簿有 5 张表,只读了前 2 张",)
