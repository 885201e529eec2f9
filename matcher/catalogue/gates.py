"""What the gate found of profiles, kept: each run against the profile that was published then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.profiles.drafts import get, mark_evaluated
from matcher.catalogue.tables.base import new_key
from matcher.catalogue.tables.governance import GateRow
from matcher.errors import NotFound

VERDICTS = ("passed", "blocked", "too_few")


@dataclass(frozen=True, slots=True)
class StoredGate:
    """One run of the gate. `report` is `GateReport.as_dict`; `judgement_set` names the version that it was held on."""

    id: str
    profile_id: str
    against_id: str | None
    judgement_set: str
    verdict: str
    report: Mapping[str, Any]
    user_id: str | None
    at: datetime


def store_gate(
    session: Session,
    actor: Actor,
    profile_id: str,
    against_id: str | None,
    judgement_set: str,
    verdict: str,
    report: Mapping[str, Any],
) -> StoredGate:
    """Keep what the gate found; a draft counts as evaluated from then on, whatever the verdict.

    The caller has checked that the actor may.

    Raises:
        NotFound: no such profile.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"no verdict: {verdict}")
    get(session, profile_id)
    row = GateRow(
        id=new_key("gate"),
        profile_id=profile_id,
        against_id=against_id,
        judgement_set=judgement_set,
        verdict=verdict,
        report=dict(report),
        user_id=actor.user_id,
    )
    session.add(row)
    session.flush()
    mark_evaluated(session, profile_id)
    details = {"gate": row.id, "against": against_id, "verdict": verdict, "judgement_set": judgement_set}
    record_act(session, actor, "profile.gate", "profile", profile_id, **details)
    return _record(row)


def gates_of(session: Session, profile_id: str, first: int = 0, size: int = 20) -> tuple[int, Sequence[StoredGate]]:
    """How many runs there were of a profile, and `size` of them from `first` on, the latest first.

    Raises:
        NotFound: no such profile.
    """
    get(session, profile_id)
    total = session.execute(select(func.count()).where(GateRow.profile_id == profile_id)).scalar_one()
    query = select(GateRow).where(GateRow.profile_id == profile_id).order_by(GateRow.at.desc(), GateRow.id.desc())
    return total, [_record(row) for row in session.scalars(query.offset(first).limit(size))]


def gate(session: Session, gate_id: str) -> StoredGate:
    """One run.

    Raises:
        NotFound: there is none.
    """
    row = session.get(GateRow, gate_id)
    if row is None:
        raise NotFound("没有这次门禁记录", hint="见 /v1/profiles/{编号}/gates", field="gate_id")
    return _record(row)


def _record(row: GateRow) -> StoredGate:
    return StoredGate(
        row.id, row.profile_id, row.against_id, row.judgement_set, row.verdict, row.report, row.user_id, row.at
    )
