"""Judgements and judged needs from files: previewed with every fault, and written as a whole or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from matcher.catalogue import json_lines
from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.judging.content import grades_by_judge, need_fields
from matcher.catalogue.judging.files import ROWS_MAX, Form, GradeRow, RowProblem, decoded, read_grades
from matcher.catalogue.judging.queues import close_graded
from matcher.catalogue.judging.sets import get_set, hold_open
from matcher.catalogue.listings.bulk import parts
from matcher.catalogue.listings.limits import checked_id
from matcher.catalogue.needs_file import need_from
from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.evaluation import JudgementRow
from matcher.catalogue.tables.judging import JudgedNeedRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Conflict, InvalidInput, TooLarge
from matcher.understanding.text import MAX_CHARACTERS

#: Whose grades these are, where neither file nor caller says.
IMPORTED: Final = "imported"
#: Faults that are told one by one; a file with more has one fault many times.
PROBLEMS_SHOWN: Final = 200
#: A need with all its fields; its text alone may have `MAX_CHARACTERS`.
LINE_MAX: Final = 4 * MAX_CHARACTERS


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent: a file of judgements, one of needs (needs.jsonl), or both.

    Attributes:
        judge: whose grades, where the file does not say. replace: grades that the set has otherwise are changed;
            without it they are faults.
    """

    judgements: bytes | None = None
    needs: bytes | None = None
    form: Form = "csv"
    judge: str = IMPORTED
    replace: bool = False

    @property
    def hash(self) -> str:
        """SHA-256 of all of it: what is confirmed is what was previewed."""
        digest = hashlib.sha256(f"{self.form}\n{self.judge}\n{self.replace}\n".encode("utf-8", "replace"))
        for part in (self.judgements, self.needs):
            digest.update(b"-" if part is None else hashlib.sha256(part).digest())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload would do: how many grades and needs are new, changed or already the same, and the faults.

    `problems` are the first `PROBLEMS_SHOWN` of `problem_count`; those of the file of needs come first.
    """

    hash: str
    grades: Mapping[str, int]
    needs: Mapping[str, int]
    judges: Mapping[str, int]
    problems: Sequence[RowProblem]
    problem_count: int
    written: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """An upload as it reads by itself, before the database is asked."""

    upload: Upload
    needs: Mapping[str, tuple[str, dict[str, Any]]]
    grades: Sequence[GradeRow]
    problems: Sequence[RowProblem]


def parse(upload: Upload) -> Parsed:
    """Read the files.

    Raises:
        InvalidInput: neither file is there, one is not UTF-8, is empty, or has no usable headings.
        TooLarge: more than `ROWS_MAX` rows.
    """
    if upload.judgements is None and upload.needs is None:
        raise InvalidInput("没有文件", hint="请上传标注文件(file)或需求文件(needs)", field="file")
    needs, problems = ({}, []) if upload.needs is None else _read_needs(upload.needs)
    grades: list[GradeRow] = []
    if upload.judgements is not None:
        grades, others = read_grades(upload.judgements, upload.form, upload.judge)
        problems = [*problems, *others]
    return Parsed(upload, needs, grades, problems)


def preview(session: Session, set_id: str, parsed: Parsed) -> Preview:
    """What it would do; writes nothing.

    Raises:
        NotFound: no such set. Conflict: it is frozen.
    """
    found = get_set(session, set_id)
    if found.frozen_at is not None:
        raise Conflict(f"{found.label} 已冻结,不能再改", hint="请导入到同名的开放版本")
    return _plan(session, set_id, parsed).preview


def confirm(session: Session, actor: Actor, set_id: str, parsed: Parsed, seen: str) -> Preview:
    """Write all of it; the caller has checked that the actor may.

    Args:
        seen: the hash that the preview told.

    Raises:
        NotFound: no such set. InvalidInput: there are faults.
        Conflict: the set is frozen, or this is not what was previewed.
    """
    if seen != parsed.upload.hash:
        raise Conflict("文件或选项与预览时不同", hint="请重新预览后再确认", field="hash")
    hold_open(session, set_id, alone=True)
    plan = _plan(session, set_id, parsed)
    if plan.preview.problem_count:
        first = plan.preview.problems[0]
        raise InvalidInput(
            f"有 {plan.preview.problem_count} 处错误,未写入;第一处在第 {first.line} 行:{first.message}",
            hint="请改正后重新预览",
            field="file",
        )
    _write(session, set_id, plan)
    counts = {"grades": dict(plan.preview.grades), "needs": dict(plan.preview.needs)}
    record_act(session, actor, "judgements.import", "judgements", set_id, hash=seen, **counts)
    return replace(plan.preview, written=True)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Rows to write, by what becomes of them."""

    new: Sequence[GradeRow]
    changed: Sequence[GradeRow]
    new_needs: Mapping[str, tuple[str, dict[str, Any]]]
    changed_needs: Mapping[str, tuple[str, dict[str, Any]]]
    preview: Preview


