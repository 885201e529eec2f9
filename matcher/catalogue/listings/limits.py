"""How much a listing may hold, and which characters: what every way into the database checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from matcher.errors import InvalidInput
from matcher.records import Listing, Parameter
from matcher.terms import Fee, MachineHours, Terms, Window

#: The columns that hold these are as long.
ID_MAX: Final = 64
PLACE_MAX: Final = 100
#: The longest name in the shipped catalogue has 40 characters, the longest official one that we know of 90.
NAME_MAX: Final = 200
#: As many as a need may have.
SUMMARY_MAX: Final = 20_000
URL_MAX: Final = 2_000
TEXT_MAX: Final = 1_000
#: Lists of machines of large platforms have some hundreds of entries.
ITEMS_MAX: Final = 1_000
MARK_MAX: Final = 200

_LENGTHS: Final = {
    "id": ID_MAX,
    "name": NAME_MAX,
    "operator": NAME_MAX,
    "province": PLACE_MAX,
    "city": PLACE_MAX,
    "summary": SUMMARY_MAX,
    "source_url": URL_MAX,
}
#: Values that a column of their own holds, so as many characters as that.
_MARKS: Final = re.compile(r"(?:industry|terms\.vouchers)\[\d+\]")
#: PostgreSQL can't store NUL; the other control characters have no business in a line of text, and could hide
#: something from whoever approves it. Tabs and line ends are let through.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: The records that a listing is made of, by the names of what they hold.
_NAMES: Final = {
    record: tuple(one.name for one in fields(record))
    for record in (Listing, Parameter, Terms, Window, Fee, MachineHours)
}
#: A path segment that means itself: no slash, no dots that climb, nothing that needs to be escaped.
_ID: Final = re.compile(r"(?!\.)[\w.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What the database can't hold of a listing.

    Attributes:
        field: with its place, `terms.fees[0].item`. what: a text or a list that is too long, or control characters.
        length, limit: of the text or the list; 0 for control characters.
    """

    field: str
    what: Literal["text", "list", "control"]
    length: int = 0
    limit: int = 0


def faults(listing: Listing) -> Iterator[Fault]:
    """Everything that keeps a listing out of the database but its id, which `checked_id` looks at."""
    for name in _NAMES[Listing]:
        yield from _faults(getattr(listing, name), name)


def texts_of(listing: Listing, before: Listing | None = None) -> Iterator[tuple[str, str]]:
    """Every text of a listing with its field, `terms.fees[0].item`; only of fields that are not as before."""
    for name in _NAMES[Listing]:
        value = getattr(listing, name)
        if before is None or value != getattr(before, name):
            yield from _texts(value, name)


def checked(listing: Listing) -> Listing:
    """The listing, if the database can hold it.

    Raises:
        InvalidInput: a text is too long or holds control characters, or a list is too long; `field` names it.
    """
    for fault in faults(listing):
        if fault.what == "control":
            raise InvalidInput(f"{fault.field} 含有控制字符", hint="请删去不可见的字符", field=fault.field)
        most = f"{fault.limit} {'项' if fault.what == 'list' else '个字符'}"
        short = "减少" if fault.what == "list" else "缩短"
        raise InvalidInput(f"{fault.field} 超过 {most}", hint=f"请{short}到 {most}以内", field=fault.field)
    return listing


def checked_id(listing_id: str) -> str:
    """An id that can stand in an address.

    Raises:
        InvalidInput: it is too long, begins with a dot, or holds other characters than letters, digits and `_-.`.
    """
    if not _ID.fullmatch(listing_id):
        raise InvalidInput(
            f"编号 {listing_id[:ID_MAX]!r} 不能用",
            hint="编号由 1–64 个文字、数字、_、-、. 组成,不以 . 开头",
            field="id",
        )
    return listing_id


def _faults(value: Any, field: str) -> Iterator[Fault]:
    if isinstance(value, str):
        limit = MARK_MAX if _MARKS.fullmatch(field) else _LENGTHS.get(field, TEXT_MAX)
        if len(value) > limit:
            yield Fault(field, "text", len(value), limit)
        elif _CONTROL.search(value):
            yield Fault(field, "control")
    elif isinstance(value, tuple):
        if len(value) > ITEMS_MAX:
            yield Fault(field, "list", len(value), ITEMS_MAX)
            return
        for position, inner in enumerate(value):
            yield from _faults(inner, f"{field}[{position}]")
    elif type(value) in _NAMES:
        for name in _NAMES[type(value)]:
            yield from _faults(getattr(value, name), f"{field}.{name}")


def _texts(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, tuple):
        for position, inner in enumerate(value):
            yield from _texts(inner, f"{field}[{position}]")
    elif type(value) in _NAMES:
        for name in _NAMES[type(value)]:
            yield from _texts(getattr(value, name), f"{field}.{name}")
