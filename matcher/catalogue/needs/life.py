"""Needs on their way through their states: led there by people, or by the day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from matcher.catalogue.access import ANONYMOUS, Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import Changes
from matcher.catalogue.needs.expiry import EXPIRES_AFTER, checked_expiry
from matcher.catalogue.needs.rows import change_row, overdue_needs
from matcher.catalogue.needs.states import OPEN, Act, Party, next_state
from matcher.catalogue.needs.store import own_need, save
from matcher.catalogue.needs.stored import StoredNeed
from matcher.catalogue.tables.base import now


def move_need(
    session: Session,
    actor: Actor,
    need_id: str,
    version: int,
    act: Act,
    today: date,
    *,
    expires_on: date | None = None,
) -> StoredNeed:
    """Lead a need from state to state: see `states.TRANSITIONS`.

    Args:
        expires_on: the last day, where the act opens the need; else as it was set, or the usual time from today.

    Raises:
        as `own_need` and `next_state`; Outdated: somebody changed it since; InvalidInput: `expires_on` out of range.
    """
    need = own_need(session, actor, need_id, today)
    party: Party = "owner" if actor.user_id == need.user_id else "admin"
    # A need whose last day has passed is over, whether or not the daily tick has come by.
    is_over = need.state in OPEN and not need.is_open(today)
    after = next_state("expired" if is_over else need.state, act, party)
    changes: dict[str, Any] = {"state": after}
    if after == "published" and (is_over or need.state not in OPEN):
        changes |= {"published_at": now(), "expires_on": _last_day(need, expires_on, act, today)}
    return save(session, actor, need, version, f"need.{act}", changes)


def tick(session: Session, today: date, changes: Changes | None = None) -> tuple[str, ...]:
    """Expire open needs whose last day has passed; their ids. Safe at any time and from several processes at once.

    Args:
        changes: where to add what the change log is to hear, for who does more in the same transaction and records it
            at the end. Recorded here without.
    """
    told = Changes() if changes is None else changes
    expired = []
    for need in overdue_needs(session, today):
        if change_row(session, need.id, need.version, state=next_state(need.state, "expire", "clock")):
            record_act(session, ANONYMOUS, "need.expire", "need", need.id)
            expired.append(need.id)
            if need.listed:
                told.add("need", need.id, "gone")
    if changes is None:
        told.record(session)
    return tuple(expired)


def _last_day(need: StoredNeed, given: date | None, act: Act, today: date) -> date:
    kept = need.expires_on if act == "publish" and need.expires_on and need.expires_on >= today else None
    return checked_expiry(given, today) or kept or today + EXPIRES_AFTER