def _plan(session: Session, set_id: str, parsed: Parsed) -> _Plan:
    stored = need_fields(session, set_id)
    new_needs = {id: need for id, need in parsed.needs.items() if id not in stored}
    changed_needs = {id: need for id, need in parsed.needs.items() if id in stored and stored[id] != need[1]}
    listings = _known_listings(session, {row.pair[1] for row in parsed.grades})
    before = grades_by_judge(session, set_id) if parsed.grades else {}
    known_needs = stored.keys() | parsed.needs.keys()
    problems = list(parsed.problems)
    new, changed, same = [], [], 0
    for row in parsed.grades:
        fault = _unknown(row, known_needs, listings)
        earlier = before.get(row.pair, {}).get(row.judge)
        if fault is None and earlier not in (None, row.grade) and not parsed.upload.replace:
            fault = RowProblem(row.line, "already", f"{row.judge} 已标为 {earlier},这里是 {row.grade}", "grade")
        if fault is not None:
            problems.append(fault)
        elif earlier is None:
            new.append(row)
        elif earlier != row.grade:
            changed.append(row)
        else:
            same += 1
    problems.sort(key=lambda one: (one.file != "needs", one.line))
    told = Preview(
        parsed.upload.hash,
        {"new": len(new), "changed": len(changed), "same": same},
        {
            "new": len(new_needs),
            "changed": len(changed_needs),
            "same": len(parsed.needs) - len(new_needs) - len(changed_needs),
        },
        dict(sorted(Counter(row.judge for row in parsed.grades).items())),
        problems[:PROBLEMS_SHOWN],
        len(problems),
    )
    return _Plan(new, changed, new_needs, changed_needs, told)


def _unknown(row: GradeRow, needs: Collection[str], listings: Collection[str]) -> RowProblem | None:
    need_id, listing_id = row.pair
    if need_id not in needs:
        return RowProblem(row.line, "unknown_need", f"标注集里没有需求 {need_id}", "need_id")
    if listing_id not in listings:
        return RowProblem(row.line, "unknown_listing", f"没有条目 {listing_id}", "listing_id")
    return None


def _known_listings(session: Session, ids: Collection[str]) -> set[str]:
    known: set[str] = set()
    for part in parts(sorted(ids)):
        known.update(session.scalars(select(ListingRow.id).where(ListingRow.id.in_(part))))
    return known


def _write(session: Session, set_id: str, plan: _Plan) -> None:
    at = now()
    needs = [
        {"set_id": set_id, "need_id": id, "text": text, "fields": fields}
        for id, (text, fields) in plan.new_needs.items()
    ]
    if needs:
        session.execute(insert(JudgedNeedRow), needs)
    for id, (text, fields) in plan.changed_needs.items():
        where = (JudgedNeedRow.set_id == set_id, JudgedNeedRow.need_id == id)
        session.execute(update(JudgedNeedRow).where(*where).values(text=text, fields=fields))
    grades = [
        {
            "judgement_set": set_id,
            "need_id": row.pair[0],
            "listing_id": row.pair[1],
            "judge": row.judge,
            "grade": row.grade,
            "at": at,
        }
        for row in plan.new
    ]
    if grades:
        session.execute(insert(JudgementRow), grades)
    if plan.changed:
        _change(session, set_id, plan.changed)
    if grades or plan.changed:
        close_graded(session, set_id)


def _change(session: Session, set_id: str, rows: Sequence[GradeRow]) -> None:
    table = JudgementRow.__table__
    statement = (
        update(table)  # type: ignore[arg-type]  # a mapped class says FromClause of its table
        .where(
            table.c.judgement_set == set_id,
            table.c.need_id == bindparam("its_need"),
            table.c.listing_id == bindparam("its_listing"),
            table.c.judge == bindparam("its_judge"),
        )
        .values(grade=bindparam("its_grade"), at=now())
    )
    names = ("its_need", "its_listing", "its_judge", "its_grade")
    session.connection().execute(
        statement, [dict(zip(names, (*row.pair, row.judge, row.grade), strict=True)) for row in rows]
    )


def _read_needs(content: bytes) -> tuple[dict[str, tuple[str, dict[str, Any]]], list[RowProblem]]:
    decoded(content)
    needs: dict[str, tuple[str, dict[str, Any]]] = {}
    lines: dict[str, int] = {}
    problems: list[RowProblem] = []
    count = 0
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        count += 1
        if count > ROWS_MAX:
            raise TooLarge(f"文件超过 {ROWS_MAX} 行", hint="请分成几个文件", field="needs")
        try:
            need_id, text, fields = _need(line)
        except InvalidInput as error:
            problems.append(RowProblem(number, "need", error.message, error.field, "needs"))
            continue
        if need_id in needs:
            said = f"需求 {need_id} 与第 {lines[need_id]} 行重复"
            problems.append(RowProblem(number, "duplicate", said, "id", "needs"))
            continue
        needs[need_id], lines[need_id] = (text, fields), number
    return needs, problems


def _need(line: bytes) -> tuple[str, str, dict[str, Any]]:
    if len(line) > LINE_MAX:
        raise InvalidInput(f"这一行超过 {LINE_MAX} 字节", hint="请缩短说明")
    fields = json_lines.parse_line(line)
    need = need_from(fields)
    if "\\u0000" in line.decode() or len(need.text) > MAX_CHARACTERS:
        raise InvalidInput(f"含有空字符,或文字超过 {MAX_CHARACTERS} 字", hint="请改正这一行", field="description")
    return checked_id(need.id or ""), need.text, fields
