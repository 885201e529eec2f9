"""Figures of each day, whichever profile ranked: what an administrator's charts draw."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from matcher.catalogue.enquiries.states import OPEN
from matcher.catalogue.tables.enquiries import EnquiryRow
from matcher.catalogue.tables.feedback import ImpressionRow
from matcher.catalogue.tables.needs import NeedRow
from matcher.catalogue.tables.watching import AnswerCountRow
from matcher.catalogue.watching.counting import ANSWERS, ENQUIRIES, ERRORS, LATENCY, NOTHING, ZERO, minute_of
from matcher.catalogue.watching.figures import Figures
from matcher.records import Coverage
from matcher.today import CHINA, day_of

_DAY = timedelta(days=1)
_MINUTES = 24 * 60
#: Minutes by which a day in China begins before that of UTC, in which minutes are counted.
_AHEAD = 8 * 60
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day in China.

    Attributes:
        figures: of answers. coverage: answers by how well they fitted, as far as they are kept for feedback.
        needs, published: needs written and published.
    """

    day: date
    figures: Figures
    coverage: dict[Coverage, int]
    needs: int
    published: int


def daily_figures(session: Session, first: date, last: date) -> Sequence[DayFigures]:
    """Each day from `first` to `last`, both included and none left out. No need is read, only when it was written."""
    days = [first + number * _DAY for number in range((last - first).days + 1)]
    counts = _counts(session, first, last)
    written, published = (_needs(session, column, first, last) for column in (NeedRow.created_at, NeedRow.published_at))
    return [
        DayFigures(day, _figures(counts[day]), _coverage(session, day), written[day], published[day]) for day in days
    ]


def need_states(session: Session) -> dict[str, int]:
    """How many needs are in each state that occurs."""
    query = select(NeedRow.state, func.count()).group_by(NeedRow.state)
    return dict(session.execute(query).all())


def queued_enquiries(session: Session) -> int:
    """How many enquiries the platform has to hand on; who sent them is not read."""
    row = EnquiryRow
    query = select(func.count()).select_from(row).where(row.organisation_id.is_(None), row.state.in_(OPEN))
    return session.execute(query).scalar_one()


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _counts(session: Session, first: date, last: date) -> dict[date, Counter[str]]:
    row = AnswerCountRow
    number = (row.minute + _AHEAD) // _MINUTES
    query = (
        select(number, row.what, func.sum(row.count))
        .where(row.minute >= minute_of(_start(first)), row.minute < minute_of(_start(last + _DAY)))
        .group_by(number, row.what)
    )
    found: dict[date, Counter[str]] = defaultdict(Counter)
    for days, what, count in session.execute(query):
        found[_EPOCH + int(days) * _DAY][what] += int(count)
    return found


def _figures(counts: Counter[str]) -> Figures:
    latency = {int(what.removeprefix(LATENCY)): count for what, count in counts.items() if what.startswith(LATENCY)}
    return Figures(**{name: counts[name] for name in (ANSWERS, ZERO, NOTHING, ERRORS, ENQUIRIES)}, latency=latency)


def _coverage(session: Session, day: date) -> dict[Coverage, int]:
    row = ImpressionRow
    query = select(row.coverage, func.count()).where(row.at >= _start(day), row.at < _start(day + _DAY))
    counts: dict[str, int] = dict(session.execute(query.group_by(row.coverage)).all())
    return {"good": counts.get("good", 0), "partial": counts.get("partial", 0), "none": counts.get("none", 0)}


def _needs(
    session: Session,
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    first: date,
    last: date,
) -> Counter[date]:
    query = select(column).where(column >= _start(first), column < _start(last + _DAY))
    return Counter(day_of(moment) for moment in session.scalars(query) if moment is not None)
