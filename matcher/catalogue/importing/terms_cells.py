"""Terms in cells: windows, fees and machine hours as one line an item, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from matcher.catalogue.importing.cells import read_day, write_number
from matcher.catalogue.importing.parameters import write_range
from matcher.terms import Fee, MachineHours, Window
from matcher.written_numbers import read_number

_NUMBER = r"\d[\d,\uff0c]*(?:\.\d+)?(?:e[+-]?\d+)?"
_SPECIAL = re.compile(r"[\\:\uff1a]")
_ESCAPED = re.compile(r"\\([\\:\uff1a])")
_ITEM = r"(?:\\.|[^\\:\uff1a])+?"
_FEE = re.compile(
    rf"(?:(?P<item>{_ITEM})\s*[:\uff1a]\s*)?(?:—|≥\s*(?P<low>{_NUMBER})|≤\s*(?P<high>{_NUMBER})"
    rf"|(?P<from>{_NUMBER})(?:\s*(?:–|—|~|\uff5e|-)\s*(?P<to>{_NUMBER}))?)"
    r"\s*(?P<money>万元|元)(?:\s*/\s*(?P<per>\S.*))?",
    re.DOTALL,
)
_WINDOW = re.compile(
    r"(?P<start>[\d年月日/.-]*)\s*(?:~|\uff5e|至|到|—)\s*(?P<end>[\d年月日/.-]*)(?:\s+(?P<note>\S.*))?", re.DOTALL
)
_WRITTEN_WINDOW = re.compile(r"(?P<start>\d{4}-\d\d-\d\d)?~(?P<end>\d{4}-\d\d-\d\d)?(?: (?P<note>\S.*))?", re.DOTALL)
_HOURS = re.compile(
    rf"(?:(?P<group>{_ITEM})\s*[:\uff1a]\s*)?(?:不少于|≥)?\s*(?P<hours>{_NUMBER})\s*(?:小时|h|机时)?(?:\s*/\s*年|每年)?",
    re.DOTALL,
)
_WAN = 10_000.0


class NotANumber(ValueError):
    """A figure that says no number, like 1,5; it is the only argument."""


def write_fee(fee: Fee) -> str:
    """Return a fee as words: 发酵:1000–2000 元/批."""
    return f"{_escaped(fee.item)}:{write_range(fee.low, fee.high)} 元" + (f"/{fee.per}" if fee.per else "")


def read_fee(text: str) -> Fee | None:
    """Return the fee that an item states, in CNY; None where it is no sum. A fee without its item is of 服务.

    Raises:
        NotANumber: it is a sum, but for its figure.
    """
    match = _FEE.fullmatch(text.strip())
    if not match:
        return None
    factor = _WAN if match["money"] == "万元" else 1.0
    low = _number(match["low"] or match["from"], factor)
    high = _number(match["high"] or match["to"] or match["from"], factor)
    if low is not None and high is not None and low > high:
        return None
    item = _ESCAPED.sub(r"\1", match["item"] or "").strip()
    return Fee(item or "服务", low, high, match["per"])


def write_window(window: Window) -> str:
    """Return a window as words: 2026-01-01~2026-03-31 检修除外."""
    return f"{window.start or ''}~{window.end or ''}" + (f" {window.note}" if window.note else "")


def read_window(text: str) -> Window | None:
    """Return the window that an item states; a text without days becomes its note. None for days in wrong order."""
    match = _WRITTEN_WINDOW.fullmatch(text) or _WINDOW.fullmatch(text.strip())
    if not match:
        return Window(note=text.strip())
    ends = [read_day(end) if end else None for end in (match["start"], match["end"])]
    if any(end and day is None for end, day in zip((match["start"], match["end"]), ends, strict=True)):
        return Window(note=text.strip())
    if ends[0] and ends[1] and ends[0] > ends[1]:
        return None
    return Window(ends[0], ends[1], match["note"])


def write_hours(quota: MachineHours) -> str:
    """Return a quota as words: 中小企业:700 小时/年."""
    return (f"{_escaped(quota.group)}:" if quota.group else "") + f"{write_number(float(quota.hours))} 小时/年"


def read_hours(text: str) -> MachineHours | None:
    """Return the quota that an item states, hours a year; None where it states none.

    Raises:
        NotANumber: it is a quota, but for its figure.
    """
    match = _HOURS.fullmatch(text.strip())
    hours = _number(match["hours"]) if match else None
    if not match or hours is None:
        return None
    return MachineHours(hours, _ESCAPED.sub(r"\1", match["group"]).strip() or None if match["group"] else None)


def read_choice(text: str, names: Mapping[str, str]) -> str | None:
    """Return the key that a word names, itself or in Chinese (工艺验证 is 工艺); None for others."""
    bare = text.strip().removesuffix("验证") or text.strip()
    for key, called in names.items():
        if text.strip() in (key, called) or bare == called:
            return key
    return None


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _number(text: str | None, factor: float = 1.0) -> float | None:
    if text is None:
        return None
    number = read_number(text)
    if number is None:
        raise NotANumber(text)
    return number * factor
