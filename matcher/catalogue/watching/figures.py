"""The figures of a profile's answers in a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.catalogue.tables.watching import AnswerCountRow
from matcher.catalogue.watching.counting import ANSWERS, ENQUIRIES, ERRORS, LATENCY, NOTHING, ZERO, Ranking, minute_of
from matcher.catalogue.watching.latency import quantile

Metric = Literal["zero", "nothing", "errors", "p95", "enquiries"]
METRICS: Final[tuple[Metric, ...]] = ("zero", "nothing", "errors", "p95", "enquiries")
METRIC_NAMES: Final[dict[Metric, str]] = {
    "zero": "没有结果的比例",
    "nothing": "“没有合适的”的比例",
    "errors": "出错的比例",
    "p95": "95% 的答复不超过的耗时(毫秒)",
    "enquiries": "每次匹配带来的对接申请",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the requests to a profile. Requests that were at fault themselves are not among them.

    Attributes:
        answers: that went out. zero, nothing: of these, without a match, and with "nothing fits". errors: requests
            that got no answer. enquiries: sent while it ranked. latency: answers by bucket, see `latency`.
    """

    answers: int = 0
    zero: int = 0
    nothing: int = 0
    errors: int = 0
    enquiries: int = 0
    latency: Mapping[int, int] | None = None

    @property
    def requests(self) -> int:
        return self.answers + self.errors

    def ms(self, share: float) -> float | None:
        """A quantile of the latency, ms; None without answers."""
        return quantile(self.latency or {}, share)

    def value(self, metric: Metric) -> float | None:
        """A share (0 to 1; enquiries may be more), or for p95 milliseconds; None where there was nothing."""
        if metric == "p95":
            return self.ms(0.95)
        count, total = self.part(metric)
        return count / total if total else None

    def part(self, metric: Metric) -> tuple[int, int]:
        """How many of how many: what a share is made of."""
        if metric == "errors":
            return self.errors, self.requests
        return {"zero": self.zero, "nothing": self.nothing, "enquiries": self.enquiries}.get(metric, 0), self.answers

    def as_dict(self) -> dict[str, Any]:
        """JSON values, rounded to what can be read."""
        counts = {name: getattr(self, name) for name in (ANSWERS, ZERO, NOTHING, ERRORS, ENQUIRIES)}
        shares = {f"{name}_share": _rounded(self.value(name), 4) for name in ("zero", "nothing", "errors")}
        times = {f"p{percent}_ms": _rounded(self.ms(percent / 100), 1) for percent in (50, 95)}
        return counts | shares | {"enquiry_rate": _rounded(self.value("enquiries"), 4)} | times


def figures(session: Session, ranking: Ranking, start: datetime, end: datetime) -> Figures:
    """Of the minutes from the one of `start` to the one of `end`, both included: each belongs to its profile alone."""
    row = AnswerCountRow
    query = select(row.what, func.sum(row.count)).where(
        row.profile == ranking[0],
        row.version == ranking[1],
        row.minute >= minute_of(start),
        row.minute <= minute_of(end),
    )
    sums = {what: int(count) for what, count in session.execute(query.group_by(row.what))}
    latency = {int(what.removeprefix(LATENCY)): n for what, n in sums.items() if what.startswith(LATENCY)}
    counts = {name: sums.get(name, 0) for name in (ANSWERS, ZERO, NOTHING, ERRORS, ENQUIRIES)}
    return Figures(**counts, latency=latency)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
