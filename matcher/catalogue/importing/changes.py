"""What differs between two states of a listing, in words that a person reads."""

from __future__ import annotations

from matcher.catalogue.importing.columns import TEMPLATE
from matcher.catalogue.importing.merging import KEPT
from matcher.catalogue.importing.previews import FieldChange
from matcher.records import Listing


def field_changes(before: Listing, after: Listing) -> list[FieldChange]:
    """Return the fields that differ, by the headings of our template and as its cells would show them."""
    found = []
    for column in TEMPLATE:
        if column.field in KEPT:
            continue
        old, new = column.write(before), column.write(after)
        if old != new:
            found.append(FieldChange(column.field, column.heading, old, new))
    return found
