"""The words and forms of .docx and .docm files, in reading order."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml.ns import qn
from docx.parts.document import DocumentPart

from matcher.understanding.forms import Form
from matcher.understanding.refusals import damaged
from matcher.understanding.text import clean

_MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"
# A .docm differs from a .docx in its content type and its macros only; python-docx never runs or reads the latter.
PartFactory.part_type_for[_MACRO_WORD] = DocumentPart


def read_word(data: bytes) -> tuple[Form, list[str]]:
    """Return the form that a Word file holds, and notes. Raises InvalidInput where it is damaged."""
    form, notes = Form(), []
    try:
        document = docx.Document(io.BytesIO(data)) if not _is_macro(data) else _open_macro(data)
        _add_word_blocks(form, document.element.body)
        names = document.part.content_type
    except _WORD_ERRORS as error:
        raise damaged() from error
    if names == _MACRO_WORD:
        notes.append("文档含宏,宏未读取也未运行")
    return form, notes


#: What python-docx, lxml and zipfile raise on broken parts; an XML error is a SyntaxError.
_WORD_ERRORS = (
    OpcError, SyntaxError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, IndexError,
    EOFError, NotImplementedError, RecursionError, OSError,
)  # fmt: skip


def _is_macro(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _MACRO_WORD.encode() in archive.read("[Content_Types].xml")


def _open_macro(data: bytes) -> Any:
    """Open a .docm: python-docx's own door refuses its content type, its package does not."""
    return docx.package.Package.open(io.BytesIO(data)).main_document_part.document


def _add_word_blocks(form: Form, element: Any) -> None:
    lines: list[str] = []
    for block in _word_blocks(element):
        if block.tag == qn("w:tbl"):
            form.add_lines(lines)
            lines = []
            form.add_rows([[_word_text(cell) for cell in row.iterchildren(qn("w:tc"))] for row in _word_rows(block)])
        else:
            lines.extend(_word_text(block).splitlines())
    form.add_lines(lines)


def _word_blocks(element: Any) -> Iterator[Any]:
    """Yield paragraphs and tables in order, those inside content controls and insertions included."""
    for child in element.iterchildren():
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _word_blocks(child)


def _word_rows(table: Any) -> Iterator[Any]:
    for child in table.iterchildren():
        if child.tag == qn("w:tr"):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent")):
            yield from _word_rows(child)


def _word_text(element: Any) -> str:
    """Return the words of a paragraph or cell: a line a paragraph, without deleted words and second copies of boxes."""
    parts: list[str] = []
    for node in element.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:p"), qn("w:noBreakHyphen")):
        if node.tag == qn("w:p"):
            parts.append("\n" if parts else "")
        elif node.tag == qn("w:t"):
            if not any(above.tag.endswith("}Fallback") for above in node.iterancestors()):
                parts.append(node.text or "")
        elif node.tag == qn("w:noBreakHyphen"):
            parts.append("-")
        elif node.getparent().tag == qn("w:r"):
            parts.append("\n" if node.tag != qn("w:tab") else " ")
    return clean("".join(parts)).strip()
