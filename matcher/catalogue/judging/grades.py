"""One judge's grade of one pair, and the adjudicator's that wins over all."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.judging.pooling import Pair
from matcher.catalogue.judging.sets import hold_open
from matcher.catalogue.listings.published import in_sight
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.evaluation import JudgementRow
from matcher.catalogue.tables.judging import AdjudicationRow, JudgedNeedRow, JudgingTaskRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Conflict, InvalidInput, NotFound
from matcher.evaluation.metrics import MAX_GRADE

REASON_MAX: Final = 2000


def put_grade(session: Session, actor: Actor, set_id: str, pair: Pair, grade: int) -> None:
    """Store the actor's grade of a pair, in place of an earlier one of the same judge; a task for it is done.

    Brokers grade what is in their queue, admins whatever need and published listing they like.

    Raises:
        InvalidInput: the grade is none. NotFound: no such set, or no such pair for this judge.
        Conflict: the set is frozen.
    """
    _check_grade(grade)
    judge = actor.needs_sign_in()
    hold_open(session, set_id)
    task = session.get(JudgingTaskRow, (set_id, judge, *pair))
    if task is None:
        _check_free_pair(session, actor, set_id, pair)
    else:
        task.state = "graded"
    key = {"judgement_set": set_id, "need_id": pair[0], "listing_id": pair[1], "judge": judge}
    _put(session, JudgementRow, key, grade=grade)


def adjudicate(session: Session, actor: Actor, set_id: str, pair: Pair, grade: int, reason: str = "") -> None:
    """Decide the grade of a pair that was graded; a later decision takes the place of an earlier one.

    The caller has checked that the actor may.

    Raises:
        InvalidInput: the grade is none, or the reason too long. NotFound: no such set, or nobody graded the pair.
        Conflict: the set is frozen.
    """
    _check_grade(grade)
    reason = reason.strip()
    if len(reason) > REASON_MAX or "\x00" in reason:
        raise InvalidInput(f"理由至多 {REASON_MAX} 字,不含控制字符", field="reason")
    hold_open(session, set_id)
    row = JudgementRow
    query = select(row.grade).where(row.judgement_set == set_id, row.need_id == pair[0], row.listing_id == pair[1])
    if session.execute(query.limit(1)).first() is None:
        _refuse_pair()
    key = {"set_id": set_id, "need_id": pair[0], "listing_id": pair[1]}
    _put(session, AdjudicationRow, key, grade=grade, adjudicator=actor.needs_sign_in(), reason=reason)
    details = {"need_id": pair[0], "listing_id": pair[1], "grade": grade}
    record_act(session, actor, "judgements.adjudicate", "judgements", set_id, **details)


def task_of(session: Session, set_id: str, judge: str, pair: Pair) -> JudgingTaskRow:
    """The judge's task for a pair.

    Raises:
        NotFound: there is none.
    """
    task = session.get(JudgingTaskRow, (set_id, judge, *pair))
    if task is None:
        _refuse_pair()
    return task


def _put(session: Session, table: Any, key: dict[str, str], **values: Any) -> None:
    row = session.get(table, tuple(key.values()), populate_existing=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(table(**key, **values))
        except IntegrityError as error:
            raise Conflict("同时有人在标注同一对", hint="请再提交一次") from error
        return
    for name, value in (values | {"at": now()}).items():
        setattr(row, name, value)
    session.flush()


def _check_grade(grade: int) -> None:
    if type(grade) is not int or not 0 <= grade <= MAX_GRADE:
        raise InvalidInput(f"等级须为 0–{MAX_GRADE} 的整数", hint="各等级的含义见标注说明", field="grade")


def _check_free_pair(session: Session, actor: Actor, set_id: str, pair: Pair) -> None:
    """Admins may grade what is in nobody's queue; for others such a pair is not there."""
    need_id, listing_id = pair
    if not actor.is_admin or session.get(JudgedNeedRow, (set_id, need_id)) is None:
        _refuse_pair()
    if session.execute(select(ListingRow.id).where(ListingRow.id == listing_id, in_sight())).first() is None:
        _refuse_pair()


def _refuse_pair() -> NoReturn:
    raise NotFound("没有这一对需求与条目可标", hint="请从“下一对”取得", field="listing_id")
