"""Subscriptions: a user hears when a listing fits a need of theirs, or a need fits a listing of their organisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, cast

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.alerts.webhooks import own_webhook
from matcher.catalogue.audit import record_act
from matcher.catalogue.lifecycle import VISIBLE
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.needs.store import own_need
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.alerts import AlertRow, SubscriptionRow
from matcher.catalogue.tables.base import new_key, now
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound
from matcher.sending.pace import Pace

AboutKind = Literal["need", "listing"]
Channel = Literal["message", "email", "webhook"]
CHANNELS: Final[tuple[Channel, ...]] = ("message", "email", "webhook")
CHANNEL_NAMES: Final[dict[Channel, str]] = {"message": "站内消息", "email": "邮件", "webhook": "webhook"}
#: Each new listing is held against every subscribed need: a limit that no person notices keeps a program in check.
SUBSCRIPTIONS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber sets: by which ways, and how often."""

    channels: tuple[Channel, ...]
    pace: Pace = "at_once"
    webhook_id: str | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as its user sees it."""

    id: str
    user_id: str
    about_kind: AboutKind
    about_id: str
    wish: Wish
    active: bool
    created_at: datetime


def subscribe(
    session: Session,
    actor: Actor,
    about_kind: AboutKind,
    about_id: str,
    wish: Wish,
    token_of: Callable[[str], str],
    today: date,
) -> Subscription:
    """Add a subscription of the actor's.

    Args:
        token_of: the token of the unsubscribe link, by the subscription's id.

    Raises:
        NotSignedIn; Forbidden: what it is about is another's. NotFound: it is not there for the actor.
        InvalidInput: channels and webhook don't go together. Conflict: there already, or too many.
    """
    user_id = actor.needs_sign_in()
    if about_kind == "need":
        _check_need(session, actor, about_id, today)
    else:
        _check_listing(session, actor, about_id)
    _check_wish(session, actor, wish)
    mine = select(func.count()).select_from(SubscriptionRow).where(SubscriptionRow.user_id == user_id)
    if (session.scalar(mine) or 0) >= SUBSCRIPTIONS_MAX:
        raise Conflict(f"最多可有 {SUBSCRIPTIONS_MAX} 个订阅", hint="请先删除不用的")
    key = new_key("sub")
    row = SubscriptionRow(
        id=key,
        user_id=user_id,
        about_kind=about_kind,
        about_id=about_id,
        channels=list(wish.channels),
        pace=wish.pace,
        webhook_id=wish.webhook_id,
        stop_token_hash=hash_of(token_of(key)),
        active=True,
        created_at=now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict("已订阅过", hint="可修改已有的订阅", field="about_id") from None
    record_act(session, actor, "subscription.add", "subscription", key, of_kind=about_kind, of_id=about_id)
    return _subscription(row)


def own_subscriptions(session: Session, actor: Actor, page: int, size: int) -> tuple[int, Sequence[Subscription]]:
    """How many the actor has, and one page of them, latest first."""
    mine = SubscriptionRow.user_id == actor.needs_sign_in()
    total = session.scalar(select(func.count()).select_from(SubscriptionRow).where(mine)) or 0
    query = select(SubscriptionRow).where(mine).order_by(SubscriptionRow.created_at.desc(), SubscriptionRow.id)
    return total, [_subscription(row) for row in session.scalars(query.offset((page - 1) * size).limit(size))]


def own_subscription(session: Session, actor: Actor, subscription_id: str) -> Subscription:
    """One of the actor's. Raises NotFound: another's, or none."""
    return _subscription(_own(session, actor, subscription_id))


def change_subscription(session: Session, actor: Actor, subscription_id: str, wish: Wish, active: bool) -> Subscription:
    """Set channels, pace and whether it is on; what was found but not yet told is dropped when it goes off.

    Errors as for `own_subscription` and `subscribe`.
    """
    row = _own(session, actor, subscription_id)
    _check_wish(session, actor, wish)
    row.channels, row.pace, row.webhook_id = list(wish.channels), wish.pace, wish.webhook_id
    _switch(session, row, active)
    record_act(session, actor, "subscription.change", "subscription", row.id, active=active)
    return _subscription(row)


def delete_subscription(session: Session, actor: Actor, subscription_id: str) -> None:
    """Remove one of the actor's, with the memory of what it told. Errors as for `own_subscription`."""
    row = _own(session, actor, subscription_id)
    session.delete(row)
    session.flush()
    record_act(session, actor, "subscription.delete", "subscription", subscription_id)


