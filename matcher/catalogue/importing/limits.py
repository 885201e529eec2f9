"""How much a file may hold; all of it is checked before the file is laid out in memory.

How much one listing may hold says `listings.limits`, for this way into the database and every other.
"""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one import."""

    #: 100,000 rows of 20 filled columns take some 25 MB as xlsx and 60 MB as CSV.
    bytes: int = 64 * MEBIBYTE
    #: What a packed workbook really unpacks to; sheet XML is some 10 times its packed size.
    unpacked_bytes: int = 256 * MEBIBYTE
    packed_files: int = 5_000
    #: Ten times the largest catalogue the service is measured with; more belongs into several files.
    rows: int = 100_000
    #: The widest form known (the national instrument platform's) has 47 columns.
    columns: int = 200
    #: The reader of workbooks lays a sheet out in full, 32 bytes a cell.
    cells: int = 5_000_000
    sheets: int = 30
    #: Titles, units and dates stand above the headings of official lists, never thirty rows of them.
    heading_rows: int = 30


DEFAULT_LIMITS = Limits()
