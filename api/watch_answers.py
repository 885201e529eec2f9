"""Watching on the wire: what comes in and goes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.account_answers import Answer, Body, PageQuery
from api.profile_answers import PublicationAnswer, publication_answer
from matcher.catalogue.watching.alarms import Alarm
from matcher.catalogue.watching.comparing import Watched
from matcher.catalogue.watching.counting import WHOLE, Ranking
from matcher.catalogue.watching.exposure import Exposure, Month, Share
from matcher.catalogue.watching.figures import METRIC_NAMES, Figures
from matcher.catalogue.watching.months import MonthWritten
from matcher.catalogue.watching.record import Recorded
from matcher.catalogue.watching.thresholds import (
    DAYS_MAX,
    LEAST_MAX,
    LEVEL_NAMES,
    LIMIT_MAX,
    WORSE_MAX,
    Reading,
    Thresholds,
)

MetricName = Literal["zero", "nothing", "errors", "p95", "enquiries"]
LevelName = Literal["off", "soft", "hard"]
#: More operators than a page shows; the first fifty tell who is seen most.
OPERATORS, OPERATORS_MAX = 50, 1000
#: Of operators whose share changed, so many are named beside the figures.
MOVED = 20


class FiguresAnswer(Answer):
    """Of requests that were not at fault themselves; null where there was none to make a share of."""

    answers: int
    zero: int = Field(description="没有结果的答复")
    nothing: int = Field(description="“没有合适的”的答复")
    errors: int = Field(description="服务出错、没有答复的请求")
    enquiries: int
    zero_share: float | None
    nothing_share: float | None
    errors_share: float | None
    enquiry_rate: float | None = Field(description="对接申请数 ÷ 答复数")
    p50_ms: float | None
    p95_ms: float | None


class NamedProfileAnswer(Answer):
    name: str
    version: str


class ReadingAnswer(Answer):
    """One figure against its threshold: shares from 0 to 1, p95 in ms. `reason` tells why it rings."""

    metric: MetricName
    metric_name: str
    level: LevelName
    level_name: str
    limit: float | None
    worse: float | None
    least: int
    before: float | None
    after: float | None
    reason: str | None


class SpreadAnswer(Answer):
    """How exposure went to operators: see `GET /v1/exposure`."""

    exposure: float
    operators: int
    operators_seen: int
    gini: float | None
    top_ten_share: float | None


class MovedShareAnswer(Answer):
    """The part of all exposure that somebody got before and since."""

    name: str
    before: float
    after: float


class WatchedExposureAnswer(Answer):
    """`operators` are those whose share changed most; `regions` are all."""

    before: SpreadAnswer | None
    after: SpreadAnswer
    operators: list[MovedShareAnswer]
    regions: list[MovedShareAnswer]


class WatchAnswer(Answer):
    """The last publication: its profile since then, and the one before in the days before."""

    publication: PublicationAnswer
    profile: NamedProfileAnswer
    previous: NamedProfileAnswer | None
    before: FiguresAnswer | None
    after: FiguresAnswer
    readings: list[ReadingAnswer]
    exposure: WatchedExposureAnswer
    alarms: bool = Field(description="是否仍会报警:由人发布,且未超过观察期")


class AlarmAnswer(Answer):
    id: str
    at: datetime
    publication: int
    profile_id: str
    metric: MetricName
    metric_name: str
    level: LevelName
    reason: str
    before: FiguresAnswer | None
    after: FiguresAnswer
    rollback: int | None = Field(description="由此自动回退的发布编号")
    failure: str | None = Field(description="为何没能自动回退")
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None


class AlarmsQuery(PageQuery):
    open: bool = Field(False, description="只要还没有人确认的")


class AlarmsAnswer(Answer):
    """`open` counts all that nobody has acknowledged."""

    total: int
    open: int
    page: int
    size: int
    alarms: list[AlarmAnswer]


class AcknowledgementBody(Body):
    note: str | None = Field(None, max_length=2000, description="看到了什么,怎么处理")


class ThresholdBody(Body):
    level: LevelName = Field(description="off 不报警,soft 只报警,hard 报警并自动回退")
    limit: Annotated[float, Field(strict=True, ge=0, le=LIMIT_MAX, allow_inf_nan=False)] | None = Field(
        description="限值:比例 0–1,p95 毫秒;对接申请为下限;null 不设"
    )
    worse: Annotated[float, Field(strict=True, ge=0, le=WORSE_MAX, allow_inf_nan=False)] | None = Field(
        description="比此前变差多少就报警:比例按百分点(0.1 即 10 个百分点),p95 与对接申请按倍数;null 不比较"
    )
    least: Annotated[int, Field(strict=True, ge=1, le=LEAST_MAX)] = Field(description="前后各至少多少次请求才判断")


class MetricsBody(Body):
    zero: ThresholdBody | None = None
    nothing: ThresholdBody | None = None
    errors: ThresholdBody | None = None
    p95: ThresholdBody | None = None
    enquiries: ThresholdBody | None = None


class ThresholdsBody(Body):
    """What is left out takes the built-in values."""

    before_days: Annotated[int, Field(strict=True, ge=1, le=DAYS_MAX)] = Field(7, description="与发布前几天比较")
    watch_days: Annotated[int, Field(strict=True, ge=1, le=DAYS_MAX)] = Field(7, description="发布后几天内报警")
    metrics: MetricsBody = MetricsBody()


class ThresholdAnswer(Answer):
    metric_name: str
    level: LevelName
    limit: float | None
    worse: float | None
    least: int


class ThresholdsAnswer(Answer):
    """`version` is 0 as long as nobody changed what is built in."""

    version: int
    before_days: int
    watch_days: int
    metrics: dict[MetricName, ThresholdAnswer]


class RecordedGateAnswer(Answer):
    id: str
    verdict: str
    judgement_set: str
    why: str | None
    at: datetime


class RecordedAnswer(Answer):
    """One publication. `changes` is against the profile before; null for the first, or where one can't be read."""

    publication: PublicationAnswer
    profile: NamedProfileAnswer
    previous: NamedProfileAnswer | None
    until: datetime | None
    changes: dict[str, Any] | None
    gate: RecordedGateAnswer | None
    before: FiguresAnswer | None
    after: FiguresAnswer
    alarms: list[AlarmAnswer]


