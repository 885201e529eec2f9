"""The audit log: who did what to which thing, and when; added to, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.tables.accounts import AuditRow


@dataclass(frozen=True, slots=True)
class AuditEntry:
    number: int
    at: datetime
    user_id: str | None
    role: str | None
    action: str
    about_kind: str
    about_id: str
    details: dict[str, Any]


def record_act(session: Session, actor: Actor, action: str, about_kind: str, about_id: str, **details: Any) -> None:
    """Add an act to the transaction it belongs to.

    Args:
        action: `noun.verb`, as `listing.publish`. details: what changed, by name; no text of what is hidden.
    """
    session.add(
        AuditRow(
            user_id=actor.user_id,
            role=actor.role,
            action=action,
            about_kind=about_kind,
            about_id=about_id,
            details=details,
        )
    )


def read_audit(
    session: Session,
    *,
    before: int | None = None,
    user_id: str | None = None,
    action: str | None = None,
    about_id: str | None = None,
    limit: int = 100,
) -> Sequence[AuditEntry]:
    """Entries, latest first, from below the number `before`."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditRow.id < before)
    if user_id is not None:
        query = query.where(AuditRow.user_id == user_id)
    if action is not None:
        query = query.where(AuditRow.action == action)
    if about_id is not None:
        query = query.where(AuditRow.about_id == about_id)
    return [
        AuditEntry(row.id, row.at, row.user_id, row.role, row.action, row.about_kind, row.about_id, row.details)
        for row in session.scalars(query)
    ]
