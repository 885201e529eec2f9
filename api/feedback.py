"""`POST /v1/feedback`: what was done with an answer; what became of a listing, for operators; of all, for admins."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.responses import Response

from api.answering import PresenterDep
from api.dependencies import ActorDep, DatabaseDep, LimitsDep, ReadingDep, SettingsDep
from api.errors import responses
from api.feedback_answers import (
    FEEDBACK_EXAMPLES,
    CountsAnswer,
    DailyQuery,
    DaysOfAnswers,
    FeedbackAnswer,
    FeedbackBody,
    LearntAnswer,
    PeriodAnswer,
    StatisticsAnswer,
    StatisticsQuery,
    counts_json,
    day_of_answers,
    learnt_answer,
)
from api.limits import bucket_of
from api.replies import model_reply
from api.security import client_address
from matcher.catalogue.feedback.counts import daily, periods_of, shown_counts
from matcher.catalogue.feedback.store import add_events, kept
from matcher.catalogue.listings.standing import holds
from matcher.catalogue.listings.store import find
from matcher.errors import Forbidden
from matcher.feedback.lessons import learn_from
from matcher.today import CHINA
from matcher.today import today as present_day

router = APIRouter(prefix="/v1", tags=["feedback"], responses=responses(401, 403, 404, 422, 503))


async def _may_tell(request: Request, actor: ActorDep, limits: LimitsDep) -> None:
    """Open to everybody, as matching is, and not without end."""
    actor.needs_scope("match")
    limits.feedback.take(actor.user_id or bucket_of(client_address(request)))


@router.post("/feedback", summary="反馈对回答做了什么", response_model=FeedbackAnswer, responses=responses(413, 429),
             dependencies=[Depends(_may_tell)])  # fmt: skip
def feedback(
    body: Annotated[FeedbackBody, Body(openapi_examples=FEEDBACK_EXAMPLES)],
    database: DatabaseDep,
    presenter: PresenterDep,
) -> Response:
    """One act or several, all stored or none; who sends them is not. Sending one again changes nothing.

    404 for an answer that is not (or no longer) kept; 422 for a listing that did not stand in it.
    """
    events = [one.event() for one in body.events]
    # Before our transaction begins: on SQLite whoever writes keeps all others waiting.
    presenter.flush({one.answer_id for one in events})
    with database.session() as session:
        stored = add_events(session, events)
    return model_reply(FeedbackAnswer(received=len(events), stored=stored))


@router.get("/feedback/daily", summary="每日回答的数字", response_model=DaysOfAnswers)
def days(
    query: Annotated[DailyQuery, Query()], session: ReadingDep, actor: ActorDep, settings: SettingsDep
) -> Response:
    """How many answers, how many of them without any match or with nothing that fits, how quick, day by day."""
    actor.needs_admin()
    since = query.first(present_day())
    found = daily(session, datetime.combine(since, time.min, CHINA))
    return model_reply(
        DaysOfAnswers(
            since=since,
            kept_days=settings.feedback_days,
            days=[day_of_answers(day, counts) for day, counts in found],
        )
    )


@router.get("/feedback/report", summary="反馈的汇总", response_model=LearntAnswer)
def report(session: ReadingDep, actor: ActorDep) -> Response:
    """What is kept, how likely each place is looked at, and what could be graded; seconds for a hundred thousand."""
    actor.needs_admin()
    answers = list(kept(session))
    return model_reply(learnt_answer(answers, learn_from(answers)))


@router.get("/listings/{listing_id}/statistics", summary="条目的展示与反馈统计", response_model=StatisticsAnswer)
def statistics(
    listing_id: str,
    query: Annotated[StatisticsQuery, Query()],
    session: ReadingDep,
    actor: ActorDep,
    settings: SettingsDep,
) -> Response:
    """How often a listing was shown, opened, saved, enquired about: for its operator and for admins."""
    actor.needs_role("operator")
    listing = find(session, actor, listing_id)
    if not holds(actor, listing.organisation_id):
        raise Forbidden("只能查看本单位条目的统计", hint="如需更正归属,请联系管理员")
    today = present_day()
    since, until = query.since(today), today + timedelta(days=1)
    total = shown_counts(session, [listing_id], since, until)[listing_id]
    periods = periods_of(session, listing_id, since, until, query.by)
    return model_reply(
        StatisticsAnswer(
            listing_id=listing_id,
            by=query.by,
            since=since,
            kept_days=settings.feedback_days,
            total=CountsAnswer(**counts_json(total)),
            periods=[PeriodAnswer(start=start, **counts_json(counts)) for start, counts in periods],
        )
    )
