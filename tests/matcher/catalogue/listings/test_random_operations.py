"""Thousands of random operations, and after each the store holds what a plain dictionary says.

The model knows nothing of SQL: a dictionary of what was written, changed by the same acts. Whatever the store answers,
the model has to say the same: the record, its state, whether it is in sight, whether an act is refused and by which
error. `restart` closes the database and opens it again. `OPERATIONS` is the number of steps.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from matcher.catalogue.access import ANONYMOUS, Actor
from matcher.catalogue.change_log import changes_after
from matcher.catalogue.database import Database, Session
from matcher.catalogue.lifecycle import STATES, Act, State
from matcher.catalogue.listings.published import published
from matcher.catalogue.listings.queries import ListingFilter, page_of
from matcher.catalogue.listings.rows import public_fields
from matcher.catalogue.listings.store import create, edit, find, perform, remove
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.errors import Conflict, Forbidden, NotFound, NotSignedIn, Outdated, PilotMatchError
from matcher.records import Listing
from tests.databases import BACKENDS, fresh_url
from tests.matcher.catalogue.listings.conftest import ADMIN, OPERATOR, OTHER, REQUESTER

#: Of each kind of database. Few enough for every run; the slow test makes all 20,000.
QUICK, ALL = 300, 20_000
#: Few, so that most steps meet a listing that is there.
NAMES: Final = ("珠江平台", "太湖平台", "闽江平台", "嘉陵江平台")
CITIES: Final = ("东莞市", "无锡市", None)
ACTORS: Final = (ADMIN, OPERATOR, OTHER, REQUESTER, ANONYMOUS)
ACTS: Final[tuple[Act, ...]] = (
    "submit", "withdraw", "approve", "return", "publish", "verify", "retire", "reopen", "hide", "unhide",
)  # fmt: skip
#: What leads where, written once more; see `lifecycle` for the words.
NEXT: Final[dict[str, dict[str, str]]] = {
    "submit": {"draft": "submitted", "returned": "submitted"},
    "withdraw": {"submitted": "draft"},
    "approve": {"submitted": "approved", "approved": "approved", "published": "published"},
    "return": {"submitted": "returned", "approved": "returned", "published": "returned"},
    "publish": {"approved": "published"},
    "verify": {"published": "published"},
    "retire": {state: "retired" for state in STATES if state != "retired"},
    "reopen": {"retired": "draft"},
    "hide": {state: state for state in STATES},
    "unhide": {state: state for state in STATES},
}
BY_ADMINS: Final = ("approve", "return", "hide", "unhide")


@dataclass
class Known:
    """A listing as the model has it."""

    listing: Listing
    organisation_id: str
    state: str = "draft"
    hidden: bool = False
    changed: bool = False
    version: int = 1
    was_published: bool = False

    @property
    def visible(self) -> bool:
        return self.state == "published" and not self.hidden


class Model:
    """The plain dictionary, and what each operation would do to it."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.deleted: list[str] = []

    def public(self) -> dict[str, Known]:
        return {id: one for id, one in self.known.items() if one.visible}

    def kept_by(self, actor: Actor) -> dict[str, Known]:
        return {id: one for id, one in self.known.items() if holds(actor, one)}

    def refusal(self, actor: Actor, listing_id: str, act: str, seen: int | None) -> type[PilotMatchError] | None:
        """The error that an act must end with; None where it is done."""
        if actor.role is None:
            return NotSignedIn
        if actor.role not in ("operator", "admin"):
            return Forbidden
        one = self.known.get(listing_id)
        if one is None or not (one.visible or holds(actor, one)):
            return NotFound
        if not holds(actor, one) or (act in BY_ADMINS and actor is not ADMIN):
            return Forbidden
        if seen is not None and seen != one.version:
            return Outdated
        return None if self._possible(one, act) else Conflict

    def _possible(self, one: Known, act: str) -> bool:
        if act == "edit":
            return one.state != "retired"
        if act == "remove":
            return one.state != "retired"
        if act in ("hide", "unhide"):
            return one.hidden == (act == "unhide")
        if act == "approve" and one.state != "submitted" and not one.changed:
            return False
        return one.state in NEXT[act]

    def edit(self, actor: Actor, listing_id: str, listing: Listing) -> None:
        one = self.known[listing_id]
        after = replace(listing, id=listing_id, verified_on=one.listing.verified_on)
        if after == one.listing:
            return
        one.listing, one.version = after, one.version + 1
        if one.state in ("approved", "published"):
            one.changed = actor is not ADMIN

    def perform(self, listing_id: str, act: str) -> None:
        one = self.known[listing_id]
        one.state, one.version = NEXT[act][one.state], one.version + 1
        if act in ("hide", "unhide"):
            one.hidden = act == "hide"
        if act == "approve":
            one.changed = False
        if act == "publish":
            one.was_published = True

    def remove(self, listing_id: str) -> None:
        one = self.known[listing_id]
        if one.state == "draft" and not one.was_published:
            del self.known[listing_id]
            self.deleted.append(listing_id)
        else:
            self.perform(listing_id, "retire")


