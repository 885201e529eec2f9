"""Whom to tell of what concerns an organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.tables.accounts import UserRow


@dataclass(frozen=True, slots=True)
class Member:
    """`email` is None while nobody has shown that the address is the user's."""

    user_id: str
    email: str | None


def operators_of(session: Session, organisation_id: str) -> Sequence[Member]:
    """The active users of an organisation who look after its listings."""
    query = select(UserRow.id, UserRow.email, UserRow.email_verified).where(
        UserRow.organisation_id == organisation_id, UserRow.active, UserRow.role == "operator"
    )
    rows = session.execute(query.order_by(UserRow.id))
    return [Member(user_id, email if verified else None) for user_id, email, verified in rows]


def admins(session: Session) -> Sequence[Member]:
    """The active administrators."""
    query = select(UserRow.id, UserRow.email, UserRow.email_verified).where(UserRow.active, UserRow.role == "admin")
    rows = session.execute(query.order_by(UserRow.id))
    return [Member(user_id, email if verified else None) for user_id, email, verified in rows]
