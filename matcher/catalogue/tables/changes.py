"""The change log: what every worker's index and every follower of the feed reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, now


class ChangeRow(Base):
    """One change of one thing. `number` rises in the order of commits: see `ChangeCounterRow`."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_about_kind_about_id", "about_kind", "about_id"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=lambda: now())
    #: listing / need
    about_kind: Mapped[str] = mapped_column(String(30))
    about_id: Mapped[str] = mapped_column(String(64))
    #: shown (now visible, perhaps with new content) / gone (no longer visible, or deleted) / consented (open to some)
    what: Mapped[str] = mapped_column(String(10))
    #: For the feed: public content at that time; nothing for what is gone.
    content: Mapped[dict[str, Any] | None]


class ChangeCounterRow(Base):
    """The last number given out. A writer locks this row until it commits, so a lower number never appears after a
    higher one was read, which a sequence does not promise."""

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
