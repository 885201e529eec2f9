"""A need that comes as a Word, PDF, Excel or text file: its words, the fields of its form, and the `Need` they make."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from matcher.errors import InvalidInput
from matcher.records import Need
from matcher.understanding.budgets import read_budgets
from matcher.understanding.forms import Form
from matcher.understanding.pdf_files import read_pdf
from matcher.understanding.refusals import damaged, locked, refusal
from matcher.understanding.sheet_files import read_sheets
from matcher.understanding.text import MAX_CHARACTERS, clean, normalise
from matcher.understanding.word_files import read_word

#: A form with photographs is a few megabytes.
MAX_BYTES = 20 * 1024 * 1024
#: What a packed document may claim to unpack to: ten times the size allowed packed, the usual ratio of office XML.
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_PACKED_FILES = 5_000


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
        raise refusal("文件是空的", "请检查后重新上传")
    try:
        form, notes = _reader_of(data)(data)
    except InvalidInput as error:
        raise _named(shown, data, error) from error
    if misnamed := _misnamed(shown, data):
        notes.append(misnamed)
    if not form.text.strip():
        raise refusal("文件里没有文字", "请上传含文字的 Word、PDF、Excel 或 TXT 文件")
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
            raise refusal(f"读不了文件 {source.name}", error.strerror or "请检查路径") from error
    if size > MAX_BYTES:
        raise refusal(f"文件有 {size / 1024 / 1024:.1f} MB,超过 {MAX_BYTES // 1024 // 1024} MB", "请删去图片后重试")
    return data


#: What an extension promises; .xls and .doc are told apart by what stands in them.
_PROMISES = {
    ".docx": "Word 文档", ".docm": "Word 文档", ".pdf": "PDF", ".xlsx": "Excel 表格", ".xlsm": "Excel 表格",
}  # fmt: skip
_UNSEEN = re.compile(r"<(script|style|head)\b.{0,200000}?</\1\s*>|<!--.{0,20000}?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BINARY = "二进制数据"
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|table)", re.IGNORECASE)


def kind_of(data: bytes) -> str:
    """What a file is by its content, in a word or two."""
    if data.startswith(b"PK\x03\x04"):
        if b"word/" in data[:4096]:
            return "Word 文档"
        return "Excel 表格" if b"xl/" in data[:4096] else "压缩包"
    if b"%PDF-" in data[:1024]:
        return "PDF"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return "旧版 Office 文件"
    if _MARKUP.match(data):
        return "网页"
    for magic, kind in _OTHER_KINDS.items():
        if data.startswith(magic):
            return kind
    head = data[:4000]
    return _BINARY if b"\0" in head or sum(byte < 9 for byte in head) > len(head) // 50 else "纯文本"


def _named(shown: str, data: bytes, error: InvalidInput) -> InvalidInput:
    """The refusal of a file, with what it really is where its name promises something else."""
    promised = _PROMISES.get(Path(shown).suffix.lower())
    really = kind_of(data)
    if promised is None or really == promised:
        return error
    name = Path(shown).name
    if really == _BINARY:
        hint = "请检查文件是否完整,或重新导出为 Word(.docx)或 PDF"
        return InvalidInput(f"{name} 不是 {promised},是认不出的{really}", hint=hint, field=error.field)
    return InvalidInput(f"{name} 不是 {promised},实际是{really}:{error.message}", hint=error.hint, field=error.field)


def _misnamed(shown: str, data: bytes) -> str | None:
    """A note on a file that was read though it is not what its name promises."""
    promised = _PROMISES.get(Path(shown).suffix.lower())
    really = kind_of(data)
    known = {"纯文本", "网页", "PDF", "Word 文档", "Excel 表格"}
    return (
        f"文件名写的是 {promised},内容是{really},已按{really}读取"
        if promised and really != promised and really in known
        else None
    )


_Reading = tuple[Form, list[str]]


def _reader_of(data: bytes) -> Callable[[bytes], _Reading]:
    """Return the reader for what the first bytes say the file is."""
    if data.startswith(b"PK\x03\x04"):
        return _reader_of_zip(data)
    if b"%PDF-" in data[:1024]:
        return read_pdf
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _read_old_office
    for magic, kind in _OTHER_KINDS.items():
        if data.startswith(magic) and (b"\0" in data[:512] or kind == "RTF 文档"):
            raise refusal(f"不支持{kind}", "请上传 Word(.docx)、PDF、Excel 或 TXT 文件")
    return _read_plain


#: Told from text that begins alike (BMS 主板) by a zero byte.
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
        raise damaged() from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_PACKED_FILES or unpacked > MAX_UNPACKED_BYTES:
        raise refusal(f"文件解压后有 {unpacked // 1024 // 1024} MB、{len(entries)} 个部分,超过限制", "请另存后重试")
    if any(entry.flag_bits & 1 for entry in entries):
        raise locked()
    names = {entry.filename for entry in entries}
    if "word/document.xml" in names:
        return read_word
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return read_sheets
    raise refusal("不支持这种文件(压缩包或其他 Office 文件)", "请上传 Word(.docx)、PDF、Excel 或 TXT 文件")


def _read_old_office(data: bytes) -> _Reading:
    """Read an OLE file: an .xls, or something in the same wrapping that is refused by its own name."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise locked()
    if "WordDocument".encode("utf-16-le") in data:
        raise refusal("不支持旧版 Word(.doc)", "请在 Word 或 WPS 里另存为 .docx 后上传")
    if "PowerPoint".encode("utf-16-le") in data:
        raise refusal("不支持 PPT", "请上传 Word(.docx)、PDF、Excel 或 TXT 文件")
    return read_sheets(data)


def _read_plain(data: bytes) -> _Reading:
    text = _decode(data)
    strange = sum(character < " " and character not in "\n\r\t\x0b\x0c" for character in text[:4000])
    if strange > 1 + len(text[:4000]) // 50:
        raise refusal("认不出文件格式", "请上传 Word(.docx)、PDF、Excel 或 TXT 文件")
    form = Form()
    form.add_lines(clean(_without_markup(text) if _MARKUP.match(data) else text).splitlines())
    return form, []


def _without_markup(text: str) -> str:
    """The words of a page: what is between its tags, a line for each."""
    return html.unescape(_TAG.sub("\n", _UNSEEN.sub("\n", text)))


def _decode(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refusal("认不出文字编码", "请用 UTF-8 编码重新保存")


def _budget_wan(value: str | None) -> float | None:
    """Return a form's budget in 10,000 CNY: the ceiling of what it says; None where it says no amount."""
    budgets = read_budgets(normalise(f"预算{value}")) if value else []
    highest = max((budget.interval.max for budget in budgets), default=None)
    return round(highest / 10_000, 6) if highest and highest != float("inf") else None


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in re.split(r"[、,,;;/\n]+", value or "") if name.strip())


def _line(value: str | None) -> str | None:
    return value.splitlines()[0].strip() or None if value and value.strip() else None
