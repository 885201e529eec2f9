"""A match report as PDF, in a Chinese font that PDF readers bring along (Adobe's CID fonts)."""

from __future__ import annotations

import io
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer

from api.portal.matching.reporting import Line, Report

FONT: Final = "STSong-Light"
MARGIN: Final = 20 * mm
#: The font has no signs beyond GB 2312; these say the same.
_SIGNS: Final = str.maketrans({"✓": "√", "✗": "×"})


@cache
def _styles() -> dict[str, ParagraphStyle]:
    registerFont(UnicodeCIDFont(FONT))
    # Chinese breaks anywhere; reportlab's own rule for it also holds punctuation together.
    text = ParagraphStyle("text", fontName=FONT, fontSize=10, leading=15, wordWrap="CJK", spaceAfter=2)
    return {
        "text": text,
        "small": ParagraphStyle("small", text, fontSize=9, leading=13, textColor=HexColor("#56605b")),
        "title": ParagraphStyle("title", text, fontSize=20, leading=28, spaceAfter=8),
        "part": ParagraphStyle("part", text, fontSize=14, leading=20, spaceBefore=10, spaceAfter=4),
        "match": ParagraphStyle("match", text, fontSize=12, leading=17, spaceBefore=6),
    }


def pages(report: Report) -> bytes:
    """The document as bytes."""
    out = io.BytesIO()
    made = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=report.title, author="PilotMatch",
    )  # fmt: skip
    parts: list[Flowable] = [_paragraph(report.title, "title")]
    parts += [_paragraph(f"{name}:{value}", "small") for name, value in report.facts]
    parts += [_paragraph(report.need_title, "part"), _paragraph(report.need, "text")]
    parts.append(_paragraph(report.conditions_title, "part"))
    parts += [_paragraph(f"{kind}:{words}({firmness})", "text") for kind, words, firmness in report.conditions]
    parts += [_paragraph(note, "small") for note in report.notes]
    for title, lines in ((report.lines_title, report.lines), (report.near_title, report.near)):
        if lines:
            parts.append(_paragraph(title, "part"))
            parts += [_match(report, line) for line in lines]
    made.build([*parts, Spacer(1, MARGIN / 2), _paragraph(report.footer, "small")])
    return out.getvalue()


def _match(report: Report, line: Line) -> KeepTogether:
    facts = " · ".join(one for one in (line.grade, line.kind, line.operator, line.place, line.id) if one)
    parts = [_paragraph(f"{line.rank}. {line.name}", "match"), _paragraph(facts, "small")]
    parts += [_paragraph(one, "text") for one in (*line.reasons, *line.fits)]
    if line.source:
        parts.append(_paragraph(f"{report.labels['source']}:{line.source}", "small"))
    return KeepTogether(parts)


def _paragraph(text: str, style: str) -> Paragraph:
    """Texts are texts: what looks like markup is shown as it is."""
    return Paragraph(escape(text.translate(_SIGNS)).replace("\n", "<br/>"), _styles()[style])
