"""A need that comes as a Word, PDF, Excel or text file: its words, the fields of its form, and the `Need` they make."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import pypdf
import python_calamine
from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml.ns import qn
from docx.parts.document import DocumentPart

from matcher.errors import InvalidInput
from matcher.records import Need
from matcher.understanding.budgets import read_budgets
from matcher.understanding.forms import Form
from matcher.understanding.text import MAX_CHARACTERS, clean, normalise

#: A form with photographs is a few megabytes.
MAX_BYTES = 20 * 1024 * 1024
#: What a packed document may claim to unpack to: ten times the size allowed packed, the usual ratio of office XML.
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_PACKED_FILES = 5_000
MAX_PAGES = 60
MAX_SHEETS = 20
MAX_ROWS = 2_000
#: The reader of spreadsheets lays a sheet out in full: one stray cell in the last row and column would take gigabytes.
MAX_CELLS = 2_000_000

_MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"
# A .docm differs from a .docx in its content type and its macros only; python-docx never runs or reads the latter.
PartFactory.part_type_for[_MACRO_WORD] = DocumentPart


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says: `text` (no control characters, no contacts), the `fields` of its form, notes in Chinese."""

    name: str
    text: str
    fields: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_document(source: bytes | Path, name: str | None = None) -> Document:
    """Read a .docx, .docm, .pdf, .xlsx, .xls, .txt or .md file; what it is shows in its first bytes, not in its name.

    Args:
        source: the content, or a path to it.
        name: the file name to show; that of the path by default.

    Raises:
        InvalidInput: (field `file`) too large, empty, damaged, locked, a scan, or of another kind.
    """
    shown = name or (source.name if isinstance(source, Path) else "文档")
    data = _load(source)
    if not data.strip():
        raise _refusal("文件是空的", "请检查后重新上传")
    form, notes = _reader_of(data)(data)
    if not form.text.strip():
        raise _refusal("文件里没有文字", "请上传含文字的 Word、PDF、Excel 或 TXT 文件")
    if form.dropped:
        notes.append(f"已略去单位、联系人等信息 {form.dropped} 处")
    return Document(shown, form.text, form.fields, tuple(notes))


def need_from_document(document: Document) -> Need:
    """Return the need that a document states; fields of its form become structured fields, all else is text.

    Text longer than a need may be is cut at a paragraph; `text_of` says so in a note.
    """
    fields = document.fields
    province, city = split_place(fields.get("place", ""))
    return Need(
        text=text_of(document)[0],
        title=_line(fields.get("title")),
        province=province,
        city=city,
        industry=_names(fields.get("industry")),
        budget_wan=_budget_wan(fields.get("budget")),
        deadline=_line(fields.get("deadline")),
    )


def text_of(document: Document) -> tuple[str, tuple[str, ...]]:
    """Return a document's text as a need's text (20,000 characters at most) and a note where it was cut.

    A form gives its title, problem, key techniques, targets and conditions, without the rest of the page.
    """
    wanted = ("title", "problem", "key", "target", "way", "stage", "certificate", "wanted_place")
    named = [document.fields[key] for key in wanted if key in document.fields]
    text = "\n".join(named) if "problem" in document.fields or "target" in document.fields else document.text
    if len(text) <= MAX_CHARACTERS:
        return text, ()
    kept = text[:MAX_CHARACTERS]
    cut = max(kept.rfind("\n"), kept.rfind("。") + 1)
    kept = kept[:cut] if cut > MAX_CHARACTERS // 2 else kept
    return kept, (f"文档有 {len(text)} 字,只读了前 {len(kept)} 字",)


def split_place(place: str) -> tuple[str | None, str | None]:
    """Return the province and the city of an address line such as 广东省东莞市松山湖."""
    line = re.sub(r"[\s,、/-]+", "", place)
    match = re.match(
        r"(?:(?P<province>[^省区市]{2,8}?(?:省|自治区))|)(?P<city>[^省市]{1,10}?(?:市|自治州|地区|盟))?", line
    )
    if not match or not (match["province"] or match["city"]):
        return None, line or None
    return match["province"], match["city"]


