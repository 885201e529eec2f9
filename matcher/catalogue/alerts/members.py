"""Whom to tell of what concerns an organisation, the platform, or one user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from matcher.catalogue.tables.accounts import UserRow


@dataclass(frozen=True, slots=True)
class Member:
    """`email` is None while nobody has shown that the address is the user's."""

    user_id: str
    email: str | None


def operators_of(session: Session, organisation_id: str) -> Sequence[Member]:
    """The active users of an organisation who look after its listings."""
    return _members(session, UserRow.organisation_id == organisation_id, UserRow.role == "operator")


def admins(session: Session) -> Sequence[Member]:
    """The active admins."""
    return _members(session, UserRow.role == "admin")


def user_of(session: Session, user_id: str) -> Sequence[Member]:
    """One user; nobody where the account is switched off."""
    return _members(session, UserRow.id == user_id)


def _members(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Member]:
    query = select(UserRow.id, UserRow.email, UserRow.email_verified).where(UserRow.active, *conditions)
    rows = session.execute(query.order_by(UserRow.id))
    return [Member(user_id, email if verified else None) for user_id, email, verified in rows]
