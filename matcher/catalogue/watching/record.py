"""What each publication did: who, when and why, what it changed, what the gate had said, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.profiles.drafts import get
from matcher.catalogue.profiles.publishing import Publication, history
from matcher.catalogue.tables.governance import GateRow, PublicationRow
from matcher.catalogue.watching.alarms import Alarm, alarms_of
from matcher.catalogue.watching.comparing import Watched, watch
from matcher.catalogue.watching.thresholds import thresholds
from matcher.errors import BrokenArtefact
from matcher.ranking.documents import differences


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate had said of the profile."""

    id: str
    verdict: str
    judgement_set: str
    why: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """One publication with all that is known of it.

    Attributes:
        until: when the next one came; None for the last. changes: against the profile before, as `differences` gives
            them; None for the first one, or where a document can't be read.
    """

    watched: Watched
    until: datetime | None
    changes: Mapping[str, Any] | None
    gate: Gate | None
    alarms: Sequence[Alarm]


def recorded(session: Session, now: datetime, size: int = 20, *, before: int | None = None) -> Sequence[Recorded]:
    """Publications, the latest first, from below the number `before`."""
    rules, _ = thresholds(session)
    found = []
    for publication in history(session, size, before=before):
        until = _next(session, publication)
        seen = watch(session, publication, until or now, rules, now)
        changes, gate = _changes(session, publication), _gate(session, publication.gate_id)
        found.append(Recorded(seen, until, changes, gate, alarms_of(session, publication.number)))
    return found


def _next(session: Session, publication: Publication) -> datetime | None:
    row = PublicationRow
    return session.scalar(select(row.at).where(row.id > publication.number).order_by(row.id).limit(1))


def _changes(session: Session, publication: Publication) -> Mapping[str, Any] | None:
    if publication.previous_id is None:
        return None
    try:
        old, new = (get(session, one).document() for one in (publication.previous_id, publication.profile_id))
    except BrokenArtefact:
        return None
    return differences(old, new)


def _gate(session: Session, gate_id: str | None) -> Gate | None:
    row = session.get(GateRow, gate_id) if gate_id is not None else None
    return None if row is None else Gate(row.id, row.verdict, row.judgement_set, row.report.get("why"), row.at)
