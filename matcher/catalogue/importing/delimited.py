"""Rows of CSV and TSV text: encoding and delimiter found out, quoted line ends kept."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

from matcher.catalogue.importing.archives import too_many_rows
from matcher.catalogue.importing.limits import Limits
from matcher.catalogue.importing.tables import Row, Sheet
from matcher.errors import InvalidInput
from matcher.understanding.refusals import refusal

#: Tried in this order; GB18030 takes in GB2312 and GBK, and reads almost anything, so it comes last.
_ENCODINGS = ("utf-8-sig", "gb18030")
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = (",", "\t", ";", "|", "\uff0c")
_CHUNK = 1024 * 1024
#: A field may be as long as the whole file; the limit on the file holds.
_FIELD = 64 * 1024 * 1024
#: What spreadsheets take for the beginning of a formula, full-width forms included (OWASP, CSV Injection).
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text. Raises InvalidInput where it is none of ours, with where it breaks."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    stops = []
    for name in _ENCODINGS:
        stop = _first_fault(data, name)
        if stop is None:
            return name
        stops.append(stop)
    line = data.count(b"\n", 0, max(stops)) + 1
    raise refusal(
        f"认不出文字编码(第 {line} 行附近不是 UTF-8 或 GB18030)", "请在 Excel 里另存为“CSV UTF-8”,或直接用 .xlsx"
    )


def _first_fault(data: bytes, encoding: str) -> int | None:
    """Return where a text stops being in an encoding (within a chunk's length); None where it is all in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    at = 0
    try:
        for at in range(0, len(data), _CHUNK):
            decoder.decode(data[at : at + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return at + error.start
    return None


def read_delimited(
    name: str, data: bytes, encoding: str, limits: Limits, score: Callable[[list[tuple[str, ...]]], int]
) -> Sheet:
    """Return the one sheet of a CSV or TSV file.

    Args:
        score: how well the first rows look like a list with headings; it settles the delimiter.

    Raises:
        InvalidInput: too many rows or columns, or quotes that don't close.
    """
    text = partial(_open, data, encoding)
    delimiter = max(_DELIMITERS, key=lambda one: score(_first_rows(text(), one, limits.heading_rows)))
    height = _checked_height(text(), delimiter, limits)
    return Sheet(name, partial(_rows, text, delimiter), height)


def _open(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _first_rows(text: io.TextIOWrapper, delimiter: str, count: int) -> list[tuple[str, ...]]:
    try:
        return [tuple(cells) for cells in islice(_records(text, delimiter), count)]
    except csv.Error:
        return []


def _records(text: Iterable[str], delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    csv.field_size_limit(_FIELD)
    return csv.reader(text, delimiter=delimiter, strict=strict)


def _checked_height(text: io.TextIOWrapper, delimiter: str, limits: Limits) -> int:
    height, lines, last = 0, _Lines(text), ""
    try:
        for height, cells in enumerate(_records(lines, delimiter), 1):
            raw = lines.taken()
            last = raw[-1]
            if len(raw) > 1 and _is_torn(raw, delimiter):
                raise _unclosed(height)
            if height > limits.rows + limits.heading_rows:
                raise too_many_rows(limits)
            if len(cells) > limits.columns:
                raise refusal(
                    f"第 {height} 行有 {len(cells)} 列,超过 {limits.columns} 列",
                    "请检查引号与分隔符,并只保留要导入的列",
                )
    except csv.Error as error:
        raise refusal(f"第 {height + 1} 行起读不下去:{error}", "请检查引号是否成对,或改用 .xlsx") from error
    if last and _is_open(last, delimiter):
        raise _unclosed(height)
    return height


class _Lines:
    """The lines of a text, kept until the row that they make has been looked at."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text, self._taken = text, list[str]()

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self._taken.append(line)
            yield line

    def taken(self) -> list[str]:
        """Those given since the last call."""
        taken, self._taken = self._taken, []
        return taken


def _is_torn(lines: list[str], delimiter: str) -> bool:
    """Whether a row of several lines is one only because a quote is missing, which takes in the rows below."""
    try:
        for _ in _records(lines, delimiter, strict=True):
            pass
    except csv.Error:
        return True
    return False


def _is_open(line: str, delimiter: str) -> bool:
    """Whether a quote of a line would take in what comes below."""
    return len(list(_records([line, "x"], delimiter))) < 2


def _unclosed(row: int) -> InvalidInput:
    return refusal(f"第 {row} 行的引号没有成对,下面的行会被并入其中", "请检查引号是否成对,或改用 .xlsx")


def _rows(text: Callable[[], io.TextIOWrapper], delimiter: str) -> Iterator[Row]:
    for number, cells in enumerate(_records(text(), delimiter), 1):
        yield Row(number, tuple(map(bared, cells)))


def bared(cell: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'").startswith(TRIGGERS) else cell


def guarded(cell: str) -> str:
    """Return the cell that `bared` undoes: an apostrophe before what a spreadsheet would take for a formula."""
    return "'" + cell if cell.lstrip("'").startswith(TRIGGERS) else cell
