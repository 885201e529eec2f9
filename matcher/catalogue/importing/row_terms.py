"""The terms of one row."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from matcher.catalogue.importing import terms_cells
from matcher.catalogue.importing.cells import read_day, read_share
from matcher.catalogue.importing.lists import split_items
from matcher.catalogue.importing.parameters import read_parameters
from matcher.catalogue.importing.row_cells import RowCells
from matcher.catalogue.listings.amounts import is_empty
from matcher.catalogue.terms_fields import DAYS_MAX, HOURS_A_YEAR
from matcher.records import Parameter
from matcher.terms import PLATFORM_TYPE_NAMES, TIER_NAMES, VERIFICATION_NAMES, Fee, Terms
from matcher.understanding.forms import without_contacts
from matcher.written_numbers import has_stray_comma, read_number


def row_terms(row: RowCells) -> Terms:
    """Return the terms of a row; what can't be read is noted, and kept in the summary where it is words."""
    said: dict[str, Any] = {}
    for name, read in _TERMS.items():
        if row.entry.first(name):
            said[name] = read(row, name)
    return Terms(**said)


def _text(row: RowCells, name: str) -> str | None:
    return row.entry.first(name) or None


def _chosen(row: RowCells, name: str) -> str | None:
    names = TIER_NAMES if name == "tier" else PLATFORM_TYPE_NAMES
    text = row.entry.first(name)
    key = terms_cells.read_choice(text, {str(key): called for key, called in names.items()})
    if key is None:
        row.warn("choice", name, f"没有“{text[:20]}”这一项,没有导入", f"可用:{'、'.join(names.values())}")
    return key


def _verifications(row: RowCells, name: str) -> tuple[str, ...]:
    names = {str(key): called for key, called in VERIFICATION_NAMES.items()}
    keys = [(item, terms_cells.read_choice(item, names)) for item in row.items(name)]
    for item in [item for item, key in keys if key is None]:
        row.warn("choice", name, f"没有“{item[:20]}”这一项,没有导入", f"可用:{'、'.join(names.values())}")
    return tuple(dict.fromkeys(key for _, key in keys if key))


def _days(row: RowCells, name: str) -> float | None:
    text = row.entry.first(name)
    figure = re.sub(r"(?:个)?(?:工作|自然)?[天日]$", "", text)
    if has_stray_comma(figure):
        row.no_number(name, figure)
        return None
    number = read_number(figure)
    if number is None or not 0 <= number <= DAYS_MAX:
        row.warn("number", name, f"“{text[:20]}”不是天数,没有导入", "只写天数,如 15")
        return None
    return number


def _share(row: RowCells, name: str) -> float | None:
    text = row.entry.first(name)
    share = read_share(text)
    if has_stray_comma(text.rstrip("%\uff05")):
        row.no_number(name, text)
    elif share is None:
        row.warn("number", name, f"“{text[:20]}”不是比例,没有导入", "写成 30% 的形式,不超过 100%")
    return share


def _each(row: RowCells, name: str, read: Callable[[str], Any], example: str) -> tuple[Any, ...]:
    found = []
    for item in split_items("\n".join(text for _, text in row.entry.values.get(name, ()))):
        try:
            value = read(item)
        except terms_cells.NotANumber as error:
            row.no_number(name, str(error))
            continue
        if value is None:
            row.told.append(f"{row.entry.heading(name)}:{without_contacts(item)}")
            row.warn("terms", name, f"“{item[:30]}”没有读懂,已放入简介", f"写成“{example}”的形式")
        else:
            found.append(value)
    return tuple(dict.fromkeys(found))


def _windows(row: RowCells, name: str) -> tuple[Any, ...]:
    return _each(row, name, terms_cells.read_window, "2026-01-01~2026-03-31")


def _fees(row: RowCells, name: str) -> tuple[Fee, ...]:
    return _each(row, name, terms_cells.read_fee, "发酵:1000–2000 元/批")


def _hours(row: RowCells, name: str) -> tuple[Any, ...]:
    quotas = _each(row, name, terms_cells.read_hours, "中小企业:700 小时/年")
    for quota in [one for one in quotas if one.hours > HOURS_A_YEAR]:
        row.warn("number", name, f"{quota.hours:g} 小时超过一年,没有导入", "填写每年开放的小时数")
    return tuple(one for one in quotas if one.hours <= HOURS_A_YEAR)


def _batch(row: RowCells, name: str) -> Parameter | None:
    text = row.entry.first(name)
    read = read_parameters(text) or read_parameters(f"最小批量:{text}")
    said = tuple(one for one in read[:1] if one.parameter is None or not is_empty(one.parameter))
    kept = row.kept(said, row.entry.heading(name) or name)
    if not kept and not any(one.error for one in said):
        row.warn("parameter", name, f"“{text[:20]}”里没有读出数值,没有导入", "写成“最小批量:100 件”")
    return kept[0] if kept else None


def row_day(row: RowCells, name: str) -> str | None:
    """Return the day in a field as YYYY-MM-DD; anything else is noted and left out."""
    text = row.entry.first(name)
    day = read_day(text) if text else None
    if text and day is None:
        row.warn("day", name, f"“{text[:20]}”不是完整的日期,没有导入", "日期写成 2026-03-31 的形式")
    return day


_TERMS: dict[str, Callable[[RowCells, str], Any]] = {
    "tier": _chosen,
    "tier_evidence": _text,
    "tier_expires": row_day,
    "platform_type": _chosen,
    "verifications": _verifications,
    "windows": _windows,
    "queue_days": _days,
    "lead_days": _days,
    "open_share": _share,
    "fees": _fees,
    "minimum_batch": _batch,
    "machine_hours": _hours,
    "vouchers": RowCells.items,
    "insurance": _text,
    "leasing": _text,
    "ip_terms": _text,
}
