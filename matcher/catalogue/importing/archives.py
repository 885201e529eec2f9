"""Looks into a packed workbook before anything lays it out: its true size, its extent, its formulas and macros."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from matcher.catalogue.importing.limits import MEBIBYTE, Limits
from matcher.errors import InvalidInput
from matcher.understanding.refusals import damaged, locked, refusal

_CHUNK = 256 * 1024
_LOCAL_HEADER = 30
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_TOKEN = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>")
_PLACE = re.compile(rb'\br="([A-Z]{0,3})(\d{1,9})"')
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v>\s*</(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?\s*</(?:\w+:)?c>"
)
_FAULT = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_REPEAT_ROWS = re.compile(rb'number-rows-repeated="(\d{1,9})"')
_REPEAT_COLUMNS = re.compile(rb'number-columns-repeated="(\d{1,9})"')
_SPANNED = re.compile(rb'number-rows-spanned="(?!1")')
_ODS_TOKEN = re.compile(rb"<table:(table-row|table-cell|table)\b([^>]*)>")

Cells = dict[int, list[int]]


@dataclass(slots=True)
class Extent:
    """Rows and columns that hold values, and where formulas were saved without a result or with an error."""

    rows: int = 0
    columns: int = 0
    unsaved: Cells = field(default_factory=dict)
    faulty: Cells = field(default_factory=dict)


@dataclass(slots=True)
class Packed:
    """What a packed workbook holds."""

    names: frozenset[str]
    #: By the part's path, xl/worksheets/sheet1.xml.
    extents: dict[str, Extent]
    spanned_rows: bool = False

    @property
    def macros(self) -> bool:
        """Whether it carries a macro project."""
        return any(name.endswith("vbaProject.bin") for name in self.names)


def inspect(data: bytes, limits: Limits) -> Packed:
    """Unpack a workbook once, a piece at a time, and stop at the first limit that is crossed.

    Sizes are counted as they come out: what the archive says of itself may be a lie.

    Raises:
        InvalidInput: damaged, locked, too large, or too many rows or columns, with what to do.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise damaged() from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise locked()
    if len(entries) > limits.packed_files:
        raise refusal(f"文件里有 {len(entries)} 个部分,超过 {limits.packed_files} 个", "请另存后重试")
    packed = Packed(frozenset(entry.filename for entry in entries), {})
    left = limits.unpacked_bytes
    for entry in entries:
        pieces = _counted(_inflate(data, entry), left, limits)
        if _SHEET.fullmatch(entry.filename):
            packed.extents[entry.filename] = _sheet_extent(pieces, limits)
        elif entry.filename == "content.xml":
            packed.extents[entry.filename], packed.spanned_rows = _ods_extent(pieces, limits)
        left -= pieces.drain()
    return packed


class _counted:
    """Pieces of an unpacked part; counts their bytes and stops at the limit."""

    def __init__(self, pieces: Iterator[bytes], left: int, limits: Limits) -> None:
        self._pieces, self._left, self._limits = pieces, left, limits
        self.seen = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.seen += len(piece)
            if self.seen > self._left:
                size = self._limits.unpacked_bytes // MEBIBYTE
                raise refusal(f"文件解压后超过 {size} MB,不予读取", "请删去图片与多余的工作表,或分成几个文件")
            yield piece

    def drain(self) -> int:
        """Unpack what nobody has read and return the part's size in bytes."""
        for _ in self:
            pass
        return self.seen


def _inflate(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    start = entry.header_offset + _LOCAL_HEADER
    lengths = data[start - 4 : start]
    if len(lengths) < 4:
        raise damaged()
    start += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    packed = memoryview(data)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield from (bytes(packed[at : at + _CHUNK]) for at in range(0, len(packed), _CHUNK))
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise refusal("文件用了不常见的压缩方式", "请在 Excel 或 WPS 里另存为 .xlsx")
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(0, len(packed), _CHUNK):
            rest = bytes(packed[at : at + _CHUNK])
            while rest and not unpack.eof:
                yield unpack.decompress(rest, _CHUNK)
                rest = unpack.unconsumed_tail
        yield unpack.flush()
    except zlib.error as error:
        raise damaged() from error


def _sheet_extent(pieces: _counted, limits: Limits) -> Extent:
    extent, row, column, rest = Extent(), 0, 0, b""
    for piece in pieces:
        text = rest + piece
        cut = max(text.rfind(b"</c>") + 4, text.rfind(b"<row")) if b"</c>" in text else text.rfind(b"<")
        text, rest = text[: max(cut, 0)], text[max(cut, 0) :]
        for token in _TOKEN.finditer(text):
            place = _PLACE.search(token[2])
            if token[1] == b"row":
                row, column = (int(place[2]) if place else row + 1), 0
                continue
            if place:
                row, column = int(place[2]), column_number(place[1])
            else:
                column += 1
            if not token[2].endswith(b"/"):
                _reach(extent, row, column, limits)
        _collect(_FORMULA, text, extent.unsaved)
        _collect(_FAULT, text, extent.faulty)
    return extent


def _collect(pattern: re.Pattern[bytes], text: bytes, cells: Cells) -> None:
    for match in pattern.finditer(text):
        cells.setdefault(int(match[2]), []).append(column_number(match[1]) - 1)


def _reach(extent: Extent, row: int, column: int, limits: Limits) -> None:
    """Take a filled cell in. Raises InvalidInput where it lies beyond the limits."""
    extent.rows, extent.columns = max(extent.rows, row), max(extent.columns, column)
    check_extent(extent.rows, extent.columns, limits)


def check_extent(rows: int, columns: int, limits: Limits) -> None:
    """Raises InvalidInput: too many rows, columns or cells (a stray cell far away makes a sheet of millions)."""
    # Titles and headings come on top of the rows that are imported.
    if rows > limits.rows + limits.heading_rows:
        raise too_many_rows(limits)
    if columns > limits.columns:
        hint = "请只保留要导入的列;若表格本身没有这么宽,请删去右侧多余单元格里的内容"
        raise refusal(f"表格超过 {limits.columns} 列,没有导入", hint)
    if rows * columns > limits.cells:
        raise refusal(f"表格有 {rows} 行 {columns} 列,太大", "请删去数据区以外的单元格,或分成几个文件")


def too_many_rows(limits: Limits) -> InvalidInput:
    """Return the error for a file with too many rows."""
    hint = "请分成几个文件,分别导入;若数据没有这么多,请删去末尾的空行"
    return refusal(f"表格超过 {limits.rows} 行,没有导入", hint)


def _ods_extent(pieces: _counted, limits: Limits) -> tuple[Extent, bool]:
    """Count what a LibreOffice sheet spreads out: one filled cell may stand for millions by its repeat counts."""
    extent, rows, columns, repeat, rest, spanned = Extent(), 0, 0, 0, b"", False
    for piece in pieces:
        text = rest + piece
        cut = max(text.rfind(b"<"), 0)
        text, rest = text[:cut], text[cut:]
        spanned = spanned or _SPANNED.search(text) is not None
        for token in _ODS_TOKEN.finditer(text):
            if token[1] == b"table":
                rows, repeat = 0, 0
            elif token[1] == b"table-row":
                rows, repeat, columns = rows + repeat, _times(_REPEAT_ROWS, token[2]), 0
            else:
                columns += _times(_REPEAT_COLUMNS, token[2])
                if b"value-type" in token[2]:
                    _reach(extent, rows + repeat, columns, limits)
    return extent, spanned


def _times(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    match = pattern.search(attributes)
    return int(match[1]) if match else 1


def column_number(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
