"""Messages, who wants which, and the outbox that survives a crash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class SubscriptionRow(Base):
    """A user wants to hear when a listing fits a need of theirs, or a need fits a listing of theirs."""

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("user_id", "about_kind", "about_id"),)

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: need / listing
    about_kind: Mapped[str] = mapped_column(String(30))
    about_id: Mapped[str] = mapped_column(String(64), index=True)
    #: message / email / webhook, several
    channels: Mapped[list[Any]]
    #: at_once / daily / weekly
    pace: Mapped[str] = mapped_column(String(10), default="at_once")
    webhook_id: Mapped[str | None] = mapped_column(ForeignKey("webhooks.id", ondelete="SET NULL"))
    #: In the link of an e-mail: stops this subscription without signing in.
    stop_token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    digested_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())


class AlertRow(Base):
    """A pair that a subscription was told of, so that nobody is told twice; `sent` once it is in a message."""

    __tablename__ = "alerts"

    subscription_id: Mapped[str] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    listing_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    grade: Mapped[str] = mapped_column(String(10))
    sent: Mapped[bool] = mapped_column(default=False, index=True)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())


class MessageRow(Base):
    """A message on screen."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_user_id_created_at", "user_id", "created_at"),)

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    #: Pairs of need and listing by id: names are looked up when it is read, so what was hidden since stays hidden.
    items: Mapped[list[Any]] = mapped_column(default=list)
    about_kind: Mapped[str | None] = mapped_column(String(30))
    about_id: Mapped[str | None] = mapped_column(String(64))
    read_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())


class WebhookRow(Base):
    __tablename__ = "webhooks"

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(Text)
    #: Signs each delivery; must be readable to do so, hence not hashed. Sealed with PILOTMATCH_SECRET.
    sealed_secret: Mapped[str] = mapped_column(Text)
    #: alerts / feed / enquiries, several
    topics: Mapped[list[Any]]
    active: Mapped[bool] = mapped_column(default=True)
    #: For the feed: the last change that was delivered, failures since, and when it is tried again.
    delivered: Mapped[int] = mapped_column(BigInteger, default=0)
    failures: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=lambda: now())
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())


class OutboxRow(Base):
    """Something to be sent outside, written in the transaction that caused it and sent after it."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_next_at", "state", "next_at"),)

    id: Mapped[Key]
    #: email / webhook
    channel: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    #: waiting / sent / given_up
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    #: Counted when an attempt begins, so that one which kills its process counts too.
    attempts: Mapped[int] = mapped_column(default=0)
    #: Not before this; while an attempt is under way, when it counts as lost.
    next_at: Mapped[datetime] = mapped_column(default=lambda: now())
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    sent_at: Mapped[datetime | None]


class CursorRow(Base):
    """How far a reader of the change log has come, and which process does its work just now."""

    __tablename__ = "cursors"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, default=0)
    holder: Mapped[str | None] = mapped_column(String(64))
    held_until: Mapped[datetime | None]
