"""A quantity in words that are read back as the same quantity."""

from __future__ import annotations

import math
import re
from functools import cache

from matcher.records import Interval
from matcher.understanding.unit_table import table

_TOKEN = re.compile(r"[A-Za-z_]+(?:\^\d)?|(?<![\^\d])1(?!\d)")
#: Dimensions whose unit is a plain 1, or one that another dimension has too: how a number of them is written.
_FORMS = {
    "count": "{} 件", "ratio": "{} 倍", "mesh": "{} 目", "humidity": "{} %RH", "hardness": "{} HV", "ph": "pH {}",
    "cleanroom": "ISO {} 级洁净", "panel_generation": "{}代线",
}  # fmt: skip


def word_quantity(dimension: str, interval: Interval, unit: str, start_scale: float | None = None) -> str:
    """Return an interval in the pint unit `unit` in words: 约500 L, ≥500 L, 50~5000 L, 5 L 放大到 ≥5000 L."""
    form = _form(dimension, unit)
    wanted = _words(interval, form)
    return wanted if start_scale is None else f"{form.format(_number(start_scale))} 放大到 {wanted}"


def _form(dimension: str, unit: str) -> str:
    if dimension in _FORMS:
        return _FORMS[dimension]
    spellings = _spellings()
    written = spellings.get(unit) or _TOKEN.sub(lambda token: spellings.get(token[0], token[0]), unit)
    return "{} " + written


@cache
def _spellings() -> dict[str, str]:
    """Return the first spelling of each pint unit; a bare 1 counts pieces."""
    units = table()
    first: dict[str, str] = {}
    for spelling, term in units.terms.items():
        if term.factor == 1.0 and term.name != "1":
            first.setdefault(term.name, spelling)
    return first | {"1": "件"}


def _words(interval: Interval, form: str) -> str:
    near = "约" if interval.approximate else ""
    low, high = interval.min, interval.max
    if low == high:
        return near + form.format(_number(low))
    if math.isinf(high):
        return ("≥" if interval.min_closed else ">") + near + form.format(_number(low))
    if math.isinf(low):
        return ("≤" if interval.max_closed else "<") + near + form.format(_number(high))
    if interval.min_closed and interval.max_closed:
        return near + form.format(f"{_number(low)}~{_number(high)}")
    signs = "≥" if interval.min_closed else ">", "≤" if interval.max_closed else "<"
    return f"{signs[0]}{near}{_number(low)}且{signs[1]}" + form.format(_number(high))


def _number(value: float) -> str:
    return f"{value:.12g}"
