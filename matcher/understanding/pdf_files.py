"""The words and forms of PDF files that hold text."""

from __future__ import annotations

import io
import logging
import re
import zlib

import pypdf

from matcher.understanding.forms import Form
from matcher.understanding.refusals import damaged, locked, refusal
from matcher.understanding.text import clean

#: What pypdf thinks of a file is said in our words; without a handler of its own it would write to standard error.
logging.getLogger("pypdf").addHandler(logging.NullHandler())
#: A form has five pages, a report with annexes sixty.
MAX_PAGES = 60


def read_pdf(data: bytes) -> tuple[Form, list[str]]:
    """Return the form that a PDF holds, and notes.

    Raises:
        InvalidInput: damaged, behind a password, or without text, as a scan is.
    """
    notes: list[str] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise locked()
        count = len(reader.pages)
        texts = [reader.pages[index].extract_text() for index in range(min(count, MAX_PAGES))]
    except pypdf.errors.DependencyError as error:
        raise locked() from error
    except _PDF_ERRORS as error:
        raise damaged() from error
    blank = sum(not text.strip() for text in texts)
    if blank == len(texts):
        raise refusal("PDF 里没有文字,可能是扫描件", "请上传可以复制文字的 PDF,或 Word 文件")
    if count > MAX_PAGES:
        notes.append(f"PDF 有 {count} 页,只读了前 {MAX_PAGES} 页")
    if blank:
        notes.append(f"有 {blank} 页没有文字(可能是图片),未读取")
    form = Form()
    form.add_lines(_unwrap(clean("\n".join(texts)).splitlines()))
    return form, notes


#: What pypdf raises on files that break the format in ways it does not foresee.
_PDF_ERRORS = (
    pypdf.errors.PyPdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError, OSError,
    AssertionError, NotImplementedError, ZeroDivisionError, OverflowError, zlib.error,
)  # fmt: skip


def _unwrap(lines: list[str]) -> list[str]:
    """Join lines that a page's width has broken: full ones that end within a sentence."""
    stripped = [line.strip() for line in lines]
    full = 0.85 * max(map(len, stripped), default=0)
    joined: list[str] = []
    open_line = False
    for line in stripped:
        if open_line and line and not _STARTS_ANEW.match(line):
            joined[-1] += line
        else:
            joined.append(line)
        open_line = len(line) >= max(full, 15) and line[-1:] not in "。;!?;::"
    return joined


_STARTS_ANEW = re.compile(r"[((]?[一二三四五六七八九十\d]{1,2}[))、..]|[^::]{2,12}[::]")
