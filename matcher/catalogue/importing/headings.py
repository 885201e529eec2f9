"""Which column is what: headings of our template, of instrument registers and of the lists that offices send around."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from matcher.catalogue.importing.tables import Row
from matcher.errors import BrokenArtefact
from matcher.understanding.units import resolve

Form = Literal["template", "jsonl", "uniquip", "instruments", "directory"]
FORM_NAMES: dict[Form, str] = {
    "template": "本系统模板",
    "jsonl": "JSON Lines",
    "uniquip": "UNIQUIP 设备表",
    "instruments": "国家科研仪器平台填报表",
    "directory": "名录",
}
#: heading (bare), field, source: who uses the heading.
HEADINGS = Path(__file__).resolve().parents[3] / "datasets" / "import_headings.csv"

_BRACKETED = re.compile(r"[(\uff08【\[]([^)\uff09】\]]*)[)\uff09】\]]")
_DECORATION = re.compile(r"[\s*★▲:\uff1a]+")
_ORDINAL = re.compile(r"^[一二三四五六七八九十\d]{1,2}[、.\uff0e]")
_LONGEST = 24
_GROUP = re.compile(
    r"(?:(?:能力|技术|规格)?参数|指标)?(?P<what>参数名称?|名称|指标名称?|参数|指标|下限|最小值|上限|最大值|数值|参数值|值|计量单位|参数单位|单位)(?P<number>\d{0,2})"
)
_GROUP_PARTS = {
    "下限": "min", "最小值": "min", "上限": "max", "最大值": "max", "数值": "value", "值": "value", "参数值": "value",
    "计量单位": "unit", "单位": "unit", "参数单位": "unit",
    "名称": "name", "参数名": "name", "参数名称": "name", "指标名": "name", "指标名称": "name", "参数": "name",
    "指标": "name",
}  # fmt: skip
#: Fields that hold one thing: a second column of the same meaning is left out.
_SINGLE = frozenset({"id", "code", "kind", "name", "province", "city", "level", "model", "uniquip_type"})
#: At least so many known headings make a row the heading row: a title that holds one such word doesn't.
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Column:
    """What one column holds.

    `field` is a field of `Listing` or `Terms`, or one of: code, address, district, model, manufacturer, english_name,
    department, uniquip_type, detail (kept as `heading:value`), private, ignored, parameter (a named quantity in
    `unit`), group:part:number (parts of separate parameter columns). None for headings that nobody knows.
    """

    heading: str
    field: str | None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one sheet, and the form they make."""

    form: Form
    columns: tuple[Column, ...]
    #: The last row of the headings; data begins in the next.
    row: int = 0

    @property
    def unknown(self) -> tuple[str, ...]:
        """Headings that nobody knows."""
        return tuple(column.heading for column in self.columns if column.heading and column.field is None)

    def heading(self, *fields: str) -> str | None:
        """The heading of the first column that holds one of `fields`."""
        return next((column.heading for column in self.columns if column.field in fields), None)


def recognise(header: Sequence[str]) -> Layout | None:
    """Return what a row of headings says, None where it is no heading row (no name column, or too few known words)."""
    found = [_known(cell) for cell in header]
    fields = [column.field for column, _ in found]
    sources = [source for column, source in found if column.field]
    if "name" not in fields or len(set(filter(None, fields))) < _FEWEST:
        return None
    return Layout(_form(fields, sources), _grouped(_single([column for column, _ in found])))


def find_layout(rows: Iterable[Row]) -> Layout | None:
    """Return the layout of the best heading row among the first rows of a sheet; a second row of headings joins in.

    (安放地址 merged above 省 | 市 | 区县 reads as 安放地址-省 …)
    """
    rows = list(rows)
    best: tuple[int, Layout] | None = None
    for at, row in enumerate(rows):
        for header, last in ((row.cells, row), *_two_rows(row, rows[at + 1 : at + 2])):
            layout = recognise(header)
            value = _score(layout)
            if layout and (best is None or value > best[0]):
                best = value, Layout(layout.form, layout.columns, last.number)
    return best[1] if best else None


