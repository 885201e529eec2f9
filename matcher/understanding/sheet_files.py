"""The cells and forms of .xlsx and .xls workbooks."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

import python_calamine

from matcher.understanding.forms import Form
from matcher.understanding.refusals import damaged, locked, refusal
from matcher.understanding.text import clean

MAX_SHEETS = 20
MAX_ROWS = 2_000
#: The reader of spreadsheets lays a sheet out in full: one stray cell in the last row and column would take gigabytes.
MAX_CELLS = 2_000_000


def read_sheets(data: bytes) -> tuple[Form, list[str]]:
    """Return the form that a workbook holds, and notes. Raises InvalidInput: damaged, locked, too large."""
    if data.startswith(b"PK"):
        _check_sheet_sizes(data)
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
            return _read_workbook(workbook)
    except python_calamine.PasswordError as error:
        raise locked() from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise damaged() from error


def _read_workbook(workbook: python_calamine.CalamineWorkbook) -> tuple[Form, list[str]]:
    form, notes = Form(), []
    for name in workbook.sheet_names[:MAX_SHEETS]:
        sheet = workbook.get_sheet_by_name(name)
        rows = sheet.to_python(nrows=MAX_ROWS + 1)
        if len(rows) > MAX_ROWS:
            notes.append(f"工作表“{name}”行数过多,只读了前 {MAX_ROWS} 行")
        form.add_rows([[_cell_text(cell) for cell in row] for row in rows[:MAX_ROWS]])
    if len(workbook.sheet_names) > MAX_SHEETS:
        notes.append(f"工作簿有 {len(workbook.sheet_names)} 张表,只读了前 {MAX_SHEETS} 张")
    return form, notes


def _check_sheet_sizes(data: bytes) -> None:
    """Raise InvalidInput for a sheet whose last row and column enclose more cells than can be laid out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", entry):
                continue
            try:
                sheet = archive.read(entry)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                raise damaged() from error
            columns = {match[1] for match in re.finditer(rb'\br="([A-Z]{1,3})\d', sheet)}
            rows = max((int(match[1]) for match in re.finditer(rb'\br="[A-Z]*(\d{1,9})"', sheet)), default=1)
            width = max((_column(name) for name in columns), default=1)
            if rows * width > MAX_CELLS:
                raise refusal(f"工作表有 {rows} 行 {width} 列,太大", "请删去数据区以外的单元格后重试")


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return clean(str(cell))
