"""Evidence as it is quoted: the field of the listing that it stands in, with its words marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.portal.matching.words import FIELDS, written
from api.portal.rendering import Page

_PLACE: Final = re.compile(r"(\w+)(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Quotation:
    """`before`, `words` and `after` make the field's text; `words` alone where the field does not hold them."""

    field: str
    before: str
    words: str
    after: str


def quotation(page: Page, listing: Mapping[str, Any], evidence: Mapping[str, str] | None) -> Quotation | None:
    """What backs a reason or a fit; None where nothing was said."""
    if evidence is None:
        return None
    field, words = evidence["field"], evidence["text"]
    name = field.partition("[")[0].partition(".")[0]
    label = page.text(FIELDS[name]) if name in FIELDS else name
    if name == "kind":
        return Quotation(label, "", written(page, "kind_name", words), "")
    before, found, after = _value(listing, field).partition(words)
    return Quotation(label, before, words, after) if found else Quotation(label, "", words, "")


def _value(listing: Mapping[str, Any], field: str) -> str:
    place = _PLACE.fullmatch(field)
    value = listing.get(place[1]) if place else None
    if place and place[2] and isinstance(value, list):
        number = int(place[2])
        value = value[number] if number < len(value) else None
    return value if isinstance(value, str) else ""
