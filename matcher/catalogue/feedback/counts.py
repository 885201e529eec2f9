"""Counts for others: of listings, for operators and for exposure; of answers, for whoever watches the ranking."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from matcher.catalogue.feedback.store import PART
from matcher.catalogue.tables.feedback import FeedbackRow, ImpressionRow, ShownRow
from matcher.today import day_of

Period = Literal["day", "week"]
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ListingCounts:
    """Of one listing: answers it stood in, and answers in which each act was done with it."""

    shown: int = 0
    opened: int = 0
    saved: int = 0
    enquired: int = 0
    contracted: int = 0
    completed: int = 0
    dismissed: int = 0


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """Of some answers.

    Attributes:
        empty: without a single match. nothing_fits: whose coverage is "none". enquired: in which something was
            enquired about, or more. p50, p95: of the time it took to rank, ms; None without answers.
    """

    answers: int
    empty: int
    nothing_fits: int
    enquired: int
    p50: float | None
    p95: float | None

    @property
    def empty_share(self) -> float:
        """0 without answers, as the other shares."""
        return self.empty / self.answers if self.answers else 0.0

    @property
    def nothing_fits_share(self) -> float:
        return self.nothing_fits / self.answers if self.answers else 0.0

    @property
    def enquiry_rate(self) -> float:
        return self.enquired / self.answers if self.answers else 0.0


def shown_counts(
    session: Session, listing_ids: Collection[str] | None = None, since: date | None = None, until: date | None = None
) -> dict[str, ListingCounts]:
    """Counts of each of these listings, or of every listing that was ever shown; days from `since` to before `until`.

    Acts count on the day they were done. A listing of which nothing is kept has no entry where none were named.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for part in [None] if listing_ids is None else _parts(sorted(set(listing_ids))):
        shown = select(ShownRow.listing_id, func.count()).group_by(ShownRow.listing_id)
        acts = select(FeedbackRow.listing_id, FeedbackRow.act, func.count())
        acts = acts.group_by(FeedbackRow.listing_id, FeedbackRow.act)
        if part is not None:
            shown, acts = shown.where(ShownRow.listing_id.in_(part)), acts.where(FeedbackRow.listing_id.in_(part))
        for listing_id, count in session.execute(shown.where(*_within(ShownRow.day, since, until))):
            found[listing_id]["shown"] = count
        for listing_id, act, count in session.execute(acts.where(*_within(FeedbackRow.day, since, until))):
            found[listing_id][act] = count
    ids = found if listing_ids is None else listing_ids
    return {listing_id: _counts(found.get(listing_id, {})) for listing_id in ids}


def periods_of(
    session: Session, listing_id: str, since: date, until: date, by: Period = "day"
) -> list[tuple[date, ListingCounts]]:
    """Counts of one listing for each day, or week from Monday on, from `since` to before `until`; none is left out."""
    found: dict[date, Counter[str]] = {start: Counter() for start in _starts(since, until, by)}
    shown = select(ShownRow.day, func.count()).where(ShownRow.listing_id == listing_id).group_by(ShownRow.day)
    for day, count in session.execute(shown.where(*_within(ShownRow.day, since, until))):
        found[_start(day, by)]["shown"] += count
    acts = select(FeedbackRow.day, FeedbackRow.act, func.count()).where(FeedbackRow.listing_id == listing_id)
    acts = acts.group_by(FeedbackRow.day, FeedbackRow.act)
    for day, act, count in session.execute(acts.where(*_within(FeedbackRow.day, since, until))):
        found[_start(day, by)][act] += count
    return [(start, _counts(counts)) for start, counts in sorted(found.items())]


def answer_counts(
    session: Session,
    since: datetime | None = None,
    until: datetime | None = None,
    profile_id: str | None = None,
) -> AnswerCounts:
    """Of all answers of a time, or of those by one profile. Times of answers are cut to minutes: see `rounded`."""
    return _answer_counts(_answers(session, since, until, profile_id))


def daily(session: Session, since: datetime, until: datetime | None = None) -> list[tuple[date, AnswerCounts]]:
    """`answer_counts` of each day in China that had answers, in order."""
    by_day: dict[date, list[_Answer]] = defaultdict(list)
    for one in _answers(session, since, until, None):
        by_day[day_of(one.at)].append(one)
    return [(day, _answer_counts(answers)) for day, answers in sorted(by_day.items())]


@dataclass(frozen=True, slots=True)
class _Answer:
    at: datetime
    matches: int
    nothing_fits: bool
    took_ms: float
    enquired: bool


def _answers(
    session: Session, since: datetime | None, until: datetime | None, profile_id: str | None
) -> Iterator[_Answer]:
    furthest = FeedbackRow.act.in_(("enquired", "contracted", "completed"))
    asked = select(FeedbackRow.answer_id).where(furthest, FeedbackRow.answer_id == ImpressionRow.id).exists()
    query = select(
        ImpressionRow.at,
        ImpressionRow.matches,
        ImpressionRow.coverage,
        ImpressionRow.took_ms,
        case((asked, 1), else_=0),
    )
    if since is not None:
        query = query.where(ImpressionRow.at >= since)
    if until is not None:
        query = query.where(ImpressionRow.at < until)
    if profile_id is not None:
        query = query.where(ImpressionRow.profile_id == profile_id)
    for at, matches, coverage, took_ms, enquired in session.execute(query.execution_options(yield_per=PART)):
        yield _Answer(at, matches, coverage == "none", took_ms, bool(enquired))


def _answer_counts(found: Iterator[_Answer] | Sequence[_Answer]) -> AnswerCounts:
    answers = list(found)
    p50, p95 = np.percentile([one.took_ms for one in answers], [50, 95]).tolist() if answers else (None, None)
    return AnswerCounts(
        answers=len(answers),
        empty=sum(one.matches == 0 for one in answers),
        nothing_fits=sum(one.nothing_fits for one in answers),
        enquired=sum(one.enquired for one in answers),
        p50=p50,
        p95=p95,
    )


def _within(day: InstrumentedAttribute[date], since: date | None, until: date | None) -> Iterator[ColumnElement[bool]]:
    if since is not None:
        yield day >= since
    if until is not None:
        yield day < until


def _counts(counts: Mapping[str, int]) -> ListingCounts:
    return ListingCounts(**{one.name: counts.get(one.name, 0) for one in fields(ListingCounts)})


def _start(day: date, by: Period) -> date:
    return day if by == "day" else day - timedelta(days=day.weekday())


def _starts(since: date, until: date, by: Period) -> Iterator[date]:
    start = _start(since, by)
    while start < until:
        yield start
        start += _DAY if by == "day" else _WEEK


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[first : first + PART] for first in range(0, len(ids), PART)]