def heading_score(cells: Sequence[str]) -> int:
    """Return how many different known fields a row of cells names; 0 where it is no heading row."""
    return _score(recognise(cells))


def bare(heading: str) -> str:
    """Return a heading without blanks, numbering, stars and what stands in brackets: (2)平台 名称* is 平台名称."""
    text = _DECORATION.sub("", _BRACKETED.sub("", heading))
    return _ORDINAL.sub("", text).lower()


def _score(layout: Layout | None) -> int:
    return len({column.field for column in layout.columns if column.field}) if layout else 0


def _two_rows(row: Row, below: list[Row]) -> list[tuple[tuple[str, ...], Row]]:
    if not below or len(row.spread) == len(row.cells) - 1:
        return []
    under = below[0]
    if not row.spread and not under.inherited:
        return []
    joined = tuple(
        low if not high or high == low else high if not low or column in under.inherited else f"{high}-{low}"
        for column, (high, low) in enumerate(zip(row.cells, under.cells, strict=False))
    )
    return [(joined, under)]


@lru_cache(maxsize=4096)
def _known(heading: str) -> tuple[Column, str]:
    """Return the column that a heading makes and the source of the heading ("" where it is unknown)."""
    shown = " ".join(heading.split())[:60]
    name = bare(heading)
    if not name or len(name) > _LONGEST:
        return Column(shown, None), ""
    table = _headings()
    entry = table.get(name) or table.get(name.rpartition("-")[2])
    if entry:
        return Column(shown, entry[0]), entry[1]
    bracket = _BRACKETED.search(heading)
    if bracket and (unit := bracket[1].strip()) and resolve(unit):
        return Column(shown, "parameter", unit), "list"
    if (group := _GROUP.fullmatch(name)) and name not in ("名称", "单位", "值"):
        return Column(shown, f"group:{_GROUP_PARTS[group['what']]}:{group['number'] or 0}"), "list"
    return Column(shown, None), ""


@cache
def _headings() -> dict[str, tuple[str, str]]:
    try:
        with HEADINGS.open(encoding="utf-8", newline="") as lines:
            return {row["heading"]: (row["field"], row["source"]) for row in csv.DictReader(lines)}
    except (OSError, KeyError) as error:
        raise BrokenArtefact(f"{HEADINGS.name} 缺失或损坏", hint="请重新安装,或恢复 datasets 目录") from error


def _form(fields: Sequence[str | None], sources: Sequence[str]) -> Form:
    count = {source: sources.count(source) for source in set(sources)}
    known = [field for field in fields if field]
    if "uniquip_type" in known or count.get("uniquip", 0) >= 2:
        return "uniquip"
    if count.get("nrii", 0) >= 2 or ("model" in known and "manufacturer" in known):
        return "instruments"
    # The template has its own words throughout; a list shares some of them.
    if count.get("template", 0) >= 3 and count.get("template", 0) >= len(known) - 1 and "kind" in known:
        return "template"
    return "directory"


def _single(columns: list[Column]) -> list[Column]:
    seen: set[str] = set()
    kept = []
    for column in columns:
        if column.field in _SINGLE and column.field in seen:
            column = Column(column.heading, None)
        seen.add(column.field or "")
        kept.append(column)
    return kept


def _grouped(columns: list[Column]) -> tuple[Column, ...]:
    """单位 beside separate columns of a parameter's name and ends is its unit, not an organisation."""
    groups = {
        (column.field or "").rpartition(":")[2] for column in columns if (column.field or "").startswith("group:")
    }
    if not groups:
        return tuple(columns)
    units = any((column.field or "").startswith("group:unit") for column in columns)
    return tuple(
        Column(column.heading, f"group:unit:{min(groups)}")
        if not units and column.field == "operator" and bare(column.heading) == "单位"
        else column
        for column in columns
    )
