"""People, listings and needs in a real database, for tests of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from matcher.catalogue.access import CONSOLE, Actor
from matcher.catalogue.accounts.callers import actor_of
from matcher.catalogue.accounts.organisations import OrganisationFields, add_organisation
from matcher.catalogue.accounts.users import UserFields, add_user
from matcher.catalogue.alerts.subscriptions import Subscription, Wish, subscribe
from matcher.catalogue.database import Database, Session
from matcher.catalogue.listings.bulk import put_many, retire_many
from matcher.catalogue.needs.store import NeedDraft, Openness, add_need
from matcher.catalogue.needs.stored import StoredNeed
from matcher.catalogue.tables.accounts import UserRow
from matcher.records import Listing, Need
from matcher.sending.finding import Graded
from matcher.sending.sealing import Seal
from matcher.today import today

SECRET = "k9Qw-Zr7_tYx2LmP4sVb8NcD6fGh1JuE"
SEAL = Seal(SECRET)
NOW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
TODAY = date(2026, 7, 1)
MESSAGE = Wish(("message",))


class Scene:
    """One organisation with an operator, another with another, and two requesters; `actors` by name."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.actors: dict[str, Actor] = {}
        self.orgs: dict[str, str] = {}
        with database.session() as session:
            for name in ("base", "other_base"):
                self.orgs[name] = add_organisation(session, CONSOLE, OrganisationFields(f"单位 {name}")).id
            for name, role, org in (
                ("requester", "requester", None),
                ("other_requester", "requester", None),
                ("operator", "operator", "base"),
                ("other_operator", "operator", "other_base"),
                ("admin", "admin", None),
            ):
                fields = UserFields(f"{name}@example.cn", name, role, org and self.orgs[org])
                user = add_user(session, CONSOLE, fields, email_verified=True)
                row = session.get(UserRow, user.id)
                assert row is not None
                self.actors[name] = actor_of(session, row)

    def publish(self, *listings: Listing, org: str | None = None) -> None:
        """Put listings in sight, in one transaction."""
        with self.database.session() as session:
            put_many(session, listings, CONSOLE, organisation_id=org and self.orgs[org])

    def retire(self, *ids: str) -> None:
        with self.database.session() as session:
            retire_many(session, ids, CONSOLE)

    def need(
        self,
        text: str = "发酵放大",
        *,
        who: str = "requester",
        publish: bool = False,
        openness: Openness | None = None,
        **fields: Any,
    ) -> StoredNeed:
        """A need of somebody's: a draft, or published with this openness."""
        draft = NeedDraft({"text": text, **fields})
        with self.database.session() as session:
            return add_need(
                session, self.actors[who], draft, today(), openness=openness or Openness({}), publish=publish
            )

    def subscribe(self, who: str, about_kind: Any, about_id: str, wish: Wish = MESSAGE) -> Subscription:
        with self.database.session() as session:
            return subscribe(session, self.actors[who], about_kind, about_id, wish, SEAL.stop_token, today())

    def rows(self, query: Any) -> list[Any]:
        """What a query finds."""
        with self.database.reading() as session:
            return list(session.execute(query).all())


def listing(listing_id: str = "PF-1", name: str = "发酵中试平台", **fields: Any) -> Listing:
    return Listing(id=listing_id, kind="platform", name=name, **fields)


class WordFits:
    """Fits where the listing's id stands after a colon in the need's text, as 发酵:PF-1,PF-2, or `*` for all.

    A small real stand-in: what it is asked is kept, so that tests see what takes part in a match.
    """

    def __init__(self, number: int | None = None) -> None:
        self.number = number
        self.asked: list[tuple[tuple[Need, ...], tuple[str, ...]]] = []

    def followed(self) -> int | None:
        return self.number

    def __call__(self, needs: Sequence[Need], listing_ids: Sequence[str]) -> Sequence[Sequence[Graded]]:
        self.asked.append((tuple(needs), tuple(listing_ids)))
        return [[Graded(one, "strong") for one in listing_ids if _fits(need.text, one)] for need in needs]


def _fits(text: str, listing_id: str) -> bool:
    wanted = text.partition(":")[2].split(",")
    return listing_id in wanted or "*" in wanted


def first(session: Session, query: Any) -> Any:
    return session.execute(query).first()
