"""Addresses of other systems that a user wants to be told at, and how far the followers of the feed have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.alerts.statements import touched
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import last_change
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.alerts import WebhookRow
from matcher.catalogue.tables.base import new_key, now
from matcher.errors import Conflict, InvalidInput, NotFound

Topic = Literal["alerts", "feed", "enquiries"]
TOPICS: Final[tuple[Topic, ...]] = ("alerts", "feed", "enquiries")
TOPIC_NAMES: Final[dict[Topic, str]] = {"alerts": "符合提醒", "feed": "变更流", "enquiries": "对接申请"}
#: One for each environment of a few systems; more is a mistake of a program.
WEBHOOKS_MAX: Final = 10
ERROR_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook; `sealed_secret` never leaves this side of the wire.

    Attributes:
        delivered: the last change that a follower of the feed took. failures: tries in a row that failed since.
        next_at: the feed is not sent before this.
    """

    id: str
    user_id: str
    url: str
    sealed_secret: str
    topics: tuple[Topic, ...]
    active: bool
    delivered: int
    failures: int
    next_at: datetime
    last_error: str | None
    created_at: datetime


def add_webhook(
    session: Session, actor: Actor, url: str, topics: Sequence[Topic], sealed_secret: str, after: int | None = None
) -> Webhook:
    """Add a webhook of the actor's; the caller has checked the URL.

    Args:
        after: a follower of the feed has all changes up to this number; None: all there are now.

    Raises:
        NotSignedIn. InvalidInput: no topic, or a number from the future. Conflict: as many as one user may have.
    """
    user_id = actor.needs_sign_in()
    last = last_change(session, "listing")
    if after is not None and after > last:
        raise InvalidInput(f"变更流目前只到 {last}", hint=f"请填 0–{last}", field="after")
    # The user's row is locked, so that two requests at once don't pass the limit together.
    session.execute(select(UserRow.id).where(UserRow.id == user_id).with_for_update())
    count = session.scalar(select(func.count()).select_from(WebhookRow).where(WebhookRow.user_id == user_id)) or 0
    if count >= WEBHOOKS_MAX:
        raise Conflict(f"最多可登记 {WEBHOOKS_MAX} 个 webhook", hint="请先删除不用的")
    row = WebhookRow(
        id=new_key("wh"),
        user_id=user_id,
        url=url,
        topics=_topics(topics),
        sealed_secret=sealed_secret,
        delivered=last if after is None else after,
        active=True,
        failures=0,
        next_at=now(),
        created_at=now(),
    )
    session.add(row)
    session.flush()
    record_act(session, actor, "webhook.add", "webhook", row.id, topics=row.topics)
    return _webhook(row)


def own_webhooks(session: Session, actor: Actor) -> Sequence[Webhook]:
    """The actor's webhooks, oldest first."""
    mine = select(WebhookRow).where(WebhookRow.user_id == actor.needs_sign_in())
    return [_webhook(row) for row in session.scalars(mine.order_by(WebhookRow.created_at, WebhookRow.id))]


def own_webhook(session: Session, actor: Actor, webhook_id: str) -> Webhook:
    """One of the actor's. Raises NotFound: another's, or none."""
    return _webhook(_own(session, actor, webhook_id))


def change_webhook(
    session: Session,
    actor: Actor,
    webhook_id: str,
    *,
    url: str | None = None,
    topics: Sequence[Topic] | None = None,
    active: bool | None = None,
    sealed_secret: str | None = None,
) -> Webhook:
    """Change what is given; a follower that was failing is tried again at once. Errors as for `add_webhook`."""
    row = _own(session, actor, webhook_id)
    row.url = row.url if url is None else url
    row.topics = row.topics if topics is None else _topics(topics)
    row.active = row.active if active is None else active
    row.sealed_secret = row.sealed_secret if sealed_secret is None else sealed_secret
    row.failures, row.next_at, row.last_error = 0, now(), None
    session.flush()
    record_act(session, actor, "webhook.change", "webhook", row.id)
    return _webhook(row)


def delete_webhook(session: Session, actor: Actor, webhook_id: str) -> None:
    """Remove one of the actor's; what waits for it is given up when its turn comes. Errors as for `own_webhook`."""
    session.delete(_own(session, actor, webhook_id))
    session.flush()
    record_act(session, actor, "webhook.delete", "webhook", webhook_id)


