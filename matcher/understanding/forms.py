"""The forms of calls for needs: which label stands for which field, in lines and in the rows of tables."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from matcher.errors import BrokenArtefact

#: Labels as the calls of cities and ministries print them (揭榜挂帅, 技术需求征集), without blanks and numbering.
LABELS = Path(__file__).resolve().parents[2] / "datasets" / "forms.csv"
#: What a public form may not carry on: phone and mobile numbers, mail addresses.
_CONTACT = re.compile(
    r"(?<!\d)(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[- ]\d{7,8}(?:-\d{1,5})?)(?!\d)|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.ASCII,
)
#: A longer line is no label, whatever it holds.
_LONGEST = 16
_NUMBERING = re.compile(r"^\s*(?:[((]?[一二三四五六七八九十\d]{1,3}[))、..]|[*★●■◆·-])+\s*")
_BRACKETS = re.compile(r"[((【\[]([^))】\]]*)[))】\]]")
_LINE = re.compile(r"^(?P<label>[^::\n]{2,24})[::]\s*(?P<value>.*)$")

Rows = Sequence[Sequence[str]]


def field_of(label: str) -> str | None:
    """Return the field that a label stands for, whatever numbering, brackets and blanks it wears.

    None for other words; `private` and `other` for labels whose values are left out.
    """
    bare = _BRACKETS.sub("", _NUMBERING.sub("", label))
    bare = re.sub(r"[\s::*]+", "", bare).lower()
    return _fields().get(bare) if bare and len(bare) <= _LONGEST else None


def unit_of(label: str) -> str:
    """Return what a label's brackets say of its unit: 万元 of 拟投入资金(万元); empty where nothing."""
    bracket = _BRACKETS.search(label)
    return bracket[1].strip() if bracket and bracket[1].strip() in ("万元", "元", "万", "亿元") else ""


def without_contacts(text: str) -> str:
    """Return `text` with phone numbers and mail addresses blotted out."""
    return _CONTACT.sub("(略)", text)


@cache
def _fields() -> dict[str, str]:
    try:
        with LABELS.open(encoding="utf-8", newline="") as lines:
            return {row["label"].lower(): row["field"] for row in csv.DictReader(lines)}
    except (OSError, KeyError, AttributeError) as error:
        raise BrokenArtefact(f"{LABELS.name} 缺失或损坏", hint="请重新安装,或恢复 datasets 目录") from error


class Form:
    """Gathers the fields of a document in reading order; the text that is left carries no private field.

    `fields` has at most the keys of LABELS but `private` and `other`; a label met twice is joined by a line end.
    """

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._lines: list[str] = []
        self._open: str | None = None
        self._dropped = 0

    @property
    def text(self) -> str:
        """The whole document, one line a paragraph or row, contacts left out."""
        return without_contacts("\n".join(line for line in self._lines if line.strip()))

    @property
    def dropped(self) -> int:
        """How many private entries were left out."""
        return self._dropped

    def add_lines(self, lines: Iterable[str]) -> None:
        """Read paragraphs: `label:value`, or a label alone with its value in the lines after it."""
        for line in lines:
            self._add_line(line.strip())
        self._open = None

    def add_rows(self, rows: Rows) -> None:
        """Read one table: labels beside their values, or a first row of labels above one row of values."""
        filled = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
        self._open = None
        if _is_header(filled):
            self._add_pairs(list(zip(filled[0], filled[1], strict=False)))
            for row in filled[2:]:
                self._keep_cells(
                    [cell for label, cell in zip(filled[0], row, strict=False) if field_of(label) != "private"]
                )
            return
        for row in filled:
            self._add_row(row)
        self._open = None

    def _add_line(self, line: str) -> None:
        match = _LINE.match(line)
        field = field_of(match["label"]) if match else field_of(line)
        if field is None:
            self._continue(line)
            return
        label, value = (match["label"], match["value"]) if match else (line, "")
        self._open = field
        self._put(field, value, label)

    def _add_row(self, row: list[str]) -> None:
        labels = [index for index, cell in enumerate(row) if field_of(cell)]
        if not labels:
            self._add_cells(row)
            return
        for position, index in enumerate(labels):
            end = labels[position + 1] if position + 1 < len(labels) else len(row)
            field = field_of(row[index])
            self._open = field
            if field:
                self._put(field, " ".join(cell for cell in row[index + 1 : end] if cell), row[index])
        self._add_cells(row[: labels[0]], keep_open=True)

    def _add_cells(self, cells: Sequence[str], *, keep_open: bool = False) -> None:
        """Read cells without a label of their own: `label:value` inside one, else more of the field that is open."""
        for cell in cells:
            for line in cell.splitlines():
                if not keep_open or field_of(line.split(":")[0].split(":")[0]):
                    self._add_line(line.strip())

    def _add_pairs(self, pairs: list[tuple[str, str]]) -> None:
        for label, value in pairs:
            field = field_of(label)
            if field:
                self._put(field, value, label)
            else:
                self._keep_cells([value])

    def _continue(self, line: str) -> None:
        if self._open == "private":
            self._open = None if line else self._open
            self._dropped += bool(line)
            return
        if self._open and self._open != "other" and line:
            self._join(self._open, line)
        if line:
            self._lines.append(line)

    def _put(self, field: str, value: str, label: str) -> None:
        if field == "private":
            self._dropped += 1
            if value:
                self._open = None
            return
        self._lines.append(f"{label}:{value}" if value else label)
        if field != "other" and value:
            self._join(field, value + unit_of(label) if value.replace(".", "", 1).isdigit() else value)

    def _join(self, field: str, value: str) -> None:
        clean = without_contacts(value)
        self.fields[field] = f"{self.fields[field]}\n{clean}" if field in self.fields else clean

    def _keep_cells(self, cells: list[str]) -> None:
        self._lines.append(" ".join(cell for cell in cells if cell))


def _is_header(rows: Rows) -> bool:
    """Tell whether the first row only names columns: several labels, and none beside a value."""
    if len(rows) < 2:
        return False
    labels = sum(field_of(cell) is not None for cell in rows[0])
    others = sum(bool(cell) and field_of(cell) is None for cell in rows[0])
    return labels >= 2 and others == 0 and not any(field_of(cell) for cell in rows[1])
