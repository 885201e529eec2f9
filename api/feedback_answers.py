"""Feedback on the wire: what comes in, and the counts that go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from api.account_answers import Answer, Body
from matcher.catalogue.feedback.counts import AnswerCounts, ListingCounts, Period
from matcher.catalogue.feedback.store import REASONS, Event, Kept
from matcher.errors import InvalidInput
from matcher.feedback.lessons import LEAST_SWAPPED, Lessons
from matcher.feedback.shown import ACTS, Act
from matcher.today import day_of

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


class DailyQuery(Body):
    since: date | None = Field(None, description=f"从哪一天起(北京时间);默认最近 {DAYS_DEFAULT} 天")

    def first(self, today: date) -> date:
        """The first day asked for.

        Raises:
            InvalidInput: it lies ahead, or too far back.
        """
        first = self.since if self.since is not None else today - timedelta(days=DAYS_DEFAULT - 1)
        if not today - timedelta(days=DAYS_MAX) <= first <= today:
            raise InvalidInput(f"since 应在今天与 {DAYS_MAX} 天前之间", hint="如 2026-01-31", field="since")
        return first


class DayOfAnswers(Answer):
    """The answers of one day in China, whichever profile ranked them; shares are of `answers`, times in ms."""

    day: date
    answers: int
    zero_share: float = Field(description="没有任何结果的回答所占比例")
    nothing_fits_share: float = Field(description="“没有合适的”的回答所占比例")
    enquiry_rate: float = Field(description="有人提出对接的回答所占比例")
    p50_ms: float | None
    p95_ms: float | None


class DaysOfAnswers(Answer):
    """Days that had answers, the earliest first; what is older than `kept_days` is not kept."""

    since: date
    kept_days: int
    days: list[DayOfAnswers]


class LearntAnswer(Answer):
    """What is kept of answers, and what was learnt from it.

    `propensities` are how likely each place is looked at, the first being 1; null while too few answers had neighbours
    exchanged, and then nothing is corrected. `grades` counts pairs of a topic and a listing by their grade.
    """

    since: date | None
    answers: int
    swapped: int = Field(description="可能交换过相邻两条的回答")
    swapped_needed: int = Field(description="至少要有这么多,才校正名次的影响")
    is_corrected: bool
    propensities: list[float] | None
    acts: dict[str, int]
    grades: dict[str, int]


def day_of_answers(day: date, counts: AnswerCounts) -> DayOfAnswers:
    """One day as it is shown."""
    return DayOfAnswers(
        day=day,
        answers=counts.answers,
        zero_share=counts.empty_share,
        nothing_fits_share=counts.nothing_fits_share,
        enquiry_rate=counts.enquiry_rate,
        p50_ms=counts.p50,
        p95_ms=counts.p95,
    )


def learnt_answer(answers: Sequence[Kept], lessons: Lessons) -> LearntAnswer:
    """What was learnt as it is shown."""
    done = Counter(act for one in answers for acts in one.shown.acts.values() for act in acts)
    grades = Counter(one.grade for one in lessons.worths)
    return LearntAnswer(
        since=day_of(answers[0].at) if answers else None,
        answers=lessons.answers,
        swapped=lessons.swapped,
        swapped_needed=LEAST_SWAPPED,
        is_corrected=lessons.is_corrected,
        propensities=list(lessons.propensities.values) if lessons.is_corrected else None,
        acts={act: done[act] for act in ACTS},
        grades={str(grade): grades[grade] for grade in (3, 2, 1, 0)},
    )


def counts_json(counts: ListingCounts) -> dict[str, int]:
    """The fields of `CountsAnswer`."""
    return {name: getattr(counts, name) for name in CountsAnswer.model_fields}
