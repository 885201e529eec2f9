"""The rows of a sheet as entries: titles, section lines, notes and empty rows left out, continued rows joined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from matcher.catalogue.importing.cells import cleaned, has_unwanted
from matcher.catalogue.importing.headings import Column, Layout, find_layout
from matcher.catalogue.importing.limits import Limits
from matcher.catalogue.importing.tables import Row, Sheet
from matcher.understanding.forms import without_contacts

#: The example row of our own template says so in its first column, UNIQUIP's in its second.
EXAMPLES = frozenset({"示例", "example"})
_FOOT = re.compile(r"(?:注|备注|说明|合计|总计|共计|小计|填表|填报|制表|审核|联系人|数据来源)[:\uff1a\s人单日]?")
_SECTION = re.compile(
    r"(?:[(\uff08]?[一二三四五六七八九十]{1,3}[)\uff09、.\uff0e]\s*)?(?P<text>[^(\uff08:\uff1a]{2,20})"
    r"(?:[(\uff08]\s*共?\d+\s*[家个台项条]?\s*[)\uff09])?"
)
#: Where contacts are looked for: a link, a number or a model may hold what looks like a telephone number.
_IN_WORDS = frozenset(
    {
        *("name", "operator", "department", "address", "district", "industry", "summary", "capabilities", "equipment"),
        *("qualifications", "services", "level", "source_title", "detail", "manufacturer", "english_name"),
        *("tier_evidence", "windows", "insurance", "leasing", "ip_terms"),
    }
)


@dataclass(slots=True)
class Entry:
    """One listing of a sheet, still as text: by field, the headings and cells in the order of the columns."""

    sheet: str
    row: int
    values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    section: str = ""
    private: int = 0
    controls: tuple[str, ...] = ()
    unsaved: tuple[str, ...] = ()
    faulty: tuple[str, ...] = ()

    def first(self, name: str) -> str:
        """The first filled cell of a field, "" where none is."""
        return next((text for _, text in self.values.get(name, ()) if text), "")

    def heading(self, name: str) -> str | None:
        """The heading of a field's first column."""
        column = self.columns.get(name)
        return column.heading if column else None


@dataclass(slots=True)
class SheetEntries:
    """Reads one sheet; what was left out is counted while it is read."""

    sheet: Sheet
    layout: Layout
    title: str
    examples: int = 0
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Entry]:
        section, current = "", None
        name = next(at for at, column in enumerate(self.layout.columns) if column.field == "name")
        for row in self.sheet.rows():
            if row.number <= self.layout.row or not any(row.cells):
                continue
            cells = {at: text for at, cell in enumerate(row.cells) if at not in row.spread and (text := cleaned(cell))}
            if not cells or self._is_heading_again(row):
                continue
            if len(set(cells.values())) == 1 and name not in cells and self.layout.form != "template":
                section = self._line(next(iter(cells.values())), section)
                continue
            if len(cells) == 1 and name in cells and row.spread:
                section = self._line(cells[name], section)
                continue
            if not EXAMPLES.isdisjoint(cells.get(at, "").lower() for at in (0, 1)):
                self.examples += 1
                continue
            if name in row.inherited and current is not None:
                self._add(current, row, {at: text for at, text in cells.items() if at not in row.inherited})
                continue
            if current is not None:
                yield current
            current = Entry(self.sheet.name, row.number, section=section, columns=self._columns())
            self._add(current, row, cells)
        if current is not None:
            yield current

    def _columns(self) -> dict[str, Column]:
        columns: dict[str, Column] = {}
        for column in self.layout.columns:
            if column.field:
                columns.setdefault(column.field, column)
        return columns

    def _add(self, entry: Entry, row: Row, cells: dict[int, str]) -> None:
        columns = self.layout.columns
        for at, text in cells.items():
            if at >= len(columns) or columns[at].field in (None, "ignored"):
                continue
            column = columns[at]
            name = column.field or ""
            if name == "private":
                entry.private += 1
                continue
            if name in _IN_WORDS and (bare := without_contacts(text)) != text:
                text, entry.private = bare, entry.private + 1
            if has_unwanted(row.cells[at]):
                entry.controls += (column.heading,)
            entry.values.setdefault(name, []).append((column.heading, text))
        entry.unsaved += self._headings(self.sheet.unsaved, row.number)
        entry.faulty += self._headings(self.sheet.faulty, row.number)

    def _headings(self, places: dict[int, tuple[int, ...]], row: int) -> tuple[str, ...]:
        return tuple(self.layout.columns[at].heading for at in places.get(row, ()) if at < len(self.layout.columns))

    def _is_heading_again(self, row: Row) -> bool:
        """A long list repeats its headings on every printed page."""
        headings = [column.heading for column in self.layout.columns]
        return [" ".join(cell.split())[:60] for cell in row.cells] == headings

    def _line(self, text: str, section: str) -> str:
        """Return the section that a line of one text begins; a foot note or a title changes none."""
        match = _SECTION.fullmatch(text)
        if match is None or _FOOT.match(text):
            if len(self.notes) < 20:
                self.notes.append(f"略去一行说明:{text[:40]}")
            return section
        return match["text"].strip()


def sheet_entries(sheet: Sheet, limits: Limits) -> SheetEntries | None:
    """Return the entries of a sheet, None where its first rows hold no headings that we know."""
    head = list(islice(sheet.rows(), limits.heading_rows))
    layout = find_layout(head)
    if layout is None:
        return None
    above = [cell for row in head if row.number < layout.row for cell in dict.fromkeys(row.cells) if cell.strip()]
    return SheetEntries(sheet, layout, " ".join(above)[:200])
