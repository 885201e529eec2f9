"""Listings as they are now, as they were, and the imports they came by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class ListingRow(Base):
    """One listing: `fields` is the whole record as JSON; what is filtered, sorted or constrained has its own column."""

    __tablename__ = "listings"
    __table_args__ = (Index("ix_listings_state_kind_id", "state", "kind", "id"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(Text)
    operator: Mapped[str | None] = mapped_column(Text)
    #: The organisation that may edit it; None for a listing that came from public sources and nobody has claimed.
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    province: Mapped[str | None] = mapped_column(String(100), index=True)
    city: Mapped[str | None] = mapped_column(String(100), index=True)
    tier: Mapped[str | None] = mapped_column(String(20))
    platform_type: Mapped[str | None] = mapped_column(String(30))
    fields: Mapped[dict[str, Any]]
    #: Taken out of sight by an admin whatever its state; the reason is for the operator.
    hidden: Mapped[bool] = mapped_column(default=False)
    #: What an admin wrote when returning or hiding it.
    note: Mapped[str | None] = mapped_column(Text)
    verified_on: Mapped[date | None]
    #: Re-verification is due on this day; past it by the grace period the listing is stale.
    due_on: Mapped[date | None] = mapped_column(index=True)
    reminded_on: Mapped[date | None]
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    updated_at: Mapped[datetime] = mapped_column(default=lambda: now(), index=True)
    published_at: Mapped[datetime | None]


class ListingVersionRow(Base):
    """What a listing was in each of its versions, for comparison and for taking a change back."""

    __tablename__ = "listing_versions"

    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    fields: Mapped[dict[str, Any]]
    user_id: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=lambda: now())


class ImportRow(Base):
    """A file that was read and waits for confirmation, or was confirmed; nothing of it is in the catalogue before."""

    __tablename__ = "imports"

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    file_name: Mapped[str] = mapped_column(Text)
    file_hash: Mapped[str] = mapped_column(String(64))
    #: previewed / confirmed / discarded
    state: Mapped[str] = mapped_column(String(20))
    #: The preview as JSON, compressed: ten thousand rows are megabytes.
    preview: Mapped[bytes] = mapped_column(LargeBinary)
    summary: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=lambda: now(), index=True)
    confirmed_at: Mapped[datetime | None]


class EnquiryRow(Base):
    """A requester's approach to an operator; the desk that walks through its states comes with the portal."""

    __tablename__ = "enquiries"
    __table_args__ = (UniqueConstraint("need_id", "listing_id", "user_id"),)

    id: Mapped[Key]
    need_id: Mapped[str | None] = mapped_column(ForeignKey("needs.id", ondelete="SET NULL"), index=True)
    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    message: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    updated_at: Mapped[datetime] = mapped_column(default=lambda: now())
