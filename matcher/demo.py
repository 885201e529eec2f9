"""Accounts to try the pages with, one of each role, with listings to keep and needs to look at. Never in production."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from matcher.catalogue.access import CONSOLE, Actor, Role
from matcher.catalogue.accounts.organisations import OrganisationFields, add_organisation
from matcher.catalogue.accounts.passwords import hash_password
from matcher.catalogue.accounts.users import UserFields, add_user, user_by_email
from matcher.catalogue.database import Database, Session
from matcher.catalogue.listings.published import published
from matcher.catalogue.listings.store import perform
from matcher.catalogue.needs.store import NeedDraft, Openness, add_need
from matcher.errors import Forbidden
from matcher.settings import Settings
from matcher.today import today

#: Known to everybody: the server with these accounts answers this machine only.
PASSWORD: Final = "pilotmatch-demo"
DOMAIN: Final = "demo.example"
#: An operator of several listings of different kinds, so that its desk has something to show.
OPERATOR: Final = "松山湖材料实验室"
PROVINCE, CITY = "广东省", "东莞市"
#: Enough for the column of needs to fill a page.
NEEDS: Final = 24
_NEED_FIELDS: Final = {
    "title": "title",
    "description": "text",
    "province": "province",
    "city": "city",
    "industry": "industry",
}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    email: str
    role: Role
    name: str


ACCOUNTS: Final = (
    DemoAccount(f"requester@{DOMAIN}", "requester", "演示需求方"),
    DemoAccount(f"operator@{DOMAIN}", "operator", "演示供给方"),
    DemoAccount(f"broker@{DOMAIN}", "broker", "演示经纪人"),
    DemoAccount(f"admin@{DOMAIN}", "admin", "演示管理员"),
)


def open_demo(settings: Settings, database: Database) -> bool:
    """Opens the accounts where they are not there yet; whether it did.

    Raises:
        Forbidden: this is production, where an account with a known password would be an open door.
    """
    if settings.env == "production":
        raise Forbidden("生产环境不能开设演示账号", hint="去掉 --demo,用 pilotmatch admin create 开设管理员账号")
    with database.reading() as session:
        if user_by_email(session, ACCOUNTS[0].email) is not None:
            return False
    password_hash = hash_password(PASSWORD)
    with database.session() as session:
        organisation_id = add_organisation(
            session, CONSOLE, OrganisationFields(OPERATOR, province=PROVINCE, city=CITY)
        ).id
        made = {one.role: _account(session, one, organisation_id, password_hash) for one in ACCOUNTS}
        for listing in published(session):
            if listing.operator == OPERATOR:
                perform(session, CONSOLE, listing.id, "assign", organisation_id=organisation_id)
        _publish_needs(session, settings, Actor(made["requester"], "requester"))
    return True


def _account(session: Session, account: DemoAccount, organisation_id: str, password_hash: str) -> str:
    fields = UserFields(
        account.email, account.name, account.role, organisation_id if account.role == "operator" else None
    )
    return add_user(session, CONSOLE, fields, password_hash=password_hash, email_verified=True).id


def _publish_needs(session: Session, settings: Settings, actor: Actor) -> None:
    """Published calls of cities, as their sources have them."""
    with settings.dataset("needs_dev.jsonl").open(encoding="utf-8") as file:
        rows: list[dict[str, Any]] = [json.loads(line) for _, line in zip(range(NEEDS), file, strict=False)]
    for row in rows:
        fields = {ours: row[theirs] for theirs, ours in _NEED_FIELDS.items() if row.get(theirs)}
        openness = Openness(dict.fromkeys(fields, "public"), listed=True)
        add_need(session, actor, NeedDraft(fields), today(), openness=openness, publish=True)
