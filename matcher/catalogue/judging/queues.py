"""What a judge has to look at: made from pooled pairs, in an order of the judge's own, graded or skipped one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.judging.grades import task_of
from matcher.catalogue.judging.pooling import Pair, assign, place_of
from matcher.catalogue.judging.sets import get_set, hold_open
from matcher.catalogue.listings.bulk import parts
from matcher.catalogue.listings.published import in_sight, published_by_ids
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.evaluation import JudgementRow
from matcher.catalogue.tables.judging import AdjudicationRow, JudgedNeedRow, JudgingTaskRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import InvalidInput, TooLarge
from matcher.records import Listing

#: Of one queue: months of work for ten judges.
TASKS_MAX: Final = 100_000
#: What a judge sees of a need beside its text; where it comes from would only distract.
SHOWN: Final = ("title", "province", "city", "industry", "parameters", "stage", "budget_wan", "deadline", "org_type")
JUDGES: Final = ("admin", "broker")


@dataclass(frozen=True, slots=True)
class Task:
    """One pair as its judge sees it: nothing tells who ranked it, where, or what others said."""

    need_id: str
    text: str
    fields: Mapping[str, Any]
    listing: Listing


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a judge is. `unseen` of the open ones can't be shown, as their listings are out of sight just now."""

    judge: str
    open: int = 0
    skipped: int = 0
    graded: int = 0
    unseen: int = 0


def check_judge(actor: Actor) -> str:
    """The user's id, if it may judge: an admin or a broker, and with an API key an admin's.

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: another role, or a key without that scope.
    """
    judge = actor.needs_role("broker")
    actor.needs_scope("admin")
    return judge


def make_queue(
    session: Session,
    actor: Actor,
    set_id: str,
    pairs: Collection[Pair],
    judges: Sequence[str],
    each: int,
    *,
    only_ungraded: bool = False,
    **about: Any,
) -> int:
    """Offer every pair to `each` of the judges; how many tasks are new. The caller has checked that the actor may.

    Pairs that were adjudicated are left out, and who has a pair already counts, so that making a queue again adds
    only what is missing.

    Args:
        judges: ids of users. only_ungraded: leave out pairs with a grade of anybody. about: for the audit log.

    Raises:
        NotFound, Conflict: the set is not there, or frozen.
        InvalidInput: a need is not in the set, a listing is not published, a judge is unknown, of another role or named
            twice. TooLarge: more tasks than `TASKS_MAX`.
    """
    hold_open(session, set_id, alone=True)
    _check_judges(session, judges)
    _check_pairs(session, set_id, pairs)
    left = set(pairs) - _adjudicated(session, set_id) - (_graded(session, set_id) if only_ungraded else set())
    given = assign(left, judges, each, _offered(session, set_id))
    count = sum(map(len, given.values()))
    if count > TASKS_MAX:
        raise TooLarge(f"一次至多安排 {TASKS_MAX} 个标注任务,这里有 {count} 个", hint="请减小深度或人数", field="depth")
    rows = [_row(set_id, judge, pair) for judge, theirs in given.items() for pair in theirs]
    if rows:
        session.execute(insert(JudgingTaskRow), rows)
        close_graded(session, set_id)
    details = {"tasks": count, "judges": list(judges), "each": each} | about
    record_act(session, actor, "judgements.queue", "judgements", set_id, **details)
    return count


