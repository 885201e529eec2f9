"""When an alarm rings: for each figure how bad it may be, how much worse than before, and what a ring brings about."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.alerts.statements import touched
from matcher.catalogue.audit import record_act
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.watching import WatchThresholdsRow
from matcher.catalogue.watching.figures import METRICS, Figures, Metric
from matcher.errors import InvalidInput, Outdated

Level = Literal["off", "soft", "hard"]
LEVELS: Final[tuple[Level, ...]] = ("off", "soft", "hard")
LEVEL_NAMES: Final[dict[Level, str]] = {"off": "不报警", "soft": "只报警", "hard": "报警并自动回退"}
#: A share that is worse than before must be so by as many standard errors. Two do for one look; whoever looks every few
#: seconds for a week sees three by chance now and then.
CHANCE: Final = 4.0
LEAST_MAX, DAYS_MAX, WORSE_MAX, LIMIT_MAX = 1_000_000, 90, 100.0, 600_000.0
_ROW: Final = 1


@dataclass(frozen=True, slots=True)
class Threshold:
    """Of one figure.

    Attributes:
        limit: rings beyond it (p95: ms; enquiries: below it); None sets none.
        worse: rings where it is worse than before by more than this: shares by so many points (0.1 is ten per cent of
            all answers), p95 and enquiries by this part of what they were. None does not compare.
        least: requests, before and after, that a figure must be made of.
    """

    level: Level
    limit: float | None
    worse: float | None
    least: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All of them.

    Attributes:
        before_days: how much of the time before a publication it is held against. watch_days: how long after it
            alarms may ring; what goes wrong later has another cause.
    """

    metrics: Mapping[Metric, Threshold] = field(default_factory=lambda: BUILT_IN)
    before_days: int = 7
    watch_days: int = 7

    def as_dict(self) -> dict[str, Any]:
        """JSON values, as `thresholds_from` reads them."""
        metrics = {name: asdict(one) for name, one in self.metrics.items()}
        return {"before_days": self.before_days, "watch_days": self.watch_days, "metrics": metrics}


