"""Counts of answers by profile, alarms with their thresholds, and exposure: nothing of who asked or what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class AnswerCountRow(Base):
    """How often something happened in a minute while a profile ranked; of older days, in an hour."""

    __tablename__ = "answer_counts"

    profile: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[str] = mapped_column(String(20), primary_key=True)
    #: Minutes since 1970, UTC: a number, because both databases round it alike.
    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: answers / zero / nothing / errors / enquiries, or ms:N for a bucket of latency.
    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class ExposureRow(Base):
    """How much of an operator's listings in a region was seen on a day while a profile ranked."""

    __tablename__ = "exposures"

    day: Mapped[date] = mapped_column(primary_key=True)
    profile: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[str] = mapped_column(String(20), primary_key=True)
    operator: Mapped[str] = mapped_column(String(200), primary_key=True)
    region: Mapped[str] = mapped_column(String(100), primary_key=True)
    #: Sum of 1/log2(1 + rank) in millionths: sums of whole numbers don't hang on their order.
    exposure: Mapped[int] = mapped_column(BigInteger)
    #: How often one of them was in an answer.
    shown: Mapped[int] = mapped_column(BigInteger)


class ExposureMonthRow(Base):
    """A month that is over, as it stands in the ledger."""

    __tablename__ = "exposure_months"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    #: What the ledger says of it.
    figures: Mapped[dict[str, Any]]
    ledger_number: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(default=lambda: now())


class AlarmRow(Base):
    """A figure of a published profile that went too far. Once a publication and figure."""

    __tablename__ = "alarms"
    __table_args__ = (UniqueConstraint("publication_id", "metric"),)

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(default=lambda: now(), index=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    metric: Mapped[str] = mapped_column(String(20))
    #: soft / hard
    level: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    #: The figures before and after, as they were.
    figures: Mapped[dict[str, Any]]
    #: The automatic rollback that it brought about.
    rollback_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))
    #: Why a hard one could not roll back.
    failure: Mapped[str | None] = mapped_column(Text)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)


class WatchThresholdsRow(Base):
    """When alarms ring: one row, none as long as nobody changed what is built in."""

    __tablename__ = "watch_thresholds"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(default=lambda: now())