def is_stoppable(session: Session, token: str) -> bool:
    """Whether a link would switch something off: a look that writes nothing, for whoever tries tokens."""
    found = select(SubscriptionRow.id).where(SubscriptionRow.stop_token_hash == hash_of(token), SubscriptionRow.active)
    return session.execute(found).first() is not None


def stop(session: Session, token: str) -> None:
    """Switch off the subscription of an unsubscribe link. Silent where there is none, or none any more."""
    found = select(SubscriptionRow).where(SubscriptionRow.stop_token_hash == hash_of(token))
    row = session.scalars(found.with_for_update()).one_or_none()
    if row is not None and row.active:
        _switch(session, row, False)
        record_act(session, Actor(user_id=row.user_id), "subscription.stop", "subscription", row.id)


def _switch(session: Session, row: SubscriptionRow, active: bool) -> None:
    row.active = active
    if not active:
        session.execute(delete(AlertRow).where(AlertRow.subscription_id == row.id, AlertRow.sent.is_(False)))
    session.flush()


def _check_need(session: Session, actor: Actor, need_id: str, today: date) -> None:
    need = own_need(session, actor, need_id, today)
    if need.user_id != actor.user_id:
        raise Forbidden("只能订阅自己的需求", hint="提醒只发给需求方本人")


def keeps_listings_of(actor: Actor, organisation_id: str | None) -> bool:
    """Whether an organisation's listings are the actor's own to look after; admins, who may all, own none."""
    return organisation_id is not None and actor.role == "operator" and actor.organisation_id == organisation_id


def _check_listing(session: Session, actor: Actor, listing_id: str) -> None:
    actor.needs_role("operator")
    actor.needs_scope("listings")
    query = select(ListingRow.organisation_id, ListingRow.state, ListingRow.hidden)
    found = session.execute(query.where(ListingRow.id == listing_id)).one_or_none() if is_id(listing_id) else None
    own = found is not None and keeps_listings_of(actor, found.organisation_id)
    if found is None or (not own and (found.hidden or found.state not in VISIBLE)):
        raise NotFound(f"没有编号为 {listing_id[:64]} 的条目", hint="编号见 /v1/listings", field="about_id")
    if not own:
        raise Forbidden("只能订阅本单位的条目", hint="提醒只发给条目所属单位")


def _check_wish(session: Session, actor: Actor, wish: Wish) -> None:
    if not wish.channels:
        raise InvalidInput("请选择至少一种提醒方式", hint="可用:message、email、webhook", field="channels")
    if "email" in wish.channels and not session.scalar(
        select(UserRow.email_verified).where(UserRow.id == actor.user_id)
    ):
        raise InvalidInput("您的邮箱尚未验证", hint="请先用邀请或重置密码的邮件验证,或改用站内消息", field="channels")
    if ("webhook" in wish.channels) != (wish.webhook_id is not None):
        hint = "选择 webhook 时请同时给出 webhook_id,否则不要填"
        raise InvalidInput("webhook 与 webhook_id 应同时填写", hint=hint, field="webhook_id")
    if wish.webhook_id is not None and "alerts" not in own_webhook(session, actor, wish.webhook_id).topics:
        raise InvalidInput("这个 webhook 不接收提醒", hint="请为它加上主题 alerts", field="webhook_id")


def _own(session: Session, actor: Actor, subscription_id: str) -> SubscriptionRow:
    mine = (SubscriptionRow.id == subscription_id, SubscriptionRow.user_id == actor.needs_sign_in())
    row = session.scalars(select(SubscriptionRow).where(*mine)).one_or_none() if is_id(subscription_id) else None
    if row is None:
        message = f"没有编号为 {subscription_id[:64]} 的订阅"
        raise NotFound(message, hint="编号见 GET /v1/subscriptions", field="subscription_id")
    return row


def _subscription(row: SubscriptionRow) -> Subscription:
    wish = Wish(tuple(cast(list[Channel], row.channels)), cast(Pace, row.pace), row.webhook_id)
    return Subscription(
        row.id, row.user_id, cast(AboutKind, row.about_kind), row.about_id, wish, row.active, row.created_at
    )