class PublicationsAnswer(Answer):
    """`next` continues where this page ends."""

    publications: list[RecordedAnswer]
    next: int | None


class ExposureQuery(Body):
    month: str | None = Field(None, max_length=10, description="年-月,如 2026-11;不填为当月")
    operators: int = Field(OPERATORS, ge=1, le=OPERATORS_MAX, description="列出前多少个供给方")


class ShareAnswer(Answer):
    """`exposure` counts first places: a place at rank r counts 1/log2(1 + r)."""

    name: str
    exposure: float
    share: float | None
    shown: int
    listings: int
    listings_share: float | None


class LedgerMonthAnswer(Answer):
    number: int
    figures: dict[str, Any]


class ExposureAnswer(Answer):
    """A month. `ledger` is how it stands in the public ledger, once it is over."""

    month: str
    exposure: float
    operators: int
    operators_seen: int
    gini: float | None
    top_ten_share: float | None
    by_operator: list[ShareAnswer]
    by_region: list[ShareAnswer]
    ledger: LedgerMonthAnswer | None


def watch_answer(seen: Watched, before: Exposure | None, after: Exposure) -> WatchAnswer:
    """The figures of a publication with the exposure around it, as they are shown."""
    return WatchAnswer(
        **_sides(seen),
        readings=[_reading(one) for one in seen.readings],
        exposure=WatchedExposureAnswer(
            before=_spread(before) if before else None,
            after=_spread(after),
            operators=_moved(before.operators if before else (), after.operators)[:MOVED],
            regions=_moved(before.regions if before else (), after.regions),
        ),
        alarms=seen.alarms,
    )


