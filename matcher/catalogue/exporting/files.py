"""Listings as a file: .xlsx, CSV or JSON lines, in any of the forms."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

from matcher.catalogue.exporting.neutral import storable
from matcher.catalogue.exporting.sheets import write_sheet
from matcher.catalogue.importing.columns import FORM_COLUMNS, FormColumn
from matcher.catalogue.importing.delimited import guarded
from matcher.catalogue.importing.headings import FORM_NAMES, Form
from matcher.catalogue.listings_file import line_of
from matcher.errors import InvalidInput
from matcher.records import Listing

FileType = Literal["xlsx", "csv", "jsonl"]
Encoding = Literal["utf-8-sig", "gb18030"]
#: Called with listings done.
Done = Callable[[int], None]
_DONE_EVERY = 200
MEDIA_TYPES: dict[FileType, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: listings, texts that lost characters no file can hold, and texts cut to a cell's length."""

    listings: int
    cleaned: int = 0
    cut: int = 0


def export(
    listings: Iterable[Listing],
    form: Form,
    out: BinaryIO,
    *,
    file_type: FileType = "xlsx",
    encoding: Encoding = "utf-8-sig",
    progress: Done | None = None,
) -> Exported:
    """Write listings in a form; `template` and `jsonl` come in again unchanged, the others hold less than a listing.

    Args:
        form: `jsonl` is a JSON lines file whatever `file_type` says, the others are .xlsx or CSV.
        out: a binary stream; written from its present position.
        encoding: of a CSV file. GB18030 holds every character; the mark of utf-8-sig is what Excel knows UTF-8 by.

    Raises:
        InvalidInput: a form that can't be written as that type of file.
    """
    if form != "jsonl" and file_type == "jsonl":
        raise InvalidInput(f"{FORM_NAMES[form]}不能写成 JSON Lines", hint="可用:xlsx、csv", field="file_type")
    counted = _Counted(listings, progress)
    if form == "jsonl":
        return _write_lines(counted, out)
    columns = FORM_COLUMNS[form]
    rows = _Rows(counted, columns)
    cut = (
        write_sheet(columns, rows, "供给条目", out) if file_type == "xlsx" else _write_csv(columns, rows, out, encoding)
    )
    return Exported(counted.done, rows.cleaned, cut)


class _Counted:
    def __init__(self, listings: Iterable[Listing], progress: Done | None) -> None:
        self._listings, self._progress, self.done = listings, progress, 0

    def __iter__(self) -> Iterator[Listing]:
        for listing in self._listings:
            yield listing
            self.done += 1
            if self._progress and self.done % _DONE_EVERY == 0:
                self._progress(self.done)
        if self._progress:
            self._progress(self.done)


class _Rows:
    """Rows of cells; counts the texts that had to be cleaned."""

    def __init__(self, listings: Iterable[Listing], columns: Sequence[FormColumn]) -> None:
        self._listings, self._columns, self.cleaned = listings, columns, 0

    def __iter__(self) -> Iterator[list[str]]:
        for listing in self._listings:
            cells = []
            for column in self._columns:
                text = column.write(listing)
                safe = storable(text)
                self.cleaned += safe != text
                cells.append(safe)
            yield cells


def _write_csv(columns: Sequence[FormColumn], rows: Iterable[Sequence[str]], out: BinaryIO, encoding: Encoding) -> int:
    text = io.TextIOWrapper(out, encoding=encoding, errors="replace", newline="", write_through=True)
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([column.heading for column in columns])
        writer.writerows([guarded(cell) for cell in row] for row in rows)
    finally:
        text.detach()
    return 0


def _write_lines(listings: _Counted, out: BinaryIO) -> Exported:
    cleaned = 0
    for listing in listings:
        line = line_of(listing)
        data = line.encode("utf-8", "replace")
        cleaned += b"?" in data and data.decode() != line
        out.write(data + b"\n")
    return Exported(listings.done, cleaned)