def sendable(session: Session, webhook_id: str) -> Webhook | None:
    """The webhook, if something may be sent to it: it is switched on and so is its owner."""
    row = session.scalars(
        select(WebhookRow)
        .join(UserRow, UserRow.id == WebhookRow.user_id)
        .where(WebhookRow.id == webhook_id, WebhookRow.active, UserRow.active)
    ).one_or_none()
    return None if row is None else _webhook(row)


def hooks_of(session: Session, user_id: str, topic: Topic) -> Sequence[str]:
    """The webhooks of a user that are on and take a topic, oldest first."""
    theirs = select(WebhookRow).where(WebhookRow.user_id == user_id, WebhookRow.active)
    rows = session.scalars(theirs.order_by(WebhookRow.created_at, WebhookRow.id))
    return [row.id for row in rows if topic in row.topics]


def switch_off(session: Session, webhook_id: str, error: str) -> None:
    """The receiver said that it is gone for good."""
    values = {"active": False, "last_error": error[:ERROR_MAX]}
    session.execute(update(WebhookRow).where(WebhookRow.id == webhook_id).values(**values))


def due_followers(session: Session, moment: datetime) -> Sequence[Webhook]:
    """The followers of the feed that have changes to come and are not waiting for their next try."""
    query = (
        select(WebhookRow)
        .join(UserRow, UserRow.id == WebhookRow.user_id)
        .where(WebhookRow.active, UserRow.active)
        .where(WebhookRow.delivered < last_change(session, "listing"), WebhookRow.next_at <= moment)
        .order_by(WebhookRow.next_at)
    )
    return [_webhook(row) for row in session.scalars(query) if "feed" in row.topics]


def claim_follower(session: Session, webhook: Webhook, moment: datetime, until: datetime) -> bool:
    """Whether this process may send to a follower until then: so changes reach it one after another, in order."""
    mine = (WebhookRow.id == webhook.id, WebhookRow.delivered == webhook.delivered, WebhookRow.next_at <= moment)
    return touched(session, update(WebhookRow).where(*mine).values(next_at=until)) == 1


def mark_followed(session: Session, webhook: Webhook, number: int, moment: datetime) -> None:
    """A follower has taken the changes up to `number`; the next ones may follow at once."""
    mine = (WebhookRow.id == webhook.id, WebhookRow.delivered == webhook.delivered)
    values = {"delivered": number, "failures": 0, "last_error": None, "next_at": moment}
    session.execute(update(WebhookRow).where(*mine).values(**values))


def mark_behind(session: Session, webhook: Webhook, error: str, next_at: datetime) -> None:
    """A follower did not take the changes; tried again at `next_at`, for as long as the webhook is there."""
    mine = (WebhookRow.id == webhook.id, WebhookRow.delivered == webhook.delivered)
    values = {"failures": WebhookRow.failures + 1, "last_error": error[:ERROR_MAX], "next_at": next_at}
    session.execute(update(WebhookRow).where(*mine).values(**values))


def _own(session: Session, actor: Actor, webhook_id: str) -> WebhookRow:
    mine = (WebhookRow.id == webhook_id, WebhookRow.user_id == actor.needs_sign_in())
    row = session.scalars(select(WebhookRow).where(*mine)).one_or_none() if is_id(webhook_id) else None
    if row is None:
        raise NotFound(f"没有编号为 {webhook_id[:80]} 的 webhook", hint="编号见 GET /v1/webhooks", field="webhook_id")
    return row


def _topics(topics: Sequence[Topic]) -> list[Topic]:
    if not topics or not set(topics) <= set(TOPICS):
        known = "、".join(f"{topic}({name})" for topic, name in TOPIC_NAMES.items())
        raise InvalidInput("请选择至少一个主题", hint=f"可用:{known}", field="topics")
    return list(dict.fromkeys(topics))


def _webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        row.id, row.user_id, row.url, row.sealed_secret, tuple(cast(list[Topic], row.topics)), row.active,
        row.delivered, row.failures, row.next_at, row.last_error, row.created_at,
    )  # fmt: skip
