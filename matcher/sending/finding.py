"""From changes to pairs: which subscribed needs a new listing fits, and which subscribed listings fit a new need.

Each change is dealt with exactly once: the pairs are written in the transaction that moves the cursor, and whoever is
killed before it leaves both as they were. The matching itself runs outside any transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from matcher.catalogue.alerts.cursors import begin, position
from matcher.catalogue.alerts.pairs import (
    ListingWatch,
    NeedWatch,
    Pair,
    listing_watches,
    need_watches,
    settle,
    shown_among,
)
from matcher.catalogue.change_log import About, Change, What, changes_after
from matcher.catalogue.database import Database, Session
from matcher.catalogue.needs.rows import consented, find_need
from matcher.catalogue.needs.visibility import Relation, is_seen, outsiders_relation, seen
from matcher.records import Grade, Need

CURSOR: Final = "alerts"
#: Who hears of a need, by what happened: a consent is nobody else's business, not even that it was given.
HEARS: Final[dict[What, tuple[Relation, ...]]] = {"shown": ("signed_in", "consented"), "consented": ("consented",)}
#: Changes read in one round. An import of ten thousand is a few rounds, each held against each need in one go.
ROUND: Final = 5000


@dataclass(frozen=True, slots=True)
class Graded:
    """A listing that fits a need: it breaks none of its hard conditions."""

    listing_id: str
    grade: Grade


class Fits(Protocol):
    """What is asked of the matcher."""

    def followed(self) -> int | None:
        """The number of the last change that it knows of; None where it can't tell (it always knows all)."""
        ...

    def __call__(self, needs: Sequence[Need], listing_ids: Sequence[str]) -> Sequence[Sequence[Graded]]:
        """For each need, the listings among these that fit it: graded strong or possible, every hard condition met.

        Ids that it doesn't know are passed over, and nothing fits a need that can't be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """What one round looked at: changes between two numbers, reduced to what is in sight now."""

    seen: int
    number: int
    listings: tuple[str, ...]
    need_watches: Sequence[NeedWatch]
    needs: tuple[tuple[Need, Sequence[ListingWatch]], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """`found` new pairs; `more` where further changes wait."""

    found: int
    more: bool


def find(database: Database, fits: Fits, today: date, limit: int = ROUND) -> Progress:
    """Deal with the next changes that the matcher knows of, at most `limit` of them."""
    with database.reading() as session:
        known = position(session, CURSOR) is not None
    if not known:
        with database.session() as session:
            begin(session, CURSOR)
    up_to = fits.followed()
    with database.reading() as session:
        now = _round(session, up_to, today, limit)
    if now is None:
        return Progress(0, False)
    pairs = [*_for_listings(now, fits), *_for_needs(now, fits)]
    with database.session() as session:
        found = settle(session, CURSOR, now.seen, now.number, pairs)
    return Progress(found or 0, True)


def _round(session: Session, up_to: int | None, today: date, limit: int) -> Round | None:
    """What to look at; None where nothing has changed."""
    seen_number = position(session, CURSOR) or 0
    changes = [one for one in changes_after(session, seen_number, limit=limit) if up_to is None or one.number <= up_to]
    if not changes:
        return None
    listings = tuple(sorted(shown_among(session, _shown(changes, "listing"))))
    needs = dict.fromkeys(_shown(changes, "need", "consented"), HEARS["consented"])
    needs |= dict.fromkeys(_shown(changes, "need"), HEARS["shown"])
    return Round(
        seen=seen_number,
        number=changes[-1].number,
        listings=listings,
        need_watches=need_watches(session) if listings else (),
        needs=tuple(_views(session, needs, today)) if needs else (),
    )


def _shown(changes: Iterable[Change], about: About, what: What = "shown") -> Sequence[str]:
    """The ids that came into sight or changed there, each once."""
    return list(dict.fromkeys(one.about_id for one in changes if one.about == about and one.what == what))


def _views(
    session: Session, needs: Mapping[str, Sequence[Relation]], today: date
) -> Iterable[tuple[Need, Sequence[ListingWatch]]]:
    """Each need as each group of subscribers that hears of it sees it: what they don't see takes no part in the match.

    A requester's own listings are not held against the requester's own needs.
    """
    watches = listing_watches(session)
    for need_id, groups in needs.items():
        need = find_need(session, need_id)
        if need is None:
            continue
        organisations = consented(session, need_id)
        for how in groups:
            if not is_seen(need, how, today):
                continue
            group = [
                one
                for one in watches
                if outsiders_relation(one.actor, organisations) == how and one.actor.user_id != need.user_id
            ]
            if group:
                yield seen(need, how).need, group


def _for_listings(now: Round, fits: Fits) -> Iterable[Pair]:
    if not now.need_watches or not now.listings:
        return
    found = fits([watch.need for watch in now.need_watches], now.listings)
    for watch, fitting in zip(now.need_watches, found, strict=True):
        for one in fitting:
            yield Pair(watch.subscription_id, watch.need.id or "", one.listing_id, one.grade)


def _for_needs(now: Round, fits: Fits) -> Iterable[Pair]:
    for need, watches in now.needs:
        (fitting,) = fits([need], sorted({watch.listing_id for watch in watches}))
        grades = {one.listing_id: one.grade for one in fitting}
        for watch in watches:
            if watch.listing_id in grades:
                yield Pair(watch.subscription_id, need.id or "", watch.listing_id, grades[watch.listing_id])
