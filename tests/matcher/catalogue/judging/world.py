"""A small catalogue, judges and a judgement set with needs, in a database."""

from __future__ import annotations

from typing import Final

from matcher.catalogue.access import CONSOLE, Actor, Role
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.database import Database, Session
from matcher.catalogue.judging.sets import JudgementSet, create_set
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.tables.judging import JudgedNeedRow
from tests.matcher.small import LISTINGS

NEEDS: Final = ("N-1", "N-2", "N-3")
#: Of the small catalogue.
LISTED: Final = ("PF-1", "PF-2", "PF-3", "PF-4", "MF-1")


def stored(database: Database) -> tuple[JudgementSet, dict[str, Actor]]:
    """An open set `dev` of three needs, and people by name: admin, ann and bob (brokers), req (a requester)."""
    with database.session() as session:
        put_many(session, LISTINGS, CONSOLE)
        made = create_set(session, CONSOLE, "dev", "开发用")
        for need_id in NEEDS:
            add_need(session, made.id, need_id)
        people: dict[str, Role] = {"admin": "admin", "ann": "broker", "bob": "broker", "req": "requester"}
        actors = {name: _person(session, name, role) for name, role in people.items()}
    return made, actors


def add_need(session: Session, set_id: str, need_id: str) -> None:
    fields = {"id": need_id, "description": f"{need_id} 要发酵放大", "province": "广东省", "source_url": "https://a.cn"}
    session.add(JudgedNeedRow(set_id=set_id, need_id=need_id, text=fields["description"], fields=fields))


def _person(session: Session, name: str, role: Role) -> Actor:
    user = add_user(session, CONSOLE, UserFields(f"{name}@example.cn", name, role, None))
    return Actor(user.id, role)