def _load(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        size, data = len(source), source
    else:
        try:
            size = source.stat().st_size
            data = source.read_bytes() if size <= MAX_BYTES else b""
        except OSError as error:
            raise _refusal(f"读不了文件 {source.name}", error.strerror or "请检查路径") from error
    if size > MAX_BYTES:
        raise _refusal(f"文件有 {size / 1024 / 1024:.1f} MB,超过 {MAX_BYTES // 1024 // 1024} MB", "请删去图片后重试")
    return data


_Reading = tuple[Form, list[str]]


def _reader_of(data: bytes) -> Callable[[bytes], _Reading]:
    """Return the reader for what the first bytes say the file is."""
    if data.startswith(b"PK\x03\x04"):
        return _reader_of_zip(data)
    if b"%PDF-" in data[:1024]:
        return _read_pdf
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _read_old_office
    for magic, kind in _OTHER_KINDS.items():
        if data.startswith(magic):
            raise _refusal(f"不支持{kind}", "请上传 Word(.docx)、PDF、Excel 或 TXT 文件")
    return _read_plain


_OTHER_KINDS = {
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"BM": "图片",
    b"II*\x00": "图片",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包",
    b"{\\rtf": "RTF 文档",
    b"MZ": "可执行文件",
    b"\x7fELF": "可执行文件",
}


def _reader_of_zip(data: bytes) -> Callable[[bytes], _Reading]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged() from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_PACKED_FILES or unpacked > MAX_UNPACKED_BYTES:
        raise _refusal(f"文件解压后有 {unpacked // 1024 // 1024} MB、{len(entries)} 个部分,超过限制", "请另存后重试")
    if any(entry.flag_bits & 1 for entry in entries):
        raise _locked()
    names = {entry.filename for entry in entries}
    if "word/document.xml" in names:
        return _read_word
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return _read_excel
    raise _refusal("不支持这种文件(压缩包或其他 Office 文件)", "请上传 Word(.docx)、PDF、Excel 或 TXT 文件")


def _read_word(data: bytes) -> _Reading:
    form, notes = Form(), []
    try:
        document = docx.Document(io.BytesIO(data)) if not _is_macro(data) else _open_macro(data)
        _add_word_blocks(form, document.element.body)
        names = document.part.content_type
    except _WORD_ERRORS as error:
        raise _damaged() from error
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


def _read_pdf(data: bytes) -> _Reading:
    notes: list[str] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _locked()
        count = len(reader.pages)
        texts = [reader.pages[index].extract_text() for index in range(min(count, MAX_PAGES))]
    except pypdf.errors.DependencyError as error:
        raise _locked() from error
    except _PDF_ERRORS as error:
        raise _damaged() from error
    blank = sum(not text.strip() for text in texts)
    if blank == len(texts):
        raise _refusal("PDF 里没有文字,可能是扫描件", "请上传可以复制文字的 PDF,或 Word 文件")
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


def _read_excel(data: bytes) -> _Reading:
    if data.startswith(b"PK"):
        _check_sheet_sizes(data)
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
            return _read_sheets(workbook)
    except python_calamine.PasswordError as error:
        raise _locked() from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise _damaged() from error


def _read_sheets(workbook: python_calamine.CalamineWorkbook) -> _Reading:
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
                raise _damaged() from error
            columns = {match[1] for match in re.finditer(rb'\br="([A-Z]{1,3})\d', sheet)}
            rows = max((int(match[1]) for match in re.finditer(rb'\br="[A-Z]*(\d{1,9})"', sheet)), default=1)
            width = max((_column(name) for name in columns), default=1)
            if rows * width > MAX_CELLS:
                raise _refusal(f"工作表有 {rows} 行 {width} 列,太大", "请删去数据区以外的单元格后重试")


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return clean(str(cell))


def _read_old_office(data: bytes) -> _Reading:
    """Read an OLE file: an .xls, or something in the same wrapping that is refused by its own name."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise _locked()
    if "WordDocument".encode("utf-16-le") in data:
        raise _refusal("不支持旧版 Word(.doc)", "请在 Word 或 WPS 里另存为 .docx 后上传")
    if "PowerPoint".encode("utf-16-le") in data:
        raise _refusal("不支持 PPT", "请上传 Word(.docx)、PDF、Excel 或 TXT 文件")
    return _read_excel(data)


def _read_plain(data: bytes) -> _Reading:
    text = _decode(data)
    strange = sum(character < " " and character not in "\n\r\t\x0b\x0c" for character in text[:4000])
    if strange > 1 + len(text[:4000]) // 50:
        raise _refusal("认不出文件格式", "请上传 Word(.docx)、PDF、Excel 或 TXT 文件")
    form = Form()
    form.add_lines(clean(text).splitlines())
    return form, []


def _decode(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refusal("认不出文字编码", "请用 UTF-8 编码重新保存")


def _budget_wan(value: str | None) -> float | None:
    """Return a form's budget in 10,000 CNY: the ceiling of what it says; None where it says no amount."""
    budgets = read_budgets(normalise(f"预算{value}")) if value else []
    highest = max((budget.interval.max for budget in budgets), default=None)
    return round(highest / 10_000, 6) if highest and highest != float("inf") else None


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in re.split(r"[、,,;;/\n]+", value or "") if name.strip())


def _line(value: str | None) -> str | None:
    return value.splitlines()[0].strip() or None if value and value.strip() else None


def _refusal(message: str, hint: str) -> InvalidInput:
    return InvalidInput(message, hint=hint, field="file")


def _damaged() -> InvalidInput:
    return _refusal("文件已损坏,打不开", "请重新保存后上传")


def _locked() -> InvalidInput:
    return _refusal("文件有密码,打不开", "请去掉密码后上传")
