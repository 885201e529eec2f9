"""Enquiries of requesters at operators, and what was said and done in each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now

#: States in which an enquiry keeps its sender from sending another about the same thing; as `states.OPEN`.
_OPEN = text("state IN ('sent', 'read', 'answered', 'visiting')")


class EnquiryRow(Base):
    """A requester's approach to the operator of a listing."""

    __tablename__ = "enquiries"
    __table_args__ = (
        Index(
            "uq_enquiries_open", "subject", "listing_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
    )  # fmt: skip

    id: Mapped[Key]
    need_id: Mapped[str | None] = mapped_column(ForeignKey("needs.id", ondelete="SET NULL"), index=True)
    #: The need's id, or without one the sender's; it outlives the need.
    subject: Mapped[str] = mapped_column(String(64))
    listing_id: Mapped[str] = mapped_column(ForeignKey("listings.id"), index=True)
    #: To whom it went; None while nobody has claimed the listing and the platform keeps it.
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    by_broker: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20), index=True)
    text: Mapped[str] = mapped_column(Text)
    contact_name: Mapped[str | None] = mapped_column(String(100))
    contact_organisation: Mapped[str | None] = mapped_column(String(200))
    contact_phone: Mapped[str | None] = mapped_column(String(40))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    #: Fields of the need that its requester ticked for whoever gets the enquiry.
    share: Mapped[list[Any]] = mapped_column(default=list)
    #: The answer of the matcher in which the listing was found.
    answer_id: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    updated_at: Mapped[datetime] = mapped_column(default=lambda: now())


class EnquiryEntryRow(Base):
    """One step or message of an enquiry; only ever added to."""

    __tablename__ = "enquiry_entries"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    enquiry_id: Mapped[str] = mapped_column(ForeignKey("enquiries.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=lambda: now())
    #: No foreign key: what was said outlives the account.
    user_id: Mapped[str] = mapped_column(String(64), index=True)
    #: requester / operator / platform
    side: Mapped[str] = mapped_column(String(20))
    #: message, forwarded, or the state that it was led to
    what: Mapped[str] = mapped_column(String(20))
    text: Mapped[str | None] = mapped_column(Text)
