"""Answers and acts, written and read back; and thrown away when their time is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, Select, delete, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.feedback import FeedbackRow, ImpressionRow, ShadowRow, ShownRow
from matcher.catalogue.tables.governance import ProfileRow
from matcher.errors import InvalidInput, NotFound
from matcher.feedback.impressions import FEATURE_SET, Impression, Place
from matcher.feedback.interleaving import Team
from matcher.feedback.shown import ACTS, Act, Shown
from matcher.records import Coverage
from matcher.today import day_of

#: Why something is dismissed: words to choose from, so that nobody writes of somebody.
REASONS: Final[dict[str, str]] = {
    "off_topic": "与需求不相关",
    "capacity": "规模或参数不符",
    "place": "太远",
    "certificate": "资质不符",
    "price": "价格不合适",
    "schedule": "档期不合适",
    "no_reply": "联系不上",
    "outdated": "信息已过时",
    "other": "其他",
}
#: Answers in one statement: SQLite takes some thousands of values.
PART: Final = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One act on one listing of an answer; `reason` is one of `REASONS`, for dismissals only."""

    answer_id: str
    listing_id: str
    act: Act
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was stored, and what was done with it.

    Attributes:
        features: as `impressions.packed`; None where they were not measured, or by another version of the program.
    """

    id: str
    at: datetime
    profile_id: str | None
    shown: Shown
    places: tuple[Place, ...]
    coverage: Coverage
    features: bytes | None


def write(session: Session, impressions: Sequence[Impression]) -> None:
    """Store answers; none of them may be there yet."""
    if not impressions:
        return
    profiles = _profile_ids(session, impressions)
    session.execute(insert(ImpressionRow), [_impression_values(one, profiles) for one in impressions])
    shown = [values for one in impressions for values in _shown_values(one)]
    if shown:
        session.execute(insert(ShownRow), shown)


def check_event(event: Event) -> Event:
    """The event, if its words are known.

    Raises:
        InvalidInput: the act or the reason is not known, or there is a reason for something else than a dismissal.
    """
    if event.act not in ACTS:
        raise InvalidInput("没有这种反馈", hint=f"可用:{'、'.join(ACTS)}", field="act")
    if event.reason is not None and event.act != "dismissed":
        raise InvalidInput("只有 dismissed 可以写原因", hint="请去掉 reason", field="reason")
    if event.reason is not None and event.reason not in REASONS:
        raise InvalidInput("没有这个原因", hint=f"可用:{'、'.join(REASONS)}", field="reason")
    return event


def add_events(session: Session, events: Sequence[Event], at: datetime | None = None) -> int:
    """Store acts, all or none; how many are new. One that is there already is not stored again.

    Nothing is looked up but the answers themselves, so that it tells nothing of what became of a listing since.

    Raises:
        NotFound: no such answer is kept. InvalidInput: the listing did not stand in it; or as for `check_event`.
    """
    wanted = list(dict.fromkeys((one.answer_id, one.listing_id) for one in map(check_event, events)))
    if any("\x00" in text for pair in wanted for text in pair):
        raise InvalidInput("编号中有空字符", hint="请原样使用回答中的编号", field="answer_id")
    known = set(session.scalars(_where_ids(select(ImpressionRow.id), [answer_id for answer_id, _ in wanted])))
    if any(answer_id not in known for answer_id, _ in wanted):
        raise NotFound("没有这个回答,或它已过保存期", hint="answer_id 在匹配的回答里", field="answer_id")
    there = (ShownRow.answer_id, ShownRow.listing_id)
    stood = {(row[0], row[1]) for row in session.execute(select(*there).where(tuple_(*there).in_(wanted)))}
    for pair in wanted:
        if pair not in stood:
            raise InvalidInput("这个条目不在该回答中", hint="只能反馈回答里列出的条目", field="listing_id")
    day = day_of(at or now())
    values = [
        {"answer_id": one.answer_id, "listing_id": one.listing_id, "act": one.act, "reason": one.reason, "day": day}
        for one in events
    ]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    adding = dialect.insert(FeedbackRow).on_conflict_do_nothing().returning(FeedbackRow.act)
    return sum(len(session.execute(adding.values(value)).all()) for value in values)


def kept(session: Session, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Kept]:
    """Answers of a time in their order, with what was done with them."""
    query = select(ImpressionRow).order_by(ImpressionRow.at, ImpressionRow.id)
    if since is not None:
        query = query.where(ImpressionRow.at >= since)
    if until is not None:
        query = query.where(ImpressionRow.at < until)
    yield from _with_places(session, query)


def unsettled(session: Session, experiment_id: str, before: datetime, limit: int) -> Sequence[Kept]:
    """Interleaved answers from before a moment that are not counted yet, the earliest first."""
    query = (
        select(ImpressionRow)
        .where(
            ImpressionRow.experiment_id == experiment_id,
            ImpressionRow.settled.is_(False),
            ImpressionRow.at <= before,
        )
        .order_by(ImpressionRow.at, ImpressionRow.id)
        .limit(limit)
    )
    return list(_with_places(session, query))


def forget_feedback(session: Session, days: int, at: datetime | None = None) -> int:
    """Throw away what is older than `days`, with 0 everything; how many answers went."""
    limit = (at or now()) - timedelta(days=days)
    old = ImpressionRow.at < limit if days else ImpressionRow.id.is_not(None)
    ids = select(ImpressionRow.id).where(old)
    for table in (FeedbackRow, ShownRow):
        session.execute(delete(table).where(table.answer_id.in_(ids)).execution_options(synchronize_session=False))
    session.execute(delete(ShadowRow).where(ShadowRow.at < limit).execution_options(synchronize_session=False))
    gone = session.execute(delete(ImpressionRow).where(old).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", gone).rowcount


def _profile_ids(session: Session, impressions: Sequence[Impression]) -> Mapping[tuple[str, str], str]:
    names = {one.profile for one in impressions}
    query = select(ProfileRow.name, ProfileRow.version, ProfileRow.id).where(ProfileRow.name.in_(names))
    return {(name, str(version)): profile_id for name, version, profile_id in session.execute(query)}


def _impression_values(one: Impression, profiles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.at,
        "profile_id": profiles.get((one.profile, one.version)),
        "topic": one.topic,
        "matches": len(one.places),
        "coverage": one.coverage,
        "took_ms": one.took_ms,
        "feature_set": None if one.features is None else FEATURE_SET,
        "features": one.features,
        "swapped": one.swap.place if one.swap else None,
        "exchanged": bool(one.swap and one.swap.exchanged),
        "experiment_id": one.experiment_id,
        "settled": False,
    }


def _shown_values(one: Impression) -> Iterator[dict[str, Any]]:
    day = day_of(one.at)
    for number, place in enumerate(one.places, 1):
        yield {
            "answer_id": one.id,
            "place": number,
            "listing_id": place.listing_id,
            "day": day,
            "pinned": place.pinned,
            "team": place.team,
        }


def _with_places(session: Session, query: Select[ImpressionRow]) -> Iterator[Kept]:
    for rows in session.scalars(query.execution_options(yield_per=PART)).partitions():
        ids = [row.id for row in rows]
        places: dict[str, list[Place]] = defaultdict(list)
        shown = select(ShownRow).where(ShownRow.answer_id.in_(ids)).order_by(ShownRow.answer_id, ShownRow.place)
        for one in session.scalars(shown):
            team: Team | None = one.team  # type: ignore[assignment]  # only `write` fills the column
            places[one.answer_id].append(Place(one.listing_id, one.pinned, team))
        acts: dict[str, dict[str, set[Act]]] = defaultdict(lambda: defaultdict(set))
        for done in session.scalars(select(FeedbackRow).where(FeedbackRow.answer_id.in_(ids))):
            act: Act = done.act  # type: ignore[assignment]  # only `add_events` fills the column
            acts[done.answer_id][done.listing_id].add(act)
        for row in rows:
            yield _kept(row, tuple(places[row.id]), acts[row.id])


def _kept(row: ImpressionRow, places: tuple[Place, ...], acts: Mapping[str, set[Act]]) -> Kept:
    shown = Shown(
        row.topic,
        tuple(place.listing_id for place in places),
        {listing_id: frozenset(done) for listing_id, done in acts.items()},
        row.swapped,
        row.exchanged,
    )
    coverage: Coverage = row.coverage  # type: ignore[assignment]  # only `write` fills the column
    features = row.features if row.feature_set == FEATURE_SET else None
    return Kept(row.id, row.at, row.profile_id, shown, places, coverage, features)


def _where_ids(query: Select[str], ids: Sequence[str]) -> Select[str]:
    return query.where(ImpressionRow.id.in_(set(ids)))
