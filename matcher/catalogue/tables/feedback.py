"""What was shown and what was done with it, and comparisons of two profiles on live requests. Nothing tells who asked.

No user, no address, no word of a need: an answer has a random id that only its reader knows, and a time cut to minutes.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class ImpressionRow(Base):
    """One answer. What stood in it is in `ShownRow`."""

    __tablename__ = "impressions"
    __table_args__ = (Index("ix_impressions_experiment_id_settled_at", "experiment_id", "settled", "at"),)

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    #: The profile that the answer names; None where it is not one of the database.
    profile_id: Mapped[str | None] = mapped_column(String(64), index=True)
    #: What the need was about, coarsely: industries, kinds, what is measured.
    topic: Mapped[str] = mapped_column(String(200))
    matches: Mapped[int]
    coverage: Mapped[str] = mapped_column(String(10))
    took_ms: Mapped[float] = mapped_column(Float(53))
    #: Which features `features` holds: half-precision numbers, a row of them for each place; None without any.
    feature_set: Mapped[str | None] = mapped_column(String(16))
    features: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The upper place of two neighbours that might have been exchanged by chance, and whether they were.
    swapped: Mapped[int | None]
    exchanged: Mapped[bool] = mapped_column(default=False)
    #: The interleaving that it is part of, and whether it has been counted there.
    experiment_id: Mapped[str | None] = mapped_column(String(64))
    settled: Mapped[bool] = mapped_column(default=False)


class ShownRow(Base):
    """One place of an answer, from 1 on. Listings may go while this stays: no foreign key."""

    __tablename__ = "shown"
    __table_args__ = (Index("ix_shown_listing_id_day", "listing_id", "day"), Index("ix_shown_day", "day"))

    answer_id: Mapped[str] = mapped_column(ForeignKey("impressions.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    listing_id: Mapped[str] = mapped_column(String(64))
    #: The day in China.
    day: Mapped[date]
    pinned: Mapped[bool] = mapped_column(default=False)
    #: Of an interleaved answer: a is the published profile, b the draft; None where it belongs to neither.
    team: Mapped[str | None] = mapped_column(String(1))


class FeedbackRow(Base):
    """One act on one listing of one answer; the same act again is the same row."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_listing_id_day", "listing_id", "day"), Index("ix_feedback_day", "day"))

    answer_id: Mapped[str] = mapped_column(ForeignKey("impressions.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    act: Mapped[str] = mapped_column(String(20), primary_key=True)
    #: Why it was dismissed, one of a few words.
    reason: Mapped[str | None] = mapped_column(String(30))
    #: The day in China.
    day: Mapped[date]


class ExperimentRow(Base):
    """A comparison of a draft with the published profile on a share of the live requests."""

    __tablename__ = "experiments"
    __table_args__ = (
        CheckConstraint("what IN ('shadow', 'interleaving')", name="what"),
        CheckConstraint("state IN ('running', 'decided', 'stopped')", name="state"),
        # The database itself refuses a second interleaving, whoever starts one at the same time.
        Index(
            "uq_experiments_interleaving",
            "what",
            unique=True,
            sqlite_where=text("what = 'interleaving' AND state = 'running'"),
            postgresql_where=text("what = 'interleaving' AND state = 'running'"),
        ),
    )

    id: Mapped[Key]
    what: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    draft_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"))
    #: What was published when it began; with another published profile it ends.
    against_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"))
    share: Mapped[float] = mapped_column(Float(53))
    reason: Mapped[str] = mapped_column(Text)
    user_id: Mapped[str | None] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(default=lambda: now(), index=True)
    ended_at: Mapped[datetime | None]
    #: Why it ended, in words.
    ending: Mapped[str | None] = mapped_column(Text)
    #: Of an interleaving: answers that the published profile won, that the draft won, and that neither won.
    wins: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    ties: Mapped[int] = mapped_column(default=0)
    p_value: Mapped[float] = mapped_column(Float(53), default=1.0)
    alpha: Mapped[float] = mapped_column(Float(53))
    #: a: the published profile is better; b: the draft is; undecided.
    verdict: Mapped[str] = mapped_column(String(20), default="undecided")


class ShadowRow(Base):
    """One request that a draft ranked unseen, beside what was shown; nothing of the need or of the listings."""

    __tablename__ = "shadows"

    id: Mapped[Key]
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    failed: Mapped[bool]
    took_ms: Mapped[float] = mapped_column(Float(53))
    against_ms: Mapped[float] = mapped_column(Float(53))
    #: Of the first ten; how likes are measured is told in `matcher.feedback.likeness`. None where the draft failed.
    overlap: Mapped[float | None] = mapped_column(Float(53))
    rank_biased: Mapped[float | None] = mapped_column(Float(53))
    kendall: Mapped[float | None] = mapped_column(Float(53))
    same_first: Mapped[bool | None]
