"""The value of one cell as clean text, and numbers, days and shares read from it."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal, InvalidOperation

from matcher.catalogue.listings.characters import UNSEEN

_DAY = re.compile(
    r"(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?"
)
#: Excel counts days from here (and believes in 29 February 1900, hence not the 31st).
_EPOCH = datetime.date(1899, 12, 30)
#: Day numbers of 1982–2064: no other number in a column of days is that large.
_SERIALS = range(30_000, 60_001)


def cell_text(value: object) -> str:
    """Return a cell's value as text: whole numbers without `.0`, days as ISO; not cleaned yet."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time.min else value.isoformat(" ", "minutes")
    return str(value)


def cleaned(text: str) -> str:
    """Return text without control characters (tab and line feed stay) and without blanks at its ends."""
    if not text.isprintable():
        text = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip()


def has_unwanted(text: str) -> bool:
    """Tell whether `cleaned` takes more from a text than blanks and carriage returns."""
    return not text.isprintable() and UNSEEN.search(text) is not None


def read_day(text: str) -> str | None:
    """Return the day that a text names as YYYY-MM-DD: 2026年3月1日, 2026/3/1, 2026.3.1, 46082; None for others."""
    match = _DAY.fullmatch(text.strip())
    try:
        if match:
            return datetime.date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()
        if text.isdecimal() and int(text) in _SERIALS:
            return (_EPOCH + datetime.timedelta(days=int(text))).isoformat()
    except ValueError:
        return None
    return None


def read_share(text: str) -> float | None:
    """Return a share of 0–1 from 30% or 0.3; a bare number above 1 is taken for a percentage. None for others."""
    bare = text.strip().removesuffix("%").removesuffix("\uff05")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    share = float(number / 100 if bare != text.strip() or number > 1 else number)
    return share if 0 <= share <= 1 else None


def write_number(value: float) -> str:
    """Return the shortest text that reads as the same number: 5000, 0.3, 1e-05."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 and str(value) != "-0.0" else repr(value)


def write_share(value: float) -> str:
    """Return a share as a percentage that `read_share` reads as exactly the same number."""
    return f"{(Decimal(repr(float(value))) * 100).normalize():f}%"
