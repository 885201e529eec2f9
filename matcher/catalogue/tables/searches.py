"""What was looked for: found again by an id that nobody can guess."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class SearchRow(Base):
    __tablename__ = "searches"

    id: Mapped[Key]
    #: None of a stranger's: whoever has the id may read and change it.
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: The need as JSON, with what its requester said to what was read of it.
    fields: Mapped[dict[str, Any]]
    title: Mapped[str] = mapped_column(String(200))
    saved: Mapped[bool] = mapped_column(default=False)
    #: Of an owner's: whoever has the id may read it.
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    updated_at: Mapped[datetime] = mapped_column(default=lambda: now())
    #: None of a saved one.
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
