"""How much a listing may hold, and which characters: what every way into the database checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from matcher.catalogue.listings.rows import stored_fields
from matcher.errors import InvalidInput
from matcher.records import Listing

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
#: A path segment that means itself: no slash, no dots that climb, nothing that needs to be escaped.
_ID: Final = re.compile(r"(?!\.)[\w.-]{1,64}")


def checked(listing: Listing) -> Listing:
    """The listing, if the database can hold it.

    Raises:
        InvalidInput: a text is too long or holds control characters, or a list is too long; `field` names it.
    """
    for field, value in _texts(stored_fields(listing)):
        limit = MARK_MAX if _MARKS.fullmatch(field) else _LENGTHS.get(field, TEXT_MAX)
        if len(value) > limit:
            raise InvalidInput(f"{field} 超过 {limit} 个字符", hint=f"请缩短到 {limit} 个字符以内", field=field)
        if _CONTROL.search(value):
            raise InvalidInput(f"{field} 含有控制字符", hint="请删去不可见的字符", field=field)
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


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in the fields of a listing, with its place: `terms.fees[0].item`."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{field}.{name}" if field else name)
    elif isinstance(value, (list, tuple)):
        if len(value) > ITEMS_MAX:
            raise InvalidInput(f"{field} 超过 {ITEMS_MAX} 项", hint=f"请减少到 {ITEMS_MAX} 项以内", field=field)
        for position, inner in enumerate(value):
            yield from _texts(inner, f"{field}[{position}]")
