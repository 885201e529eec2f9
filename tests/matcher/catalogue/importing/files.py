"""Small files of every format, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl

from matcher.catalogue.importing.limits import DEFAULT_LIMITS, Limits
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.previews import ImportPreview, Known, RowPreview
from matcher.catalogue.importing.reading import read_table
from matcher.catalogue.importing.tables import Row
from matcher.records import Listing

HEAD = ("名称", "运营单位", "类别")


def xlsx(rows: Sequence[Sequence[Any]], merged: Sequence[str] = (), title: str = "Sheet") -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for one in merged:
        sheet.merge_cells(one)
    return saved(book)


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    """A packed file with some of its parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()


ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    '<office:body><office:spreadsheet><table:table table:name="表">'
)
ODS_FOOT = "</table:table></office:spreadsheet></office:body></office:document-content>"


def ods(rows: Sequence[Sequence[str]], extra: str = "") -> bytes:
    """A LibreOffice sheet, as small as one can be."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS_HEAD + cells + extra + ODS_FOOT)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return out.getvalue()


def csv_of(rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    return "".join(",".join(row) + "\r\n" for row in rows).encode(encoding)


def rows_of(data: bytes, name: str = "表.xlsx", limits: Limits = DEFAULT_LIMITS) -> list[Row]:
    """The rows of a file's first sheet."""
    return list(read_table(name, data, limits).sheets[0].rows())


def previewed(data: bytes, *known: Listing, name: str = "表.xlsx") -> ImportPreview:
    return preview(read_table(name, data), [Known(one, version) for version, one in enumerate(known, 1)])


def only_row(data: bytes, *known: Listing) -> RowPreview:
    """The preview of a file of one row."""
    (row,) = previewed(data, *known).rows
    return row


def only_listing(data: bytes) -> Listing:
    listing = only_row(data).listing
    assert listing is not None
    return listing
