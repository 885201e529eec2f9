"""The published profile held against the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.profiles.publishing import Publication, history
from matcher.catalogue.tables.governance import ProfileRow
from matcher.catalogue.watching.counting import Ranking
from matcher.catalogue.watching.exposure import Exposure, exposure_by
from matcher.catalogue.watching.figures import METRICS, Figures, figures
from matcher.catalogue.watching.thresholds import Reading, Thresholds, read, thresholds
from matcher.today import day_of


@dataclass(frozen=True, slots=True)
class Watched:
    """A publication with the figures before and after it.

    Attributes:
        ranking, previous: name and version of the profile and of the one before; None where there was none.
        readings: each figure against its threshold. alarms: whether these may ring now: it was published by somebody,
            and not too long ago; rolling back rings none.
    """

    publication: Publication
    ranking: Ranking
    previous: Ranking | None
    before: Figures | None
    after: Figures
    readings: Sequence[Reading]
    alarms: bool

    @property
    def ringing(self) -> Sequence[Reading]:
        return [one for one in self.readings if one.reason is not None] if self.alarms else []

    def figures_json(self) -> dict[str, Any]:
        """Both sides as they are kept with an alarm."""
        return {"before": self.before.as_dict() if self.before else None, "after": self.after.as_dict()}


def watched(session: Session, now: datetime) -> Watched | None:
    """The last publication; None before the first one."""
    found = history(session, 1)
    if not found:
        return None
    rules, _ = thresholds(session)
    return watch(session, found[0], now, rules, now)


def watch(session: Session, publication: Publication, until: datetime, rules: Thresholds, now: datetime) -> Watched:
    """A publication whose profile ranked until `until`."""
    ranking = ranking_of(session, publication.profile_id)
    previous = ranking_of(session, publication.previous_id) if publication.previous_id is not None else None
    at, back = publication.at, timedelta(days=rules.before_days)
    before = figures(session, previous, at - back, at) if previous is not None else None
    after = figures(session, ranking, at, until)
    recent = now < at + timedelta(days=rules.watch_days)
    readings = [read(metric, rules.metrics[metric], before, after) for metric in METRICS]
    return Watched(publication, ranking, previous, before, after, readings, recent and publication.what == "publish")


def ranking_of(session: Session, profile_id: str) -> Ranking:
    """Name and version of a profile, as answers name it."""
    query = select(ProfileRow.name, ProfileRow.version).where(ProfileRow.id == profile_id)
    name, version = session.execute(query).one()
    return name, str(version)


def exposure_around(session: Session, seen: Watched, now: datetime) -> tuple[Exposure | None, Exposure]:
    """Exposure by the profile before, in the days that it is held against, and by the profile since; for people.

    Days are those of China; the day of the publication belongs to both, each with what it showed itself.
    """
    rules, _ = thresholds(session)
    day = day_of(seen.publication.at)
    back = day - timedelta(days=rules.before_days)
    before = exposure_by(session, seen.previous, back, day) if seen.previous is not None else None
    return before, exposure_by(session, seen.ranking, day, day_of(now))