def holds(actor: Actor, one: Known) -> bool:
    return actor is ADMIN or (actor.role == "operator" and actor.organisation_id == one.organisation_id)


class Run:
    """The model beside a real database; each method is one operation on both, with its comparison."""

    def __init__(self, url: str, dice: random.Random) -> None:
        self.url, self.dice, self.model = url, dice, Model()
        self.database = Database(url)
        self.database.migrate()
        with self.database.session() as session:
            for name in ("one", "two"):
                session.add(OrganisationRow(id=f"o-{name}", name=f"单位 {name}"))
        self.cursor = 0
        self.copy: dict[str, Any] = {}

    def step(self) -> None:
        operations: tuple[tuple[Callable[[], None], int], ...] = (
            (self.create, 10), (self.edit, 25), (self.perform, 45), (self.remove, 4), (self.read, 8), (self.listed, 5),
            (self.follow, 2), (self.restart, 1),
        )  # fmt: skip
        weights = [weight for _, weight in operations]
        self.dice.choices([operation for operation, _ in operations], weights)[0]()

    def create(self) -> None:
        if len(self.model.known) >= 40:
            return
        actor = self.dice.choice((OPERATOR, OTHER))
        with self.database.session() as session:
            stored = create(session, actor, self._content())
        assert stored.listing.id not in self.model.known
        self.model.known[stored.listing.id] = Known(stored.listing, actor.organisation_id or "")

    def edit(self) -> None:
        actor, listing_id, seen = self._actor(), self._id(), self._seen()
        content, version = self._content(), seen and self._version(listing_id, seen)
        refused = self.model.refusal(actor, listing_id, "edit", version)
        with transaction(self.database, refused) as session:
            edit(session, actor, listing_id, content, seen=version)
        if refused is None:
            self.model.edit(actor, listing_id, content)
            self.compare(listing_id)

    def perform(self) -> None:
        actor, listing_id, act, seen = self._actor(), self._id(), self.dice.choice(ACTS), self._seen()
        version = seen and self._version(listing_id, seen)
        refused = self.model.refusal(actor, listing_id, act, version)
        with transaction(self.database, refused) as session:
            stored = perform(session, actor, listing_id, act, seen=version, reason="理由")
        if refused is None:
            self.model.perform(listing_id, act)
            # The day of a verification is the store's to say.
            known = self.model.known[listing_id]
            known.listing = replace(known.listing, verified_on=stored.listing.verified_on)
            assert (stored.listing.verified_on is not None) == known.was_published
            self.compare(listing_id)

    def remove(self) -> None:
        actor, listing_id, seen = self._actor(), self._id(), self._seen()
        version = seen and self._version(listing_id, seen)
        refused = self.model.refusal(actor, listing_id, "remove", version)
        with transaction(self.database, refused) as session:
            remove(session, actor, listing_id, seen=version)
        if refused is None:
            self.model.remove(listing_id)
            self.compare(listing_id)

    def read(self) -> None:
        self.compare(self._id())

    def listed(self) -> None:
        actor, mine, city = self._actor(), self.dice.random() < 0.5, self.dice.choice(CITIES)
        wanted = self.model.kept_by(actor) if mine else self.model.public()
        expected = {id: one for id, one in wanted.items() if city is None or one.listing.city == city}
        with self.database.reading() as session:
            page = page_of(session, actor, ListingFilter(mine=mine, city=city), size=100)
            shown = {one.id: one for one in published(session)}
        assert {one.listing.id: one.state for one in page.listings} == {id: one.state for id, one in expected.items()}
        assert page.total == len(expected)
        counted = [one.listing.city for one in wanted.values() if one.listing.city]
        assert page.facets["city"] == {city: counted.count(city) for city in page.facets["city"]}
        assert sum(page.facets["city"].values()) == len(counted)
        assert shown == {id: one.listing for id, one in self.model.public().items()}

    def follow(self) -> None:
        """Whoever follows the change log has the public catalogue."""
        with self.database.reading() as session:
            for change in changes_after(session, self.cursor, limit=10_000):
                self.cursor = change.number
                if change.what == "gone":
                    self.copy.pop(change.about_id, None)
                elif change.content is not None:
                    self.copy[change.about_id] = change.content
        assert self.copy == {id: public_fields(one.listing) for id, one in self.model.public().items()}

    def restart(self) -> None:
        self.database.dispose()
        self.database = Database(self.url)
        self.database.migrate()

    def compare(self, listing_id: str) -> None:
        """Everybody reads of one listing what the model says."""
        one = self.model.known.get(listing_id)
        with self.database.reading() as session:
            for actor in ACTORS:
                if one is None or not (one.visible or holds(actor, one)):
                    with pytest.raises(NotFound):
                        find(session, actor, listing_id)
                    continue
                stored = find(session, actor, listing_id)
                assert stored.listing == one.listing
                assert (stored.state, stored.version, stored.hidden) == (one.state, one.version, one.hidden)
                assert (stored.changed, stored.visible) == (one.changed, one.visible)
                assert stored.organisation_id == one.organisation_id

    def _actor(self) -> Actor:
        return self.dice.choices(ACTORS, (6, 6, 3, 1, 1))[0]

    def _id(self) -> str:
        if self.dice.random() < 0.03 or not self.model.known:
            return self.dice.choice([*self.model.deleted[-5:], "L-nowhere"])
        return self.dice.choice(list(self.model.known))

    def _seen(self) -> str | None:
        return self.dice.choices((None, "now", "before"), (4, 5, 1))[0]

    def _version(self, listing_id: str, seen: str) -> int:
        one = self.model.known.get(listing_id)
        return (one.version if one else 1) - (seen == "before")

    def _content(self) -> Listing:
        dice = self.dice
        return Listing(
            id="",
            kind=dice.choice(("platform", "equipment")),
            name=dice.choice(NAMES),
            operator="某单位",
            city=dice.choice(CITIES),
            summary=f"第 {dice.randrange(1000)} 稿",
            services=tuple(dice.sample(("中试", "检测", "打样"), dice.randrange(3))),
        )


@contextmanager
def transaction(database: Database, refused: type[PilotMatchError] | None) -> Iterator[Session]:
    """A transaction that must end with this error and leave nothing, or without one."""
    if refused is None:
        with database.session() as session:
            yield session
        return
    with pytest.raises(refused) as caught, database.session() as session:
        yield session
    assert caught.type is refused


def run(url: str, operations: int, seed: int) -> Iterator[Run]:
    """The run after each of its steps, for those who hold something else against the same model."""
    made = Run(url, random.Random(seed))
    for _ in range(operations):
        made.step()
        yield made
    for listing_id in [*made.model.known, *made.model.deleted]:
        made.compare(listing_id)
    made.follow()
    made.database.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_few_hundred_operations(backend: str, seed: int, tmp_path: Path) -> None:
    *_, made = run(fresh_url(backend, tmp_path), QUICK, seed)
    assert len(made.model.known) > 5


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("backend", BACKENDS)
def test_twenty_thousand_operations(backend: str, tmp_path: Path) -> None:
    states: set[State | str] = set()
    for made in run(fresh_url(backend, tmp_path), ALL, 20_000):
        states |= {one.state for one in made.model.known.values()}
    assert states == set(STATES) - {"due", "stale"}
