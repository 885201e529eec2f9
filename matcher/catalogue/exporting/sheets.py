"""Listings as an .xlsx sheet, written row by row; a text is always a text, never a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from matcher.catalogue.exporting.neutral import CELL_MAX, escaped
from matcher.catalogue.importing.columns import FormColumn

_BOLD = Font(bold=True)
_SHADE = PatternFill("solid", fgColor="DDEBF7")
_TOP = Alignment(vertical="top", wrap_text=True)


def write_sheet(columns: Sequence[FormColumn], rows: Iterable[Sequence[str]], title: str, out: BinaryIO) -> int:
    """Write one sheet with headings and rows; return how many cells were cut to what Excel holds."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    set_widths(sheet, columns)
    sheet.freeze_panes = "A2"
    sheet.append([heading_cell(sheet, column.heading) for column in columns])
    cut = 0
    for row in rows:
        cut += sum(len(escaped(text)) > CELL_MAX for text in row)
        sheet.append([text_cell(sheet, text) if text else None for text in row])
    book.save(out)
    return cut


def set_widths(sheet: Any, columns: Sequence[FormColumn]) -> None:
    """Set the widths of a sheet's columns."""
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width


def heading_cell(sheet: Any, heading: str) -> Any:
    """Return a heading as a cell."""
    cell = WriteOnlyCell(sheet, heading)
    cell.font, cell.fill, cell.alignment = _BOLD, _SHADE, _TOP
    return cell


def text_cell(sheet: Any, text: str) -> Any:
    """Return a text as a cell that stays text: typed so, and marked as a typed apostrophe would mark it."""
    cell = WriteOnlyCell(sheet, "")
    # openpyxl takes a leading = for a formula when the value is given; the type set after it stands.
    cell.value = escaped(text)[:CELL_MAX]
    if cell.data_type != "s":
        cell.data_type = "s"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
    return cell
