"""A match report as .xlsx; a text is always a text, never a formula."""

from __future__ import annotations

import io
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from api.portal.matching.reporting import Line, Report
from matcher.catalogue.exporting.sheets import heading_cell, text_cell

#: Characters, as Excel counts widths.
WIDTHS: Final = {
    "rank": 6, "name": 36, "id": 12, "kind": 14, "operator": 30, "place": 18, "grade": 12, "fits": 60,
    "reasons": 60, "source": 50,
}  # fmt: skip


def sheet(report: Report) -> bytes:
    """The workbook: one sheet for the need, one for the matches, one for near misses where there are any."""
    book = Workbook(write_only=True)
    about = book.create_sheet(report.need_title)
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 16, 80
    rows = [(report.title, ""), (report.need_title, report.need), *report.facts, (report.conditions_title, "")]
    rows += [(kind, f"{words}({firmness})") for kind, words, firmness in report.conditions]
    rows += [("", note) for note in report.notes]
    for name, value in [*rows, ("", report.footer)]:
        about.append([heading_cell(about, name) if name else None, text_cell(about, value) if value else None])
    _lines(book.create_sheet(report.lines_title), report, report.lines)
    if report.near:
        _lines(book.create_sheet(report.near_title), report, report.near)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(target: Any, report: Report, lines: tuple[Line, ...]) -> None:
    for number, name in enumerate(WIDTHS, 1):
        target.column_dimensions[get_column_letter(number)].width = WIDTHS[name]
    target.freeze_panes = "A2"
    target.append([heading_cell(target, report.labels[name]) for name in WIDTHS])
    for line in lines:
        texts = [_text(getattr(line, name)) for name in WIDTHS]
        target.append([text_cell(target, text) if text else None for text in texts])


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "\n".join(value)
