"""How a row and a listing that is already there become one.

*Updated* (the row is that listing): what the row states wins. An empty cell changes nothing, except where the row comes
from our own template or JSON lines with the listing's id: there the row is the whole of the columns it has.

*Joined* (a person decided that two are one): the listing keeps its id, kind, name and operator; empty fields are
filled; of two summaries the longer stays, which may lose a sentence but never mixes two; lists and parameters are
united, and a parameter of the same name and unit takes the row's numbers, which are newer.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from matcher.records import Listing, Parameter
from matcher.terms import Terms

#: Fields that the catalogue keeps, whatever a file says.
KEPT = frozenset({"id", "verified_on", "stale_since"})
_JOINED_LISTS = ("industry", "capabilities", "equipment", "qualifications", "services")
_FILLED = ("province", "city", "level", "source_url", "source_title", "source_date")


def updated(base: Listing, row: Listing, stated: frozenset[str], *, replaces: bool) -> Listing:
    """Return `base` with what `row` states.

    Args:
        stated: names of the fields that the file has columns for; terms as `terms.x`.
        replaces: whether an empty field of the row empties that of `base`.
    """
    changes: dict[str, Any] = {
        name: value
        for name in stated
        if name not in KEPT and "." not in name and ((value := getattr(row, name)) not in (None, (), "") or replaces)
    }
    changes.pop("terms", None)
    said = {
        name.removeprefix("terms.")
        for name in stated
        if name.startswith("terms.") and (getattr(row.terms, name[6:]) not in (None, ()) or replaces)
    }
    terms = replace(base.terms, **{name: getattr(row.terms, name) for name in said})
    return replace(base, **changes, terms=terms)


def joined(base: Listing, row: Listing) -> Listing:
    """Return `base` with what `row` adds to it."""
    changes: dict[str, Any] = {name: getattr(base, name) or getattr(row, name) for name in (*_FILLED, "operator")}
    if base.province and row.province and base.province != row.province:
        changes["city"] = base.city
    for name in _JOINED_LISTS:
        changes[name] = tuple(dict.fromkeys((*getattr(base, name), *getattr(row, name))))
    summary = row.summary if len(row.summary) > len(base.summary) else base.summary
    return replace(
        base, **changes, summary=summary, parameters=_united(base, row), terms=_filled(base.terms, row.terms)
    )


def _united(base: Listing, row: Listing) -> tuple[Parameter, ...]:
    newer = {(one.name, one.unit): one for one in row.parameters}
    kept = [newer.pop((one.name, one.unit), one) for one in base.parameters]
    return tuple(dict.fromkeys((*kept, *newer.values())))


def _filled(base: Terms, row: Terms) -> Terms:
    empty = (None, ())
    return replace(
        base,
        **{one.name: getattr(row, one.name) for one in fields(Terms) if getattr(base, one.name) in empty},
    )
