"""Judgement sets: named, in versions. One version of a name is open and takes grades; frozen ones never change.

Freezing leaves a snapshot behind and opens the next version with a copy of all of it, so that "the grades that this
gate was measured on" is an id that keeps its meaning. What judges have still to do moves on to the open version.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.judging.content import content_hash
from matcher.catalogue.tables.base import new_key, now
from matcher.catalogue.tables.evaluation import JudgementRow
from matcher.catalogue.tables.judging import AdjudicationRow, JudgedNeedRow, JudgementSetRow, JudgingTaskRow
from matcher.errors import BrokenArtefact, Conflict, InvalidInput, NotFound

#: Names stand on the command line and in reports.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,58}[a-z0-9])?")
DESCRIPTION_MAX = 2000


@dataclass(frozen=True, slots=True)
class JudgementSet:
    """One version, with how much is in it: `pairs` are graded pairs, `judgements` grades of them, by `judges`."""

    id: str
    name: str
    version: int
    description: str
    author_id: str | None
    created_at: datetime
    frozen_at: datetime | None
    content_hash: str | None
    needs: int = 0
    judgements: int = 0
    pairs: int = 0
    judges: int = 0
    adjudications: int = 0

    @property
    def label(self) -> str:
        """As people say it: dev 第 3 版."""
        return f"{self.name} 第 {self.version} 版"


def create_set(session: Session, actor: Actor, name: str, description: str = "") -> JudgementSet:
    """The open first version of a new set; the caller has checked that the actor may.

    Raises:
        InvalidInput: the name or the description can't be used. Conflict: the name is taken.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput("名称只能用小写字母、数字、- 和 _,至多 60 字", hint="例如 dev-2026", field="name")
    row = JudgementSetRow(
        id=new_key("judgements"), name=name, version=1, description=_checked(description), author_id=actor.user_id
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(f"已有名为 {name} 的标注集", hint="请换一个名称,或使用已有的标注集", field="name") from error
    record_act(session, actor, "judgements.create", "judgements", row.id, name=name)
    return get_set(session, row.id)


def freeze(
    session: Session, actor: Actor, set_id: str, description: str | None = None
) -> tuple[JudgementSet, JudgementSet]:
    """Freeze the open version; it and the new open one.

    Raises:
        NotFound: no such version. Conflict: it is frozen already, or holds no grade.
    """
    before = get_set(session, set_id)
    # Writers of grades hold the row in shared mode: this waits for them, and they for this.
    done = session.execute(
        update(JudgementSetRow)
        .where(JudgementSetRow.id == set_id, JudgementSetRow.frozen_at.is_(None))
        .values(frozen_at=now())
        .returning(JudgementSetRow.id)
    ).scalar_one_or_none()
    if done is None:
        raise Conflict(f"{before.label} 已冻结", hint="新的标注在同名的开放版本里")
    if not _count(session, JudgementRow, JudgementRow.judgement_set == set_id):
        raise Conflict(f"{before.label} 还没有标注", hint="有了标注再冻结")
    digest = content_hash(session, set_id)
    session.execute(update(JudgementSetRow).where(JudgementSetRow.id == set_id).values(content_hash=digest))
    following = JudgementSetRow(
        id=new_key("judgements"),
        name=before.name,
        version=before.version + 1,
        description=before.description if description is None else _checked(description),
        author_id=actor.user_id,
    )
    session.add(following)
    session.flush()
    _copy(session, set_id, following.id)
    details = {"name": before.name, "version": before.version, "hash": digest}
    record_act(session, actor, "judgements.freeze", "judgements", set_id, **details)
    return get_set(session, set_id), get_set(session, following.id)


def _copy(session: Session, old: str, new: str) -> None:
    """Needs, grades and adjudications are copied, tasks move."""
    for table, column in (
        (JudgedNeedRow, "set_id"),
        (JudgementRow, "judgement_set"),
        (AdjudicationRow, "set_id"),
    ):
        others = [one.name for one in table.__table__.columns if one.name != column]
        query = select(literal(new), *(getattr(table, name) for name in others)).where(getattr(table, column) == old)
        session.execute(insert(table).from_select([column, *others], query))
    session.execute(update(JudgingTaskRow).where(JudgingTaskRow.set_id == old).values(set_id=new))


def get_set(session: Session, set_id: str) -> JudgementSet:
    """A version by its id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(JudgementSetRow, set_id, populate_existing=True)
    if row is None:
        raise NotFound("没有这个标注集", hint="全部标注集见 /v1/judgement-sets", field="set_id")
    return _record(session, row)


def find_set(session: Session, named: str) -> JudgementSet:
    """A version as people name it: `dev`, the latest of that name, `dev@3`, or an id.

    Raises:
        NotFound: there is none.
    """
    name, _, version = named.partition("@")
    query = select(JudgementSetRow).where(JudgementSetRow.name == name).order_by(JudgementSetRow.version.desc())
    if version:
        # Nine digits fit every database's integer.
        number = int(version) if version.isascii() and version.isdigit() and len(version) <= 9 else -1
        query = query.where(JudgementSetRow.version == number)
    row = session.scalars(query.limit(1)).one_or_none() or session.get(JudgementSetRow, named)
    if row is None:
        raise NotFound(f"没有名为 {named[:80]} 的标注集", hint="用 pilotmatch judgements list 查看", field="name")
    return _record(session, row)


def list_sets(session: Session, limit: int = 100) -> Sequence[JudgementSet]:
    """Versions by name, the latest first."""
    query = select(JudgementSetRow).order_by(JudgementSetRow.name, JudgementSetRow.version.desc()).limit(limit)
    return [_record(session, row) for row in session.scalars(query)]


def hold_open(session: Session, set_id: str, *, alone: bool = False) -> JudgementSet:
    """The version, kept open until the transaction ends: who writes into it calls this first.

    Args:
        alone: keep other writers out as well.

    Raises:
        NotFound: there is none. Conflict: it is frozen.
    """
    query = select(JudgementSetRow).where(JudgementSetRow.id == set_id).with_for_update(read=not alone)
    row = session.scalars(query, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        raise NotFound("没有这个标注集", hint="全部标注集见 /v1/judgement-sets", field="set_id")
    if row.frozen_at is not None:
        raise Conflict(f"{row.name} 第 {row.version} 版已冻结,不能再改", hint="请在同名的开放版本里标注")
    return _bare(row)


def verify_set(session: Session, set_id: str) -> str:
    """The hash of a frozen version, if its content still has it.

    Raises:
        NotFound: there is none. Conflict: it is open. BrokenArtefact: the content was changed in the database.
    """
    found = get_set(session, set_id)
    if found.content_hash is None:
        raise Conflict(f"{found.label} 还未冻结", hint="冻结后才有固定的内容")
    if content_hash(session, set_id) != found.content_hash:
        raise BrokenArtefact(f"{found.label} 的内容与冻结时不同", hint="请从备份恢复数据库")
    return found.content_hash


def _bare(row: JudgementSetRow) -> JudgementSet:
    return JudgementSet(
        row.id,
        row.name,
        row.version,
        row.description,
        row.author_id,
        row.created_at,
        row.frozen_at,
        row.content_hash,
    )


def _record(session: Session, row: JudgementSetRow) -> JudgementSet:
    mine = JudgementRow.judgement_set == row.id
    pairs = select(JudgementRow.need_id, JudgementRow.listing_id).where(mine).distinct().subquery()
    return replace(
        _bare(row),
        needs=_count(session, JudgedNeedRow, JudgedNeedRow.set_id == row.id),
        judgements=_count(session, JudgementRow, mine),
        pairs=session.execute(select(func.count()).select_from(pairs)).scalar_one(),
        judges=session.execute(select(func.count(JudgementRow.judge.distinct())).where(mine)).scalar_one(),
        adjudications=_count(session, AdjudicationRow, AdjudicationRow.set_id == row.id),
    )


def _count(session: Session, table: Any, condition: ColumnElement[bool]) -> int:
    found: int = session.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
    return found


def _checked(description: str) -> str:
    description = description.strip()
    if len(description) > DESCRIPTION_MAX or "\x00" in description:
        raise InvalidInput(f"说明至多 {DESCRIPTION_MAX} 字,不含控制字符", field="description")
    return description
