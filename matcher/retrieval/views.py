"""Texts that stand for a listing: what lexical search, the encoder and the re-ranker each read of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from matcher.records import Listing

#: Where one statement of a summary ends and the next begins.
_CLAUSE = re.compile(r"[^,，。;；!！?？\n]+")


class Segment(NamedTuple):
    """A quotable piece: characters `start` to `end` of the full text, which stand in the listing's `field`."""

    field: str
    start: int
    end: int
    text: str


def full_text(listing: Listing) -> str:
    """All that a listing says of what it can do: name, fields, capabilities, equipment, summary, services."""
    return "。".join(part for _, part in _parts(listing))


def short_text(listing: Listing) -> str:
    """Name and capabilities: what it is rather than where it stands and what it cost."""
    return "。".join(part for part in (listing.name, "、".join(listing.capabilities)) if part)


def segments(listing: Listing) -> tuple[Segment, ...]:
    """The pieces of `full_text` that a reason can quote, in order: whole list items, and clauses of the summary."""
    found: list[Segment] = []
    start = 0
    for field, part in _parts(listing):
        found += _pieces(listing, field, part, start)
        start += len(part) + 1
    return tuple(found)


def _parts(listing: Listing) -> Iterator[tuple[str, str]]:
    for field in ("name", "industry", "capabilities", "equipment", "summary", "services"):
        value = getattr(listing, field)
        if value:
            yield field, value if isinstance(value, str) else "、".join(value)


def _pieces(listing: Listing, field: str, part: str, start: int) -> Iterator[Segment]:
    if field == "name":
        yield Segment(field, start, start + len(part), part)
    elif field == "summary":
        for clause in _CLAUSE.finditer(part):
            yield Segment(field, start + clause.start(), start + clause.end(), clause[0])
    else:
        for position, item in enumerate(getattr(listing, field)):
            yield Segment(f"{field}[{position}]", start, start + len(item), item)
            start += len(item) + 1
