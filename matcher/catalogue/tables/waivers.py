"""What a second administrator signed for a profile that the gate did not let through."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class WaiverRow(Base):
    """A second administrator's written reason to publish a profile in the place of another, whatever the gate says."""

    __tablename__ = "waivers"

    id: Mapped[Key]
    profile_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"), index=True)
    #: The profile that was published then: the reason is about these two.
    against_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"))
    #: What the gate had said last by then; None where it had not looked. A later finding needs another waiver.
    gate_id: Mapped[str | None] = mapped_column(ForeignKey("gates.id"))
    #: The user whose id this is may not be who publishes.
    user_id: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=lambda: now())
