"""What shadows did: one row a request, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from matcher.catalogue.tables.base import new_key, now
from matcher.catalogue.tables.feedback import ShadowRow
from matcher.feedback.impressions import rounded
from matcher.feedback.likeness import Likeness


@dataclass(frozen=True, slots=True)
class Shadowed:
    """One request that a draft ranked unseen, and what was shown took `against_ms`; `alike` is None where it failed."""

    experiment_id: str
    took_ms: float
    against_ms: float
    alike: Likeness | None


@dataclass(frozen=True, slots=True)
class ShadowStatistics:
    """Of a shadow: means of likeness over the requests that were ranked, and times in ms; None where there are none."""

    requests: int
    failed: int
    overlap: float | None
    rank_biased: float | None
    kendall: float | None
    same_first: float | None
    p50: float | None
    p95: float | None
    against_p50: float | None
    against_p95: float | None


def add_shadows(session: Session, found: Sequence[Shadowed], at: datetime | None = None) -> None:
    """Store what shadows did."""
    moment = rounded(at or now())
    rows = [
        {
            "id": new_key("shadow"),
            "experiment_id": one.experiment_id,
            "at": moment,
            "failed": one.alike is None,
            "took_ms": one.took_ms,
            "against_ms": one.against_ms,
            "overlap": one.alike.overlap if one.alike else None,
            "rank_biased": one.alike.rank_biased if one.alike else None,
            "kendall": one.alike.kendall if one.alike else None,
            "same_first": one.alike.same_first if one.alike else None,
        }
        for one in found
    ]
    if rows:
        session.execute(insert(ShadowRow), rows)


def shadow_statistics(session: Session, experiment_id: str) -> ShadowStatistics:
    """What a shadow has shown so far; of what is older than feedback is kept nothing is left."""
    columns = (ShadowRow.failed, ShadowRow.overlap, ShadowRow.rank_biased, ShadowRow.kendall, ShadowRow.same_first)
    query = select(*columns, ShadowRow.took_ms, ShadowRow.against_ms).where(ShadowRow.experiment_id == experiment_id)
    rows = session.execute(query).all()
    good = [row for row in rows if not row.failed]
    p50, p95 = _percentiles([row.took_ms for row in good])
    against_p50, against_p95 = _percentiles([row.against_ms for row in good])
    return ShadowStatistics(
        requests=len(rows),
        failed=len(rows) - len(good),
        overlap=_mean([row.overlap for row in good]),
        rank_biased=_mean([row.rank_biased for row in good]),
        kendall=_mean([row.kendall for row in good]),
        same_first=_mean([row.same_first for row in good]),
        p50=p50,
        p95=p95,
        against_p50=against_p50,
        against_p95=against_p95,
    )


def requests_of(session: Session, experiment_id: str) -> int:
    """How many requests a shadow has ranked, or failed to."""
    query = select(func.count()).select_from(ShadowRow).where(ShadowRow.experiment_id == experiment_id)
    return session.execute(query).scalar_one()


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _percentiles(values: Sequence[float]) -> tuple[float | None, float | None]:
    if not values:
        return None, None
    p50, p95 = np.percentile(values, [50, 95]).tolist()
    return p50, p95
