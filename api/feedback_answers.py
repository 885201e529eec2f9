"""Feedback on the wire: what comes in, and the counts that go out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from api.account_answers import Answer, Body
from matcher.catalogue.feedback.counts import ListingCounts, Period
from matcher.catalogue.feedback.store import REASONS, Event
from matcher.feedback.shown import Act

#: As many acts as a page of answers can have in one go.
EVENTS_MAX = 100
DAYS_DEFAULT, DAYS_MAX = 30, 400

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_REASONS = "、".join(f"{reason}({said})" for reason, said in REASONS.items())

FEEDBACK_EXAMPLES: dict[str, Any] = {
    "one": {
        "summary": "打开了一个条目",
        "value": {"answer_id": "answer-5f0c…", "listing_id": "PF-0001", "act": "opened"},
    },
    "several": {
        "summary": "一次几件",
        "value": {
            "events": [
                {"answer_id": "answer-5f0c…", "listing_id": "PF-0001", "act": "enquired"},
                {"answer_id": "answer-5f0c…", "listing_id": "EQ-0019", "act": "dismissed", "reason": "place"},
            ]
        },
    },
}


class EventBody(Body):
    answer_id: Id = Field(description="匹配回答中的 answer_id")
    listing_id: Id = Field(description="该回答中的一个条目")
    act: Act
    reason: Annotated[str, StringConstraints(max_length=30)] | None = Field(
        None, description=f"dismissed 的原因,可不填:{_REASONS}"
    )

    def event(self) -> Event:
        return Event(self.answer_id, self.listing_id, self.act, self.reason)


class FeedbackBody(Body):
    """Several events; one by itself may be sent without the list around it."""

    events: list[EventBody] = Field(min_length=1, max_length=EVENTS_MAX)

    @model_validator(mode="before")
    @classmethod
    def _one(cls, given: Any) -> Any:
        return {"events": [given]} if isinstance(given, dict) and "events" not in given else given


class FeedbackAnswer(Answer):
    """`stored` of them were new; the others were known already."""

    received: int
    stored: int


class StatisticsQuery(Body):
    by: Period = Field("day", description="按天,或按周(周一起)")
    days: int = Field(DAYS_DEFAULT, ge=1, le=DAYS_MAX, description="到今天为止的多少天")

    def since(self, today: date) -> date:
        return today - timedelta(days=self.days - 1)


class CountsAnswer(Answer):
    """Answers that the listing stood in, and answers in which each act was done with it."""

    shown: int
    opened: int
    saved: int
    enquired: int
    contracted: int
    completed: int
    dismissed: int


class PeriodAnswer(CountsAnswer):
    """From `start` on, a day or a week long."""

    start: date


class StatisticsAnswer(Answer):
    """What happened to a listing from `since` on; what is older than feedback is kept is not counted."""

    listing_id: str
    by: Period
    since: date
    kept_days: int
    total: CountsAnswer
    periods: list[PeriodAnswer]


def counts_json(counts: ListingCounts) -> dict[str, int]:
    """The fields of `CountsAnswer`."""
    return {name: getattr(counts, name) for name in CountsAnswer.model_fields}
