"""What a version of a judgement set holds: needs, grades by judge, adjudications, and a hash over all of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.judging.agreement import final_grades
from matcher.catalogue.judging.pooling import Pair
from matcher.catalogue.needs_file import need_from
from matcher.catalogue.tables.evaluation import JudgementRow
from matcher.catalogue.tables.judging import AdjudicationRow, JudgedNeedRow
from matcher.evaluation.judgements import Judgements
from matcher.records import Need

PART = 2000


def judged_needs(session: Session, set_id: str) -> list[Need]:
    """The needs of a version, by id."""
    return [need_from(fields) for fields in need_fields(session, set_id).values()]


def need_fields(session: Session, set_id: str) -> dict[str, dict[str, Any]]:
    """The needs of a version as lines of needs.jsonl, by id, sorted."""
    query = select(JudgedNeedRow.need_id, JudgedNeedRow.fields).where(JudgedNeedRow.set_id == set_id)
    return {row.need_id: row.fields for row in sorted(session.execute(query), key=lambda row: row.need_id)}


def grades_by_judge(session: Session, set_id: str) -> dict[Pair, dict[str, int]]:
    """Every judge's grade of every pair, sorted by ids."""
    row = JudgementRow
    query = select(row.need_id, row.listing_id, row.judge, row.grade).where(row.judgement_set == set_id)
    graded: dict[Pair, dict[str, int]] = {}
    # Sorted here: databases order texts by rules of their own.
    for need_id, listing_id, judge, grade in sorted(session.execute(query.execution_options(yield_per=PART))):
        graded.setdefault((need_id, listing_id), {})[judge] = grade
    return graded


def adjudicated_grades(session: Session, set_id: str) -> dict[Pair, int]:
    """The grades that were decided, by pair."""
    row = AdjudicationRow
    query = select(row.need_id, row.listing_id, row.grade).where(row.set_id == set_id)
    return {(need_id, listing_id): grade for need_id, listing_id, grade in sorted(session.execute(query))}


def judgements_of(session: Session, set_id: str) -> Judgements:
    """The grades that hold: adjudicated ones, else the median of the judges."""
    return Judgements(final_grades(grades_by_judge(session, set_id), adjudicated_grades(session, set_id)))


def content_hash(session: Session, set_id: str) -> str:
    """SHA-256 over needs, grades and adjudications, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for line in _lines(session, set_id):
        digest.update(json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _lines(session: Session, set_id: str) -> Iterator[list[Any]]:
    for need_id, fields in need_fields(session, set_id).items():
        yield ["need", need_id, fields]
    for pair, grades in grades_by_judge(session, set_id).items():
        yield ["grades", *pair, grades]
    row = AdjudicationRow
    query = select(row.need_id, row.listing_id, row.grade, row.adjudicator).where(row.set_id == set_id)
    for found in sorted(session.execute(query)):
        yield ["adjudication", *found]
