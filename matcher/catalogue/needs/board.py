"""The wall of listed needs, as one outsider sees it: pages, filters and counts over nothing but what they see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from matcher.catalogue.access import ANONYMOUS, Actor
from matcher.catalogue.needs.rows import consented, consented_needs, find_need, open_needs
from matcher.catalogue.needs.store import missing_need
from matcher.catalogue.needs.visibility import UNSAID, SeenNeed, is_seen, outsiders_relation, seen
from matcher.catalogue.search_words import folded, wanted_words
from matcher.records import Need
from matcher.understanding.text import normalise

#: What the wall can be narrowed to: the filter and the field it looks at.
FACETS: Final = {"industry": "industry", "province": "province", "kind": "kinds"}
#: Needs that a draft of the ranking is tried on beside the judged ones.
RECENT: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the wall; None lets everything pass. `words` must all stand in what is seen of a need."""

    industry: str | None = None
    province: str | None = None
    kind: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """One page: how many pass, per facet how many there are of each value with the other filters, and the page."""

    total: int
    facets: dict[str, dict[str, int]]
    needs: tuple[SeenNeed, ...]


def seen_needs(session: Session, actor: Actor, today: date) -> list[SeenNeed]:
    """Every open need that a caller sees as an outsider (owners and admins too), latest first.

    Consents count for the caller's own organisation.
    """
    theirs = consented_needs(session, actor.organisation_id)
    found = []
    for need in open_needs(session, today, theirs):
        given = (actor.organisation_id,) if need.id in theirs and actor.organisation_id else ()
        how = outsiders_relation(actor, given)
        if is_seen(need, how, today):
            found.append(seen(need, how))
    return found


def recent_needs(session: Session, today: date) -> tuple[Need, ...]:
    """The latest `RECENT` open needs as anybody may read them; those that show nothing to match are left out."""
    found = [one.need for one in seen_needs(session, ANONYMOUS, today)]
    return tuple(need for need in found if need.text != UNSAID)[:RECENT]


def seen_need(session: Session, actor: Actor, need_id: str, today: date) -> SeenNeed:
    """One open need as an outsider sees it. Raises NotFound: none that this caller may know of."""
    need = find_need(session, need_id)
    if need is None:
        raise missing_need(need_id)
    how = outsiders_relation(actor, consented(session, need.id))
    if not is_seen(need, how, today):
        raise missing_need(need_id)
    return seen(need, how)


def board(needs: Sequence[SeenNeed], wanted: Wanted, page: int, size: int) -> Board:
    """A page of needs in the order given."""
    with_words = [need for need in needs if _says(need, wanted.words)]
    facets = {name: _counts(with_words, name, tuple(one for one in FACETS if one != name), wanted) for name in FACETS}
    chosen = [need for need in with_words if _passes_all(need, FACETS, wanted)]
    first = (page - 1) * size
    return Board(len(chosen), facets, tuple(chosen[first : first + size]))


def _counts(needs: Iterable[SeenNeed], name: str, others: Sequence[str], wanted: Wanted) -> dict[str, int]:
    counts = Counter(value for need in needs if _passes_all(need, others, wanted) for value in _values(need, name))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _passes_all(need: SeenNeed, names: Iterable[str], wanted: Wanted) -> bool:
    return all(getattr(wanted, name) is None or _has(need, name, getattr(wanted, name)) for name in names)


def _has(need: SeenNeed, name: str, value: str) -> bool:
    if name == "province":
        return any(one.startswith(value) for one in _values(need, name))
    return value in _values(need, name)


def _values(need: SeenNeed, name: str) -> tuple[str, ...]:
    value = need.fields.get(FACETS[name])
    return (value,) if isinstance(value, str) else tuple(value or ())


def _says(need: SeenNeed, words: str | None) -> bool:
    if words is None:
        return True
    said = "\n".join(folded(normalise(one)) for one in _said(need))
    return all(word in said for word in wanted_words(normalise(words)))


def _said(need: SeenNeed) -> Iterable[str]:
    yield need.abstract
    for value in need.fields.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (one if isinstance(one, str) else one["name"] for one in value)
