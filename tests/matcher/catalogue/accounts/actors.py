"""Accounts for tests of the stores."""

from __future__ import annotations

from matcher.catalogue.access import CONSOLE, Actor, Role
from matcher.catalogue.accounts.organisations import OrganisationFields, add_organisation
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.database import Session


def someone(
    session: Session,
    name: str = "someone",
    role: Role = "requester",
    org: str | None = None,
    password: str | None = None,
) -> Actor:
    """A new account's owner; `password` is its hash as stored."""
    fields = UserFields(f"{name}@example.cn", name, role, org)
    user = add_user(session, CONSOLE, fields, password_hash=password, email_verified=True)
    return Actor(user.id, role, org)


def organisation(session: Session, name: str = "中试基地") -> str:
    """The id of a new organisation."""
    return add_organisation(session, CONSOLE, OrganisationFields(name)).id
