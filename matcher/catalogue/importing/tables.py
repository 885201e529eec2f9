"""A file as rows of text, whatever its format was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Format = Literal["xlsx", "xls", "ods", "csv", "jsonl"]
FORMAT_NAMES: dict[Format, str] = {"xlsx": "xlsx", "xls": "xls", "ods": "ods", "csv": "CSV", "jsonl": "JSON Lines"}

#: Called with rows done and rows in all, None where nobody has counted them.
Progress = Callable[[int, int | None], None]
#: Often enough for a smooth bar, seldom enough to cost nothing.
PROGRESS_EVERY = 200


class Row(NamedTuple):
    """One row as the file numbers it (from 1).

    `inherited` are the columns filled from a merged cell that began in a row above; `spread` those filled from a
    merged cell that began further left.
    """

    number: int
    cells: tuple[str, ...]
    inherited: frozenset[int] = frozenset()
    spread: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; `rows` may be called again and again, each time from the first row."""

    name: str
    rows: Callable[[], Iterator[Row]]
    height: int | None = None
    #: Rows that hold a formula whose result was never saved, or an error instead of a value, with the columns.
    unsaved: dict[int, tuple[int, ...]] = field(default_factory=dict)
    faulty: dict[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: its sheets, and notes in Chinese on what was left out or taken as something else."""

    name: str
    format: Format
    sha256: str
    size: int
    sheets: tuple[Sheet, ...]
    encoding: str | None = None
    notes: tuple[str, ...] = ()
