"""`GET /v1/figures`: needs, answers, how well they fitted and how long they took, day by day; for admins."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api.account_answers import Answer, Body
from api.dependencies import ActorDep, ReadingDep
from api.errors import responses
from api.need_sessions import TodayDep
from api.replies import model_reply
from api.watch_answers import FiguresAnswer
from matcher.catalogue.watching.daily import DayFigures, daily_figures, need_states, queued_enquiries

#: A quarter with its weeks at both ends; a year for whoever compares.
DAYS, DAYS_MAX = 30, 366

router = APIRouter(prefix="/v1/figures", tags=["watch"], responses=responses(401, 403, 422, 503))


class FiguresQuery(Body):
    days: int = Field(DAYS, ge=1, le=DAYS_MAX, description="最近多少天,含今天")


class CoverageAnswer(Answer):
    """Answers with something that fits, with something that fits in part, and with nothing."""

    good: int
    partial: int
    none: int


class DayAnswer(Answer):
    """One day in China; `coverage` counts what is kept for feedback, `needs` those written, `published` on the day."""

    day: date
    figures: FiguresAnswer
    coverage: CoverageAnswer
    needs: int
    published: int


class DailyAnswer(Answer):
    """The earliest day first; `need_states` counts all needs as they stand now, `queued_enquiries` those to hand on."""

    days: list[DayAnswer]
    need_states: dict[str, int]
    queued_enquiries: int


@router.get("", summary="每日数字", response_model=DailyAnswer)
def figures(query: Annotated[FiguresQuery, Query()], session: ReadingDep, actor: ActorDep, today: TodayDep) -> Response:
    """Whichever profile ranked; nothing of who asked or what."""
    actor.needs_admin()
    found = daily_figures(session, today - timedelta(days=query.days - 1), today)
    return model_reply(
        DailyAnswer(
            days=[_day(one) for one in found],
            need_states=need_states(session),
            queued_enquiries=queued_enquiries(session),
        )
    )


def _day(one: DayFigures) -> DayAnswer:
    return DayAnswer(
        day=one.day,
        figures=FiguresAnswer(**one.figures.as_dict()),
        coverage=CoverageAnswer(**one.coverage),
        needs=one.needs,
        published=one.published,
    )
