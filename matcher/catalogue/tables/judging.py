"""Versions of judgement sets, the needs in them, what each judge has still to look at, and adjudicated grades.

The grades themselves are in `evaluation.JudgementRow`, whose `judgement_set` is the id of a version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class JudgementSetRow(Base):
    """One version of a named set. Once `frozen_at` is set, nothing of it changes any more."""

    __tablename__ = "judgement_sets"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        # The database itself refuses a second open version, whoever freezes at the same time.
        Index(
            "uq_judgement_sets_open",
            "name",
            unique=True,
            sqlite_where=text("frozen_at IS NULL"),
            postgresql_where=text("frozen_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    description: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    frozen_at: Mapped[datetime | None]
    #: SHA-256 of needs, grades and adjudications, taken when it was frozen.
    content_hash: Mapped[str | None] = mapped_column(String(64))


class JudgedNeedRow(Base):
    """A need as it was judged: later edits of it elsewhere don't reach it."""

    __tablename__ = "judged_needs"

    set_id: Mapped[str] = mapped_column(ForeignKey("judgement_sets.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    #: As a line of needs.jsonl.
    fields: Mapped[dict[str, Any]]


class JudgingTaskRow(Base):
    """One pair that one judge is to look at, at a place of its own in this judge's order."""

    __tablename__ = "judging_tasks"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'skipped', 'graded')", name="state"),
        Index("ix_judging_tasks_set_id_judge_state_place", "set_id", "judge", "state", "place"),
    )

    set_id: Mapped[str] = mapped_column(ForeignKey("judgement_sets.id", ondelete="CASCADE"), primary_key=True)
    judge: Mapped[str] = mapped_column(String(64), primary_key=True)
    need_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    listing_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: Hexadecimal, random to the eye: it tells nothing of who ranked the listing, or where.
    place: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))


class AdjudicationRow(Base):
    """The grade that holds for a pair, whatever its judges said."""

    __tablename__ = "adjudications"
    __table_args__ = (CheckConstraint("grade BETWEEN 0 AND 3", name="grade"),)

    set_id: Mapped[str] = mapped_column(ForeignKey("judgement_sets.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    listing_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    grade: Mapped[int]
    adjudicator: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=lambda: now())
