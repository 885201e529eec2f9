"""Ranking profiles with their history, what the gate said of them, experiments, alarms and the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from matcher.catalogue.tables.base import Base, Key, now


class ProfileRow(Base):
    """One version of a named profile. Its document never changes; `state` does."""

    __tablename__ = "profiles"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        CheckConstraint("state IN ('draft', 'evaluated', 'published', 'superseded', 'rolled_back')", name="state"),
        # The database itself refuses a second published profile, whoever publishes at the same time.
        Index(
            "uq_profiles_published",
            "state",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    #: Weights or model, thresholds, calibration, synonyms, dictionary, rules, encoder: all that decides a ranking, as
    #: canonical JSON. As text, because PostgreSQL's JSON writes numbers its own way, and their hash would not hold.
    document: Mapped[str] = mapped_column(Text)
    #: SHA-256 of the document.
    document_hash: Mapped[str] = mapped_column(String(64))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("profiles.id"))
    author_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=lambda: now())
    published_at: Mapped[datetime | None]


class PublicationRow(Base):
    """A switch of the published profile: publishing, rolling back, or an automatic rollback."""

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=lambda: now(), index=True)
    profile_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"))
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("profiles.id"))
    #: publish / rollback / automatic
    what: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[str | None] = mapped_column(String(64))
    second_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    gate_id: Mapped[str | None] = mapped_column(String(64))


class GateRow(Base):
    """What the gate found of one profile against the published one, on one version of a judgement set."""

    __tablename__ = "gates"

    id: Mapped[Key]
    profile_id: Mapped[str] = mapped_column(ForeignKey("profiles.id"), index=True)
    against_id: Mapped[str | None] = mapped_column(ForeignKey("profiles.id"))
    judgement_set: Mapped[str] = mapped_column(String(64))
    #: passed / blocked / too_few
    verdict: Mapped[str] = mapped_column(String(20))
    report: Mapped[dict[str, Any]]
    user_id: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=lambda: now())


class LedgerRow(Base):
    """One entry of the chain: `hash` covers everything in the row and the hash of the row before."""

    __tablename__ = "ledger"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    #: pin / hide / profile / exposure …
    kind: Mapped[str] = mapped_column(String(30), index=True)
    #: Canonical JSON, as it was hashed.
    content: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
