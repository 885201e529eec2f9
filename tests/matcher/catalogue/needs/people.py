"""A requester, their colleague, operators of two organisations, a broker and an admin, in a database."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from matcher.catalogue.access import Actor, Role
from matcher.catalogue.database import Database, Session
from matcher.catalogue.needs.rows import find_need
from matcher.catalogue.needs.store import NeedDraft, Openness, add_need
from matcher.catalogue.needs.stored import StoredNeed
from matcher.catalogue.tables.accounts import OrganisationRow, UserRow
from tests.databases import database  # noqa: F401

TODAY: Final = date(2026, 11, 22)


def _actor(name: str, role: Role, organisation_id: str | None = None) -> Actor:
    return Actor(f"user-{name}", role, organisation_id)


OWNER: Final = _actor("owner", "requester", "org-owner")
COLLEAGUE: Final = _actor("colleague", "requester", "org-owner")
OPERATOR: Final = _actor("operator", "operator", "org-a")
OTHER: Final = _actor("other", "operator", "org-b")
BROKER: Final = _actor("broker", "broker", "org-c")
ADMIN: Final = _actor("admin", "admin")
EVERYBODY: Final = (OWNER, COLLEAGUE, OPERATOR, OTHER, BROKER, ADMIN)
ORGANISATIONS: Final = {"org-owner": "起步公司", "org-a": "甲平台", "org-b": "乙工厂", "org-c": "丙经纪"}


@pytest.fixture
def peopled(database: Database) -> Database:  # noqa: F811
    """A database with everybody in it."""
    with database.session() as session:
        session.add_all(OrganisationRow(id=key, name=name) for key, name in ORGANISATIONS.items())
        session.flush()
        for actor in EVERYBODY:
            name = actor.user_id or ""
            session.add(
                UserRow(
                    id=name, email=f"{name}@x.cn", name=name, role=actor.role, organisation_id=actor.organisation_id
                )
            )
    return database


def keep(
    session: Session,
    fields: dict[str, Any] | None = None,
    *,
    actor: Actor = OWNER,
    publish: bool = True,
    listed: bool = True,
    today: date = TODAY,
    **more: Any,
) -> StoredNeed:
    """A need of the owner's, on the wall unless said otherwise."""
    visibility = more.pop("visibility", {"industry": "public", "province": "public"})
    content = fields or {"text": "酶制剂发酵放大", "industry": ["生物制造"], "province": "广东省"}
    openness = Openness(visibility, listed)
    return add_need(session, actor, NeedDraft(content, **more), today, openness=openness, publish=publish)


def stored(session: Session, need_id: str) -> StoredNeed:
    """A need that is there."""
    need = find_need(session, need_id)
    assert need is not None
    return need
