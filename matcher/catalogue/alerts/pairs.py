"""Who is to be held against what, and the pairs that were found: each is told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.callers import actor_of
from matcher.catalogue.alerts.cursors import advance
from matcher.catalogue.listings.published import IDS, in_sight
from matcher.catalogue.needs.rows import find_need
from matcher.catalogue.needs.states import NEED_STATES, NeedState
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.alerts import AlertRow, SubscriptionRow
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.listings import ListingRow
from matcher.catalogue.tables.needs import NeedRow
from matcher.records import Grade, Need

#: Needs that still look for something: a draft is a saved need too, matched and closed ones are done.
WATCHED: Final[tuple[NeedState, ...]] = ("draft", "published", "in_talks")
assert set(WATCHED) < set(NEED_STATES)


@dataclass(frozen=True, slots=True)
class NeedWatch:
    """A subscription on a need, and all of the need: its owner is the one who is told."""

    subscription_id: str
    need: Need


@dataclass(frozen=True, slots=True)
class ListingWatch:
    """A subscription on a listing of the subscriber's organisation, and who the subscriber is."""

    subscription_id: str
    listing_id: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Pair:
    """A listing that fits a need, for one subscription."""

    subscription_id: str
    need_id: str
    listing_id: str
    grade: Grade


def need_watches(session: Session) -> Sequence[NeedWatch]:
    """The subscriptions on needs that are still looking, by users that are active and still own the need."""
    rows = session.execute(
        select(SubscriptionRow.id, NeedRow.id)
        .join(NeedRow, NeedRow.id == SubscriptionRow.about_id)
        .join(UserRow, UserRow.id == SubscriptionRow.user_id)
        .where(SubscriptionRow.about_kind == "need", SubscriptionRow.active, UserRow.active)
        .where(NeedRow.user_id == SubscriptionRow.user_id, NeedRow.state.in_(WATCHED))
        .order_by(SubscriptionRow.id)
    )
    needs = ((subscription_id, find_need(session, need_id)) for subscription_id, need_id in rows.all())
    return [NeedWatch(subscription_id, need.need) for subscription_id, need in needs if need is not None]


def listing_watches(session: Session) -> Sequence[ListingWatch]:
    """The subscriptions on listings in sight, by active operators of the organisation that holds the listing."""
    rows = session.execute(
        select(SubscriptionRow.id, ListingRow.id, UserRow)
        .join(ListingRow, ListingRow.id == SubscriptionRow.about_id)
        .join(UserRow, UserRow.id == SubscriptionRow.user_id)
        .where(SubscriptionRow.about_kind == "listing", SubscriptionRow.active, UserRow.active, in_sight())
        .where(ListingRow.organisation_id == UserRow.organisation_id)
        .order_by(SubscriptionRow.id)
    )
    watches = [ListingWatch(key, listing_id, actor_of(session, user)) for key, listing_id, user in rows.all()]
    return [watch for watch in watches if watch.actor.role == "operator" and watch.actor.organisation_id is not None]


def shown_among(session: Session, ids: Iterable[str]) -> frozenset[str]:
    """The listings among these that everybody may see now."""
    wanted = sorted(set(ids))
    return frozenset(
        found
        for start in range(0, len(wanted), IDS)
        for found in session.scalars(
            select(ListingRow.id).where(in_sight(), ListingRow.id.in_(wanted[start : start + IDS]))
        )
    )


def settle(session: Session, cursor: str, seen: int, number: int, pairs: Sequence[Pair]) -> int | None:
    """Move the cursor and keep the pairs that are new, of subscriptions still on and listings still in sight.

    Returns how many; None where the cursor stands elsewhere, and nothing is done: another process was first.
    """
    if not advance(session, cursor, seen, number):
        return None
    alive, told = _alive_and_told(session, {pair.subscription_id for pair in pairs})
    shown = shown_among(session, (pair.listing_id for pair in pairs))
    fresh = {
        (pair.subscription_id, pair.need_id, pair.listing_id): pair.grade
        for pair in pairs
        if pair.subscription_id in alive and pair.listing_id in shown
    }
    names = ("subscription_id", "need_id", "listing_id")
    common = {"sent": False, "created_at": now()}
    rows = [
        {**dict(zip(names, key, strict=True)), "grade": grade, **common}
        for key, grade in fresh.items()
        if key not in told
    ]
    if rows:
        session.execute(insert(AlertRow), rows)
    return len(rows)


def _alive_and_told(session: Session, keys: Iterable[str]) -> tuple[set[str], set[tuple[str, str, str]]]:
    """The subscriptions that are on, locked until the transaction ends, and the pairs that each was told of."""
    alive: set[str] = set()
    told: set[tuple[str, str, str]] = set()
    wanted = sorted(keys)
    for start in range(0, len(wanted), IDS):
        part = wanted[start : start + IDS]
        on = select(SubscriptionRow.id).where(SubscriptionRow.active, SubscriptionRow.id.in_(part))
        alive |= set(session.scalars(on.with_for_update(read=True)))
        pairs = select(AlertRow.subscription_id, AlertRow.need_id, AlertRow.listing_id)
        told |= set(session.execute(pairs.where(AlertRow.subscription_id.in_(part))))
    return alive, told