def _sides(seen: Watched) -> dict[str, Any]:
    return {
        "publication": publication_answer(seen.publication),
        "profile": _profile(seen.ranking),
        "previous": _profile(seen.previous) if seen.previous else None,
        "before": _figures(seen.before) if seen.before else None,
        "after": _figures(seen.after),
    }


def _spread(found: Exposure) -> SpreadAnswer:
    figures = found.figures()
    return SpreadAnswer(**{name: figures[name] for name in SpreadAnswer.model_fields})


def _moved(before: Sequence[Share], after: Sequence[Share]) -> list[MovedShareAnswer]:
    """Shares of both, the largest changes first."""
    old, new = _parts(before), _parts(after)
    names = sorted({*old, *new}, key=lambda name: (-abs(new.get(name, 0) - old.get(name, 0)), name))
    return [MovedShareAnswer(name=name, before=old.get(name, 0), after=new.get(name, 0)) for name in names]


def _parts(found: Sequence[Share]) -> dict[str, float]:
    """The part of all that each got who got anything."""
    total = sum(one.exposure for one in found)
    return {one.name: round(one.exposure / total, 4) for one in found if one.exposure}


def alarm_answer(one: Alarm) -> AlarmAnswer:
    """An alarm as it is shown."""
    own = ("before", "after", "metric_name")
    values = {name: getattr(one, name) for name in AlarmAnswer.model_fields if name not in own}
    return AlarmAnswer.model_validate(values | one.figures | {"metric_name": METRIC_NAMES[one.metric]})


def thresholds_answer(found: Thresholds, version: int) -> ThresholdsAnswer:
    """Thresholds as they are shown."""
    values = found.as_dict()
    for name, one in values["metrics"].items():
        one["metric_name"] = METRIC_NAMES[name]
    return ThresholdsAnswer.model_validate(values | {"version": version})


def recorded_answer(one: Recorded) -> RecordedAnswer:
    """A publication with all that is known of it, as it is shown."""
    gate = RecordedGateAnswer(**{name: getattr(one.gate, name) for name in RecordedGateAnswer.model_fields}) \
        if one.gate else None  # fmt: skip
    alarms = [alarm_answer(alarm) for alarm in one.alarms]
    return RecordedAnswer.model_validate(
        _sides(one.watched) | {"until": one.until, "changes": one.changes, "gate": gate, "alarms": alarms}
    )


def exposure_answer(month: Month, found: Exposure, operators: int, written: MonthWritten | None) -> ExposureAnswer:
    """A month with its first `operators`, as it is shown to admins."""
    return ExposureAnswer(
        month=str(month),
        **_spread(found).model_dump(),
        by_operator=_shares(found.operators)[:operators],
        by_region=_shares(found.regions),
        ledger=LedgerMonthAnswer(number=written.number, figures=written.figures) if written else None,
    )


def _shares(found: tuple[Share, ...]) -> list[ShareAnswer]:
    total, listings = sum(one.exposure for one in found), sum(one.listings for one in found)
    return [
        ShareAnswer(
            name=one.name,
            exposure=one.exposure / WHOLE,
            share=round(one.exposure / total, 4) if total else None,
            shown=one.shown,
            listings=one.listings,
            listings_share=round(one.listings / listings, 4) if listings else None,
        )
        for one in found
    ]


def _profile(ranking: Ranking) -> NamedProfileAnswer:
    return NamedProfileAnswer(name=ranking[0], version=ranking[1])


def _figures(found: Figures) -> FiguresAnswer:
    return FiguresAnswer(**found.as_dict())


def _reading(one: Reading) -> ReadingAnswer:
    rule = one.threshold
    return ReadingAnswer(
        metric=one.metric,
        metric_name=METRIC_NAMES[one.metric],
        level=rule.level,
        level_name=LEVEL_NAMES[rule.level],
        limit=rule.limit,
        worse=rule.worse,
        least=rule.least,
        before=one.before,
        after=one.after,
        reason=one.reason,
    )
