"""Alarms: they ring once for a publication and figure, and a hard one rolls back in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.profiles.drafts import checked_reason
from matcher.catalogue.profiles.publishing import published, rollback
from matcher.catalogue.tables.base import new_key
from matcher.catalogue.tables.base import now as present
from matcher.catalogue.tables.governance import PublicationRow
from matcher.catalogue.tables.watching import AlarmRow
from matcher.catalogue.watching.comparing import Watched, watched
from matcher.catalogue.watching.figures import METRIC_NAMES, Metric
from matcher.catalogue.watching.thresholds import Level, Reading
from matcher.errors import BrokenArtefact, Conflict, InvalidInput, NotFound, Outdated

#: As audit log and history name what nobody did by hand.
WATCH: Final = Actor(user_id="watch")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm.

    Attributes:
        reason: in words, with the figures. figures: before and after as JSON values, when it rang.
        rollback: number of the publication that it brought about. failure: why a hard one brought about none.
    """

    id: str
    at: datetime
    publication: int
    profile_id: str
    metric: Metric
    level: Level
    reason: str
    figures: dict[str, Any]
    rollback: int | None
    failure: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None


def ring(session: Session, now: datetime) -> Sequence[Alarm]:
    """Ring what is due for the last publication, and roll back where something hard is; what rang.

    Several processes may call this at the same time: they queue at the row of the publication, and whoever comes later
    finds that the alarm is there, or that another profile is published.
    """
    session.execute(_last().with_for_update())
    seen = watched(session, now)
    due = _due(session, seen) if seen is not None else []
    if seen is None or not due:
        return []
    rows = [_row(seen, one, now) for one in due]
    session.add_all(rows)
    session.flush()
    for row in rows:
        details = {"metric": row.metric, "level": row.level, "publication": row.publication_id}
        record_act(session, WATCH, "watch.alarm", "profile", seen.publication.profile_id, **details)
    hard = [row for row in rows if row.level == "hard"]
    if hard:
        _roll_back(session, seen, hard)
    session.flush()
    return [_alarm(row, seen.publication.profile_id) for row in rows]


def is_due(session: Session, now: datetime) -> bool:
    """Whether `ring` would ring anything: a look that writes nothing."""
    seen = watched(session, now)
    return seen is not None and bool(_due(session, seen))


def _last() -> Any:
    return select(PublicationRow.id).order_by(PublicationRow.id.desc()).limit(1)


def _due(session: Session, seen: Watched) -> Sequence[Reading]:
    rang = set(session.scalars(select(AlarmRow.metric).where(AlarmRow.publication_id == seen.publication.number)))
    return [one for one in seen.ringing if one.metric not in rang]


def _row(seen: Watched, one: Reading, now: datetime) -> AlarmRow:
    return AlarmRow(
        id=new_key("alarm"),
        at=now,
        publication_id=seen.publication.number,
        metric=one.metric,
        level=one.threshold.level,
        reason=f"{METRIC_NAMES[one.metric]}:{one.reason}",
        figures=seen.figures_json(),
    )


def _roll_back(session: Session, seen: Watched, rows: Sequence[AlarmRow]) -> None:
    """One step back, noted in each alarm; where that is not possible the reason is."""
    now = published(session)
    if now is None or now.id != seen.publication.profile_id:
        return
    reason = "自动回退:" + ";".join(row.reason for row in rows)
    try:
        # Within a savepoint: the alarm stays where somebody publishes at the same moment.
        with session.begin_nested():
            done = rollback(session, WATCH, reason, automatic=True, seen=now.id)
    except (Conflict, Outdated, BrokenArtefact) as error:
        for row in rows:
            row.failure = str(error)
        return
    for row in rows:
        row.rollback_id = done.number


@dataclass(frozen=True, slots=True)
class AlarmPage:
    """Some alarms, how many there are in all, and how many of all nobody has acknowledged."""

    total: int
    open: int
    alarms: Sequence[Alarm]


def alarms(session: Session, *, only_open: bool = False, first: int = 0, size: int = 20) -> AlarmPage:
    """Alarms, the latest first."""
    unseen = AlarmRow.acknowledged_at.is_(None)
    chosen = [unseen] if only_open else []
    total = session.scalar(select(func.count()).select_from(AlarmRow).where(*chosen)) or 0
    waiting = session.scalar(select(func.count()).select_from(AlarmRow).where(unseen)) or 0
    query = _with_profile().where(*chosen).order_by(AlarmRow.at.desc(), AlarmRow.publication_id.desc(), AlarmRow.id)
    rows = session.execute(query.offset(first).limit(size))
    return AlarmPage(total, waiting, [_alarm(row, profile_id) for row, profile_id in rows])


def alarms_of(session: Session, publication: int) -> Sequence[Alarm]:
    """Those of one publication, in order of their ringing."""
    query = _with_profile().where(AlarmRow.publication_id == publication).order_by(AlarmRow.at, AlarmRow.id)
    return [_alarm(row, profile_id) for row, profile_id in session.execute(query)]


def acknowledge(session: Session, actor: Actor, alarm_id: str, note: str | None = None) -> Alarm:
    """Write down that the actor has seen an alarm. The caller has checked that the actor may.

    Raises:
        NotFound: no such alarm. Conflict: somebody has acknowledged it. InvalidInput: the note can't be stored.
    """
    row = session.get(AlarmRow, alarm_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这个报警", hint="全部报警见 GET /v1/alarms", field="alarm_id")
    if row.acknowledged_at is not None:
        raise Conflict("这个报警已有人确认", hint="见 GET /v1/alarms 的 acknowledged_by")
    try:
        row.note = checked_reason(note) if note else None
    except InvalidInput as error:
        raise InvalidInput("说明不能保存", hint=error.hint, field="note") from error
    row.acknowledged_at, row.acknowledged_by = present(), actor.needs_sign_in()
    session.flush()
    record_act(session, actor, "watch.acknowledge", "alarm", row.id, metric=row.metric)
    profile_id = session.execute(select(PublicationRow.profile_id).where(PublicationRow.id == row.publication_id))
    return _alarm(row, profile_id.scalar_one())


def _with_profile() -> Any:
    joined = select(AlarmRow, PublicationRow.profile_id)
    return joined.join(PublicationRow, PublicationRow.id == AlarmRow.publication_id)


def _alarm(row: AlarmRow, profile_id: str) -> Alarm:
    return Alarm(
        id=row.id,
        at=row.at,
        publication=row.publication_id,
        profile_id=profile_id,
        metric=row.metric,  # type: ignore[arg-type]  # only this module writes the column
        level=row.level,  # type: ignore[arg-type]  # only this module writes the column
        reason=row.reason,
        figures=row.figures,
        rollback=row.rollback_id,
        failure=row.failure,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        note=row.note,
    )