#: No answer at all, or none but "nothing fits", to one in five or four more than before is no matter of taste. How fast
#: answers come hangs on the machine as well, and enquiries on the season: those are told, not acted upon.
BUILT_IN: Final[Mapping[Metric, Threshold]] = {
    "zero": Threshold("hard", None, 0.20, 200),
    "nothing": Threshold("hard", None, 0.25, 200),
    "errors": Threshold("hard", 0.05, 0.02, 100),
    "p95": Threshold("soft", 3000.0, 1.0, 200),
    "enquiries": Threshold("soft", None, 0.5, 1000),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure before and after, and why it rings; None where it does not."""

    metric: Metric
    threshold: Threshold
    before: float | None
    after: float | None
    reason: str | None


def read(metric: Metric, threshold: Threshold, before: Figures | None, after: Figures) -> Reading:
    """Hold a figure against its threshold."""
    old = before.value(metric) if before is not None and _enough(before, threshold) else None
    new = after.value(metric)
    reason = None
    if threshold.level != "off" and new is not None and _enough(after, threshold):
        reason = _beyond(metric, threshold, new) or _worse(metric, threshold, before, after, old, new)
    return Reading(metric, threshold, old, new, reason)


def _enough(figures: Figures, threshold: Threshold) -> bool:
    return figures.requests >= threshold.least


def _beyond(metric: Metric, threshold: Threshold, new: float) -> str | None:
    limit = threshold.limit
    if limit is None or (new >= limit if metric == "enquiries" else new <= limit):
        return None
    side = "低于" if metric == "enquiries" else "超过"
    return f"{_shown(metric, new)},{side}限值 {_shown(metric, limit)}"


def _worse(
    metric: Metric, threshold: Threshold, before: Figures | None, after: Figures, old: float | None, new: float
) -> str | None:
    worse = threshold.worse
    if worse is None or before is None or old is None:
        return None
    if metric == "p95":
        rings = new > old * (1 + worse)
    elif metric == "enquiries":
        rings = new < old * (1 - worse) and chance(after.part(metric), before.part(metric)) >= CHANCE
    else:
        rings = new > old + worse and chance(before.part(metric), after.part(metric)) >= CHANCE
    allowed = f"{worse * 100:g} 个百分点" if metric not in ("p95", "enquiries") else f"{worse:.0%}"
    return f"{_shown(metric, new)},此前为 {_shown(metric, old)},变化超过 {allowed}" if rings else None


def chance(low: tuple[int, int], high: tuple[int, int]) -> float:
    """By how many standard errors the second share is above the first: the pooled z statistic of two proportions.

    Formula: as in Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, section 3.2, without the
    correction for continuity. Enquiries may outnumber answers; the variance is then that of a count.
    """
    (few, of_few), (many, of_many) = low, high
    pooled = (few + many) / (of_few + of_many)
    variance = max(pooled * (1 - pooled), 0.0) if pooled <= 1 else pooled
    if not variance:
        return 0.0
    return (many / of_many - few / of_few) / math.sqrt(variance * (1 / of_few + 1 / of_many))


def _shown(metric: Metric, value: float) -> str:
    return f"{value:.0f} 毫秒" if metric == "p95" else f"{value:.1%}"


def thresholds(session: Session) -> tuple[Thresholds, int]:
    """Those in force and their version, 0 as long as nobody changed what is built in."""
    row = session.get(WatchThresholdsRow, _ROW)
    return (Thresholds(), 0) if row is None else (thresholds_from(row.content), row.version)


def put_thresholds(session: Session, actor: Actor, wanted: Thresholds, seen: int) -> int:
    """Put thresholds in place of version `seen`; the new version. The caller has checked that the actor may.

    Raises:
        Outdated: somebody else changed them meanwhile.
    """
    values: dict[str, Any] = {"version": seen + 1, "content": wanted.as_dict(), "updated_at": now()}
    at_seen = (WatchThresholdsRow.id == _ROW, WatchThresholdsRow.version == seen)
    if touched(session, update(WatchThresholdsRow).where(*at_seen).values(**values)) != 1:
        if seen or session.get(WatchThresholdsRow, _ROW) is not None:
            raise Outdated("报警设置已被他人修改", hint="请取回最新设置后再改", field="If-Match")
        session.add(WatchThresholdsRow(id=_ROW, **values))
        try:
            session.flush()
        except IntegrityError as error:  # another one's first change, at the same moment
            raise Outdated("报警设置已被他人修改", hint="请取回最新设置后再改", field="If-Match") from error
    record_act(session, actor, "watch.thresholds", "watch", "thresholds", **wanted.as_dict())
    return seen + 1


def thresholds_from(fields: Mapping[str, Any]) -> Thresholds:
    """Thresholds from JSON values; figures that are left out keep what is built in.

    Raises:
        InvalidInput: a name, word or number can't be used; `field` names it as `metrics.zero.worse`.
    """
    metrics = dict(BUILT_IN)
    for name, values in fields.get("metrics", {}).items():
        metric = next((one for one in METRICS if one == name), None)
        if metric is None:
            raise InvalidInput(f"没有 {str(name)[:40]} 这项指标", hint=f"可用:{'、'.join(METRICS)}", field="metrics")
        metrics[metric] = _threshold(metrics[metric], values, f"metrics.{name}")
    days = {name: fields.get(name, getattr(Thresholds(), name)) for name in ("before_days", "watch_days")}
    for name, value in days.items():
        _check(_is_count(value, DAYS_MAX), name, f"应为 1–{DAYS_MAX} 天的整数")
    return Thresholds(metrics, **days)


def _threshold(built_in: Threshold, values: Mapping[str, Any], where: str) -> Threshold:
    made = replace(built_in, **{name: values[name] for name in asdict(built_in) if name in values})
    _check(made.level in LEVELS, f"{where}.level", f"只能是 {'、'.join(LEVELS)}")
    _check(_is_number(made.limit, LIMIT_MAX), f"{where}.limit", f"应为 0–{LIMIT_MAX:g} 的数或 null")
    _check(_is_number(made.worse, WORSE_MAX), f"{where}.worse", f"应为 0–{WORSE_MAX:g} 的数或 null")
    _check(_is_count(made.least, LEAST_MAX), f"{where}.least", f"应为 1–{LEAST_MAX} 的整数")
    return made


def _is_number(value: object, most: float) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _check(fine: bool, field: str, what: str) -> None:
    if not fine:
        raise InvalidInput(f"{field} {what}", hint="现有设置见 GET /v1/watch/thresholds", field=field)
