"""Rows of .xlsx, .xls and .ods workbooks, merged cells filled in; formulas are read as the values saved with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from xml.etree import ElementTree

import python_calamine

from matcher.catalogue.importing.archives import Extent, Packed, check_extent, inspect
from matcher.catalogue.importing.cells import cell_text
from matcher.catalogue.importing.limits import Limits
from matcher.catalogue.importing.tables import Format, Row, Sheet
from matcher.understanding.refusals import damaged, locked, refusal

_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Range = tuple[tuple[int, int], tuple[int, int]]


def read_workbook(data: bytes, limits: Limits) -> tuple[Format, list[Sheet], list[str]]:
    """Return the format, the sheets and notes of a workbook.

    Raises:
        InvalidInput: damaged, locked, too large, or a packed file that is no workbook.
    """
    packed = inspect(data, limits) if data.startswith(b"PK") else None
    form = _format(packed)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        raise locked() from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise damaged() from error
    notes = _notes(packed)
    names = [one.name for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    if len(names) > limits.sheets:
        notes.append(f"工作簿有 {len(names)} 张表,只读了前 {limits.sheets} 张")
    extents = _extents(data, packed) if packed and form == "xlsx" else {}
    return form, [_sheet(workbook, name, limits, extents.get(name)) for name in names[: limits.sheets]], notes


def _format(packed: Packed | None) -> Format:
    if packed is None:
        return "xls"
    if "xl/workbook.xml" in packed.names:
        return "xlsx"
    if "xl/workbook.bin" in packed.names:
        raise refusal("不支持 .xlsb 格式", "请在 Excel 里另存为 .xlsx")
    if "word/document.xml" in packed.names:
        raise refusal("这是 Word 文件,不是表格", "请把表格复制到 Excel,另存为 .xlsx 后导入")
    if "content.xml" in packed.names:
        return "ods"
    raise refusal("这是压缩包,不是表格", "请解压后导入其中的 .xlsx 或 .csv 文件")


def _notes(packed: Packed | None) -> list[str]:
    notes = []
    if packed and packed.macros:
        notes.append("文件带有宏;宏没有运行,也没有保存")
    if packed and packed.spanned_rows:
        notes.append("ODS 表格里有纵向合并的单元格,只有第一行有内容;请取消合并,或另存为 .xlsx 后导入")
    return notes


def _extents(data: bytes, packed: Packed) -> dict[str, Extent]:
    """Return the extents by the sheets' names instead of their parts; {} where the workbook doesn't say."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
            links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
        return {}
    targets = {link.get("Id"): (link.get("Target") or "").lstrip("/").removeprefix("xl/") for link in links}
    return {
        sheet.get("name") or "": extent
        for sheet in book.findall(".//{*}sheet")
        if (extent := packed.extents.get(f"xl/{targets.get(sheet.get(_RELATIONS))}"))
    }


def _sheet(workbook: python_calamine.CalamineWorkbook, name: str, limits: Limits, extent: Extent | None) -> Sheet:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise damaged() from error
    height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
    check_extent(height, width, limits)
    frozen = {row: tuple(columns) for row, columns in extent.unsaved.items()} if extent else {}
    faulty = {row: tuple(columns) for row, columns in extent.faulty.items()} if extent else {}
    return Sheet(name, partial(_rows, sheet), height, frozen, faulty)


def _rows(sheet: python_calamine.CalamineSheet) -> Iterator[Row]:
    """Yield the rows from the sheet's first one; the reader leaves out empty columns on the left, they are put back."""
    pad = [""] * (sheet.start[1] if sheet.start else 0)
    rows = ([*pad, *map(cell_text, values)] for values in sheet.iter_rows())
    ranges = sheet.merged_cell_ranges
    if not ranges:
        yield from (Row(number, tuple(cells)) for number, cells in enumerate(rows, 1))
        return
    yield from _filled(rows, ranges)


def _filled(rows: Iterator[list[str]], ranges: list[Range]) -> Iterator[Row]:
    starting: dict[int, list[Range]] = {}
    for one in ranges:
        starting.setdefault(one[0][0], []).append(one)
    active: list[tuple[Range, str]] = []
    for index, cells in enumerate(rows):
        active = [(one, value) for one, value in active if one[1][0] >= index]
        inherited = {one[0][1] for one, _ in active}
        for one in starting.get(index, ()):
            active.append((one, cells[one[0][1]] if one[0][1] < len(cells) else ""))
        spread = set()
        for ((_, left), (_, right)), value in active:
            for column in range(left, min(right + 1, len(cells))):
                cells[column] = value
                spread.add(column) if column > left else None
        yield Row(index + 1, tuple(cells), frozenset(inherited), frozenset(spread))