def next_task(session: Session, judge: str, set_id: str) -> Task | None:
    """The judge's next open pair whose listing can be shown; None where there is none.

    Raises:
        NotFound: no such set.
    """
    get_set(session, set_id)
    task = JudgingTaskRow
    query = (
        select(task.need_id, task.listing_id, JudgedNeedRow.text, JudgedNeedRow.fields)
        .join(JudgedNeedRow, (JudgedNeedRow.set_id == task.set_id) & (JudgedNeedRow.need_id == task.need_id))
        .join(ListingRow, ListingRow.id == task.listing_id)
        .where(task.set_id == set_id, task.judge == judge, task.state == "open", in_sight())
        .order_by(task.place)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    listing = published_by_ids(session, [row.listing_id])[row.listing_id]
    assert listing is not None  # read in the same transaction
    shown = {name: row.fields[name] for name in SHOWN if row.fields.get(name) not in (None, [], "")}
    return Task(row.need_id, row.text, shown, listing)


def skip_task(session: Session, judge: str, set_id: str, pair: Pair) -> None:
    """Put a pair aside; a grade can still be given later. Skipping one that is graded changes nothing.

    Raises:
        NotFound: no such set, or the pair is not the judge's. Conflict: the set is frozen.
    """
    hold_open(session, set_id)
    task = task_of(session, set_id, judge, pair)
    if task.state == "open":
        task.state = "skipped"
        session.flush()


def progress(session: Session, set_id: str, judge: str | None = None) -> list[Progress]:
    """How far every judge is, or one of them, by id.

    Raises:
        NotFound: no such set.
    """
    get_set(session, set_id)
    task = JudgingTaskRow
    mine = (task.set_id == set_id, *([] if judge is None else [task.judge == judge]))
    counts: dict[str, dict[str, int]] = {}
    states = select(task.judge, task.state, func.count()).where(*mine).group_by(task.judge, task.state)
    for name, state, count in session.execute(states):
        counts.setdefault(name, {})[state] = count
    seen = (
        select(task.judge, func.count())
        .join(ListingRow, ListingRow.id == task.listing_id)
        .where(*mine, task.state == "open", in_sight())
        .group_by(task.judge)
    )
    shown: dict[str, int] = dict(session.execute(seen).all())
    return [
        Progress(name, **found, unseen=found.get("open", 0) - shown.get(name, 0))
        for name, found in sorted(counts.items())
    ]


def close_graded(session: Session, set_id: str) -> None:
    """Tasks whose judge has graded the pair already, by a file or unasked, are done."""
    task, row = JudgingTaskRow, JudgementRow
    graded = (
        select(row.grade)
        .where(
            row.judgement_set == task.set_id,
            row.judge == task.judge,
            row.need_id == task.need_id,
            row.listing_id == task.listing_id,
        )
        .exists()
    )
    session.execute(
        update(task)
        .where(task.set_id == set_id, task.state != "graded", graded)
        .values(state="graded")
        .execution_options(synchronize_session=False)
    )


def _row(set_id: str, judge: str, pair: Pair) -> dict[str, str]:
    need_id, listing_id = pair
    place = place_of(judge, pair)
    return {
        "set_id": set_id,
        "judge": judge,
        "need_id": need_id,
        "listing_id": listing_id,
        "place": place,
        "state": "open",
    }


def _check_judges(session: Session, judges: Sequence[str]) -> None:
    query = select(UserRow.id).where(UserRow.id.in_(judges), UserRow.active.is_(True), UserRow.role.in_(JUDGES))
    known = set(session.scalars(query))
    for judge in judges:
        if judge not in known:
            raise InvalidInput(f"{judge[:64]} 不能标注", hint="标注人须是在用的管理员或技术经纪人账号", field="judges")


def _check_pairs(session: Session, set_id: str, pairs: Iterable[Pair]) -> None:
    needs = set(session.scalars(select(JudgedNeedRow.need_id).where(JudgedNeedRow.set_id == set_id)))
    unknown = min({need for need, _ in pairs} - needs, default=None)
    if unknown is not None:
        raise InvalidInput(f"需求 {unknown[:64]} 不在标注集里", hint="请先导入这个需求", field="runs")
    listings = sorted({listing for _, listing in pairs})
    for part in parts(listings):
        query = select(ListingRow.id).where(ListingRow.id.in_(part), in_sight())
        missing = min(set(part) - set(session.scalars(query)), default=None)
        if missing is not None:
            raise InvalidInput(f"条目 {missing[:64]} 不存在或未发布", hint="只能标注已发布的条目", field="runs")


def _offered(session: Session, set_id: str) -> dict[Pair, set[str]]:
    task = JudgingTaskRow
    offered: dict[Pair, set[str]] = {}
    query = select(task.need_id, task.listing_id, task.judge).where(task.set_id == set_id)
    for need_id, listing_id, judge in session.execute(query):
        offered.setdefault((need_id, listing_id), set()).add(judge)
    return offered


def _adjudicated(session: Session, set_id: str) -> set[Pair]:
    row = AdjudicationRow
    query = select(row.need_id, row.listing_id).where(row.set_id == set_id)
    return {(need_id, listing_id) for need_id, listing_id in session.execute(query)}


def _graded(session: Session, set_id: str) -> set[Pair]:
    row = JudgementRow
    query = select(row.need_id, row.listing_id).where(row.judgement_set == set_id).distinct()
    return {(need_id, listing_id) for need_id, listing_id in session.execute(query)}
