"""Listings as they are now, as they were, and the imports they came by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
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
    tier_expires: Mapped[date | None] = mapped_column(index=True)
    #: The last day of a tier that the operator was warned of.
    tier_warned: Mapped[date | None]
    platform_type: Mapped[str | None] = mapped_column(String(30))
    queue_days: Mapped[float | None]
    #: The lowest fee that is stated, in CNY, whatever it is for.
    fee_from: Mapped[float | None]
    open_share: Mapped[float | None]
    #: The most machine hours a year that are kept for a group of users.
    hours: Mapped[float | None]
    #: Taken out of sight by an admin whatever its state; the reason is for the operator.
    hidden: Mapped[bool] = mapped_column(default=False)
    #: Its operator changed it after an admin had approved it.
    changed: Mapped[bool] = mapped_column(default=False)
    #: The version that an admin approved last.
    approved_version: Mapped[int | None]
    #: What an admin wrote when returning or hiding it.
    note: Mapped[str | None] = mapped_column(Text)
    verified_on: Mapped[date | None]
    #: The role of who verified it.
    verified_by: Mapped[str | None] = mapped_column(String(20))
    #: Re-verification is due on this day; past it by the grace period the listing is stale.
    due_on: Mapped[date | None] = mapped_column(index=True)
    reminded_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    updated_at: Mapped[datetime] = mapped_column(default=lambda: now(), index=True)
    published_at: Mapped[datetime | None]
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The long columns come last: SQLite then reads the others without following the pages that these run over.
    fields: Mapped[dict[str, Any]]
    #: Lower case, what a search for words looks in.
    words: Mapped[str] = mapped_column(Text, default="")


class ListingMarkRow(Base):
    """One of several values that a listing has of one name: verification, voucher, industry."""

    __tablename__ = "listing_marks"
    __table_args__ = (Index("ix_listing_marks_name_value", "name", "value"),)

    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)


class ListingWindowRow(Base):
    """Days (both included) in which a listing has free capacity; an open end is None."""

    __tablename__ = "listing_windows"

    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[date | None]
    end: Mapped[date | None]


class ListingVersionRow(Base):
    """What a listing was in each of its versions, for comparison and for taking a change back."""

    __tablename__ = "listing_versions"

    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    #: What was done that made it this version: create, edit, publish …
    act: Mapped[str] = mapped_column(String(20))
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
