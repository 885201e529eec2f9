"""What time does to listings: they fall due and turn stale, their operators are reminded. Run once a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import Changes
from matcher.catalogue.lifecycle import REMIND_DAYS, VISIBLE, Act, after, clock_act, is_time_to_remind, stale_after
from matcher.catalogue.listings.rows import public_fields, record_of
from matcher.catalogue.tables.listings import ListingRow
from matcher.records import Listing

#: As the audit log names whoever did it.
CLOCK = Actor(user_id="clock")
Why = Literal["due_soon", "due", "stale", "tier_expires"]
WHY_TEXTS: dict[Why, str] = {
    "due_soon": "即将到复核日期",
    "due": "已到复核日期",
    "stale": "已过复核期限,排序将下调",
    "tier_expires": "级别即将到期",
}


@dataclass(frozen=True, slots=True)
class Reminder:
    """What the members of an organisation should hear of one of their listings.

    Attributes:
        on: the day that it is about: re-verification due, stale since, last day of the tier.
    """

    listing_id: str
    name: str
    organisation_id: str
    why: Why
    on: date

    @property
    def text(self) -> str:
        """In words."""
        return f"“{self.name}”{WHY_TEXTS[self.why]}({self.on.isoformat()})"


def tick(session: Session, today: date, changes: Changes | None = None) -> list[Reminder]:
    """Move every listing to where it is on this day, and tell whom to remind.

    Running it again on the same day changes nothing and reminds nobody; after days without it the steps that were
    missed are made up for, each listing going as far as it has to. What the clock does makes no new version: nobody's
    edit fails because of it. Listings of no organisation move too, but there is nobody to remind.

    Args:
        changes: where to add what the change log is to hear, for who does more in the same transaction and records it
            at the end. Recorded here without.
    """
    told = Changes() if changes is None else changes
    reminders = [*_comes_up(session, today), *_tiers(session, today), *_moves(session, today, told)]
    session.flush()
    if changes is None:
        told.record(session)
    return reminders


def _moves(session: Session, today: date, told: Changes) -> Iterator[Reminder]:
    query = select(ListingRow).where(ListingRow.state.in_(("published", "due")), ListingRow.due_on <= today)
    for row in session.scalars(query.order_by(ListingRow.id)):
        why: Why | None = None
        while (act := clock_act(row.state, row.due_on, today)) is not None:  # type: ignore[arg-type]  # only states
            row.state = after(act, row.state)  # type: ignore[arg-type]  # only states
            why = _because(act)
            record_act(session, CLOCK, f"listing.{act}", "listing", row.id, state=row.state)
        if row.state == "stale" and not row.hidden:
            told.add("listing", row.id, "shown", public_fields(_record(row)))
        if why is not None and row.organisation_id is not None and row.due_on is not None:
            on = row.due_on if why == "due" else stale_after(row.due_on)
            yield Reminder(row.id, row.name, row.organisation_id, why, on)


def _record(row: ListingRow) -> Listing:
    return record_of(row.fields, row.state, row.verified_on, row.due_on)


def _because(act: Act) -> Why:
    return "due" if act == "fall_due" else "stale"


def _comes_up(session: Session, today: date) -> Iterator[Reminder]:
    last = today + timedelta(days=REMIND_DAYS)
    query = select(ListingRow).where(
        ListingRow.state == "published",
        ListingRow.due_on > today,
        ListingRow.due_on <= last,
        ListingRow.organisation_id.is_not(None),
    )
    for row in session.scalars(query.order_by(ListingRow.id)):
        if is_time_to_remind("published", row.due_on, row.reminded_on, today) and row.due_on is not None:
            row.reminded_on = today
            yield Reminder(row.id, row.name, row.organisation_id or "", "due_soon", row.due_on)


def _tiers(session: Session, today: date) -> Iterator[Reminder]:
    last = today + timedelta(days=REMIND_DAYS)
    query = select(ListingRow).where(
        ListingRow.state.in_(VISIBLE),
        ListingRow.tier_expires <= last,
        ListingRow.tier_warned.is_distinct_from(ListingRow.tier_expires),
        ListingRow.organisation_id.is_not(None),
    )
    for row in session.scalars(query.order_by(ListingRow.id)):
        row.tier_warned = row.tier_expires
        if row.tier_expires is not None:
            yield Reminder(row.id, row.name, row.organisation_id or "", "tier_expires", row.tier_expires)
