"""What was found and not yet told: by subscription, with what its user may read of it at this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.callers import actor_of
from matcher.catalogue.alerts.subscriptions import AboutKind, Channel, keeps_listings_of
from matcher.catalogue.listings.published import IDS, in_sight
from matcher.catalogue.needs.rows import consented, find_need
from matcher.catalogue.needs.visibility import is_seen, outsiders_relation, seen
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.alerts import AlertRow, SubscriptionRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.records import Grade
from matcher.sending.pace import Pace


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that fits: a listing for a subscriber's need, or a need for a subscriber's listing."""

    id: str
    name: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Due:
    """What one subscription has to tell.

    Attributes:
        email: None while nobody has shown that the address is the user's.
        about_name: what the subscription is about, as its owner calls it.
        found: what the subscriber may see now, the best first.
    """

    subscription_id: str
    user_id: str
    email: str | None
    about_kind: AboutKind
    about_id: str
    about_name: str
    pace: Pace
    channels: tuple[Channel, ...]
    webhook_id: str | None
    found: tuple[Found, ...]


def due_subscriptions(session: Session, moments: Mapping[Pace, datetime]) -> Sequence[str]:
    """The subscriptions with something untold from before the moment of their pace, longest waiting first."""
    is_due = or_(
        *(and_(SubscriptionRow.pace == pace, AlertRow.created_at <= moment) for pace, moment in moments.items())
    )
    query = (
        select(AlertRow.subscription_id)
        .join(SubscriptionRow, SubscriptionRow.id == AlertRow.subscription_id)
        .join(UserRow, UserRow.id == SubscriptionRow.user_id)
        .where(AlertRow.sent.is_(False), SubscriptionRow.active, UserRow.active, is_due)
        .group_by(AlertRow.subscription_id)
        .order_by(func.min(AlertRow.created_at), AlertRow.subscription_id)
    )
    return session.scalars(query).all()


def take(session: Session, subscription_id: str, today: date) -> Due | None:
    """Mark all that a subscription has to tell as told, and return it; to be written down in the same transaction.

    None where there is nothing: another process was first, it was switched off, or what it is about is out of sight.
    """
    locked = select(SubscriptionRow).where(SubscriptionRow.id == subscription_id, SubscriptionRow.active)
    row = session.scalars(locked.with_for_update()).one_or_none()
    user = None if row is None else session.get(UserRow, row.user_id)
    if row is None or user is None or not user.active:
        return None
    untold = (AlertRow.subscription_id == subscription_id, AlertRow.sent.is_(False))
    pairs = session.execute(select(AlertRow.need_id, AlertRow.listing_id, AlertRow.grade).where(*untold)).all()
    session.execute(update(AlertRow).where(*untold).values(sent=True))
    actor = actor_of(session, user)
    kind = cast(AboutKind, row.about_kind)
    about_name = _about_name(session, actor, kind, row.about_id)
    if about_name is None:
        return None
    graded = {pair[1] if kind == "need" else pair[0]: cast(Grade, pair[2]) for pair in pairs}
    names = listing_names(session, list(graded)) if kind == "need" else need_names(session, actor, list(graded), today)
    found = [Found(one, names[one], graded[one]) for one in graded if one in names]
    if not found:
        return None
    return Due(
        subscription_id=row.id,
        user_id=user.id,
        email=user.email if user.email_verified else None,
        about_kind=kind,
        about_id=row.about_id,
        about_name=about_name,
        pace=cast(Pace, row.pace),
        channels=tuple(cast(list[Channel], row.channels)),
        webhook_id=row.webhook_id,
        found=tuple(sorted(found, key=lambda one: (one.grade != "strong", one.id))),
    )


def renew_token(session: Session, subscription_id: str, token_hash: str) -> None:
    """Make the link of the next e-mail work, also where the secret that tokens are drawn from has changed."""
    row = session.get_one(SubscriptionRow, subscription_id)
    row.stop_token_hash = token_hash
    session.flush()


def listing_names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Names of the listings among these that everybody may see, by id."""
    wanted = sorted(set(ids))
    return {
        listing_id: name
        for start in range(0, len(wanted), IDS)
        for listing_id, name in session.execute(
            select(ListingRow.id, ListingRow.name).where(in_sight(), ListingRow.id.in_(wanted[start : start + IDS]))
        )
    }


def need_names(session: Session, actor: Actor, ids: Sequence[str], today: date) -> dict[str, str]:
    """What a user may call the needs among these that they may see as an outsider: the title where it is open to
    them, else the abstract; by id."""
    names = {}
    for need_id in dict.fromkeys(ids):
        need = find_need(session, need_id)
        if need is None:
            continue
        how = outsiders_relation(actor, consented(session, need_id))
        if is_seen(need, how, today):
            view = seen(need, how)
            names[need_id] = view.fields.get("title") or view.abstract
    return names


def _about_name(session: Session, actor: Actor, kind: AboutKind, about_id: str) -> str | None:
    """What the subscription is about, in its owner's words; None where it is not theirs any more."""
    if kind == "need":
        need = find_need(session, about_id)
        if need is None or need.user_id != actor.user_id:
            return None
        return need.fields.get("title") or need.need.text or need.abstract or "中试需求"
    row = session.execute(
        select(ListingRow.name, ListingRow.organisation_id).where(ListingRow.id == about_id)
    ).one_or_none()
    return row.name if row is not None and keeps_listings_of(actor, row.organisation_id) else None
