"""A match report as a Word document."""

from __future__ import annotations

import io
from typing import Any, Final

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from api.portal.matching.reporting import Line, Report

#: Word takes it from the reader's computer, and another one where it is not there.
FONT: Final = "Microsoft YaHei"


def document(report: Report) -> bytes:
    """The document: need, conditions, facts, then the matches one below the other."""
    made = Document()
    style = made.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    made.core_properties.title, made.core_properties.author = report.title, ""
    made.add_heading(report.title, 0)
    _table(made, report.facts)
    made.add_heading(report.need_title, 1)
    made.add_paragraph(report.need)
    made.add_heading(report.conditions_title, 1)
    for kind, words, firmness in report.conditions:
        made.add_paragraph(f"{kind}:{words}({firmness})", style="List Bullet")
    for note in report.notes:
        made.add_paragraph(note)
    _lines(made, report, report.lines_title, report.lines)
    _lines(made, report, report.near_title, report.near)
    made.add_paragraph(report.footer)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _table(made: Any, rows: tuple[tuple[str, str], ...]) -> None:
    table = made.add_table(rows=0, cols=2)
    for name, value in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value


def _lines(made: Any, report: Report, title: str, lines: tuple[Line, ...]) -> None:
    if not lines:
        return
    made.add_heading(title, 1)
    for line in lines:
        made.add_heading(f"{line.rank}. {line.name}", 2)
        facts = [line.grade, line.kind, line.operator, line.place, line.id]
        made.add_paragraph(" · ".join(one for one in facts if one))
        for name in ("reasons", "fits"):
            for one in getattr(line, name):
                made.add_paragraph(one, style="List Bullet")
        if line.source:
            made.add_paragraph(f"{report.labels['source']}:{line.source}")
