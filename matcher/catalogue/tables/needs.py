"""Needs, and who may see what of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class NeedRow(Base):
    __tablename__ = "needs"
    __table_args__ = (Index("ix_needs_state_id", "state", "id"),)

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    #: The need as JSON, all of it; who sees which field is in `visibility`.
    fields: Mapped[dict[str, Any]]
    #: Field → public / signed_in / chosen / private; what is not named is private.
    visibility: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: What strangers may read: written by the requester, or made of the public fields.
    abstract: Mapped[str | None] = mapped_column(Text)
    #: Whether operators may find it at all.
    listed: Mapped[bool] = mapped_column(default=False)
    expires_on: Mapped[date | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    updated_at: Mapped[datetime] = mapped_column(default=lambda: now(), index=True)
    published_at: Mapped[datetime | None]


class ConsentRow(Base):
    """What a requester lets one operator's organisation read beyond what others may."""

    __tablename__ = "consents"

    need_id: Mapped[str] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True)
    #: The fields whose visibility is `chosen`, wherever the organisation meets the need.
    chosen: Mapped[bool] = mapped_column(default=True)
    #: Single fields, whatever their visibility: read in the requester's enquiries alone.
    fields: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime] = mapped_column(default=lambda: now())


class NeedVectorRow(Base):
    """What the encoder gave for what somebody may see of a need; it goes when the need changes or is deleted.

    `vector` float32 [d], `codes` int8 [t, d], `steps` float32 [t], little-endian.
    """

    __tablename__ = "need_vectors"

    need_id: Mapped[str] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True)
    #: The encoder's fingerprint, hashed: it may hold a long path.
    encoder: Mapped[str] = mapped_column(String(64), primary_key=True)
    text_key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    codes: Mapped[bytes] = mapped_column(LargeBinary)
    steps: Mapped[bytes] = mapped_column(LargeBinary)
