"""The capability parameters of one row, wherever its columns put them."""

from __future__ import annotations

import re

from matcher.catalogue.importing.lists import split_items, without_numbering
from matcher.catalogue.importing.parameters import from_parts, read_column, read_parameters
from matcher.catalogue.importing.row_cells import RowCells
from matcher.records import Parameter
from matcher.understanding.forms import without_contacts

#: What people write into a cell that stays empty.
_NOTHING = frozenset({"/", "-", "—", "--", "无", "暂无"})


def row_parameters(row: RowCells) -> tuple[Parameter, ...]:
    """Return the parameters of a row: from cells of several, from columns of one, from separate cells of one."""
    found: list[Parameter] = []
    for heading, text in row.entry.values.get("parameters", ()):
        for item in split_items(text):
            item = item if row.layout.form == "template" else without_numbering(item)
            read = read_parameters(item) if item else ()
            if not read and item:
                row.extra.append(without_contacts(item))
                row.warn("parameter", heading, f"“{item[:30]}”里没有读出数值,已放入服务能力", "写成“名称:50–5000 L”")
            found += row.kept(read, heading)
    for column in row.layout.columns:
        if column.field == "parameter":
            found += _from_column(row, column.heading, column.unit)
    return tuple(dict.fromkeys((*found, *_from_groups(row))))


def _from_column(row: RowCells, heading: str, unit: str | None) -> list[Parameter]:
    text = next((text for one, text in row.entry.values.get("parameter", ()) if one == heading), "")
    if not text or text in _NOTHING:
        return []
    name = re.sub(r"[(\uff08【\[].*", "", heading).strip()
    read = read_column(name, text, unit)
    if read is None:
        row.warn("parameter", heading, f"“{text[:20]}”里没有读出数值", "请只写数值或范围,如 50-5000")
    return row.kept((read,) if read else (), heading)


def _from_groups(row: RowCells) -> list[Parameter]:
    groups: dict[str, dict[str, tuple[str, str]]] = {}
    for name, cells in row.entry.values.items():
        if name.startswith("group:"):
            _, part, number = name.split(":")
            groups.setdefault(number, {})[part] = cells[0]
    found: list[Parameter] = []
    for _, parts in sorted(groups.items()):
        cell = {part: text for part, (_, text) in parts.items()}
        heading = next(iter(parts.values()))[0]
        name = cell.get("name", "")
        if not name:
            row.warn("parameter", heading, "参数没有名称,没有导入", "请填写参数名称")
            continue
        if "value" in cell or not {"min", "max"} & cell.keys():
            read = read_parameters(f"{name}:{cell.get('value', '')}{cell.get('unit', '')}") or (
                from_parts(name, "", "", cell.get("unit")),
            )
        else:
            read = (from_parts(name, cell.get("min", ""), cell.get("max", ""), cell.get("unit")),)
        found += row.kept(read, heading)
    return found
