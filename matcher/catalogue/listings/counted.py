"""Counts of what everybody sees, remembered until a listing changes: whoever browses asks for the same few again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from matcher.catalogue.change_log import changed_after, last_change

if TYPE_CHECKING:  # queries.py imports this module
    from matcher.catalogue.listings.queries import ListingFilter

#: Filters whose counts are kept, some 5 kB each; the least recently asked for goes first.
KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """Listings that meet a filter, and name → value → count."""

    total: int
    facets: dict[str, dict[str, int]]


@dataclass
class _Known:
    number: int = -1
    counts: OrderedDict[Hashable, Counts] = field(default_factory=OrderedDict)


_lock = threading.Lock()
_known: WeakKeyDictionary[Engine, _Known] = WeakKeyDictionary()


def counted(session: Session, wanted: ListingFilter, count: Callable[[], Counts]) -> Counts:
    """What `count` gives for a filter; remembered, for readers of the public catalogue, until the next change of it.

    Exact: whatever changes what everybody sees is in the change log by the same commit.
    """
    if wanted.keeps or not _is_reading(session):
        return count()
    engine = _engine(session)
    with _lock:
        known = _known.setdefault(engine, _Known())
        seen = known.number
    number = last_change(session)
    if number < seen:
        return count()  # this reader began before a change that another has seen
    # Reads what lies behind `seen` only: the log grows with every listing.
    changed = 0 <= seen < number and bool(changed_after(session, seen, "listing")[1])
    with _lock:
        if known.number < number:
            known.number = number
            if changed:
                known.counts.clear()
        if known.number == number and (found := known.counts.get(wanted)) is not None:
            known.counts.move_to_end(wanted)
            return found
    made = count()
    with _lock:
        if known.number == number:
            known.counts[wanted] = made
            if len(known.counts) > KEPT:
                known.counts.popitem(last=False)
    return made


def _engine(session: Session) -> Engine:
    bound = session.get_bind()
    return bound if isinstance(bound, Engine) else bound.engine


def _is_reading(session: Session) -> bool:
    """Whether nothing in this transaction can be undone: what a writer sees may never have been."""
    options = session.connection().get_execution_options()
    return bool(options.get("reading") or options.get("postgresql_readonly"))
