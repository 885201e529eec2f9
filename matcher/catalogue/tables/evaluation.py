"""Judgements of need–listing pairs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, now


class JudgementRow(Base):
    """One judge's grade of one pair in one set."""

    __tablename__ = "judgements"
    __table_args__ = (
        CheckConstraint("grade BETWEEN 0 AND 3", name="grade"),
        Index("ix_judgements_judgement_set_need_id", "judgement_set", "need_id"),
    )

    judgement_set: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: Ids of sets of judged needs outlive the needs and listings of the catalogue: no foreign keys.
    need_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    listing_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    judge: Mapped[str] = mapped_column(String(64), primary_key=True)
    grade: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=lambda: now())
