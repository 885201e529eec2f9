"""What goes out of judging: sets, tasks, progress, agreement, previews of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.answers import ListingAnswer
from api.listing_answers import Answer
from matcher.answers import listing_json
from matcher.catalogue.judging.agreement import Agreement, Disagreement
from matcher.catalogue.judging.guideline import ADVICE, GUIDELINE
from matcher.catalogue.judging.importing import Preview
from matcher.catalogue.judging.queues import Progress, Task
from matcher.catalogue.judging.sets import JudgementSet

Json = dict[str, Any]


class SetAnswer(Answer):
    """One version of a set; `content_hash` is there once it is frozen."""

    id: str
    name: str
    version: int
    description: str
    author_id: str | None
    created_at: datetime
    frozen_at: datetime | None
    content_hash: str | None
    needs: int
    judgements: int
    pairs: int
    judges: int
    adjudications: int


class SetsAnswer(Answer):
    sets: list[SetAnswer]


class FrozenAnswer(Answer):
    """The version that was frozen, and the open one that goes on from it."""

    frozen: SetAnswer
    open: SetAnswer


class GuideAnswer(Answer):
    grade: int = Field(ge=0, le=3)
    name: str
    when: str
    example: str


class ProgressAnswer(Answer):
    """Of one judge; `unseen` of the open ones can't be shown just now, as their listings are out of sight."""

    judge: str
    open: int
    skipped: int
    graded: int
    unseen: int


class QueueAnswer(Answer):
    """`added` are new tasks; `judges` how far everybody is."""

    added: int = 0
    judges: list[ProgressAnswer]


class JudgedNeedAnswer(Answer):
    """The need in its own words, and what it says beside them."""

    id: str
    text: str
    fields: dict[str, Any]


class TaskAnswer(Answer):
    need: JudgedNeedAnswer
    listing: ListingAnswer


class NextAnswer(Answer):
    """The next pair, null where the queue is done; the guideline, highest grade first; how far the judge is."""

    task: TaskAnswer | None
    guideline: list[GuideAnswer]
    advice: list[str]
    progress: ProgressAnswer


class AgreementAnswer(Answer):
    """Two judges over the pairs that both graded; `kappa` is null where it is not defined."""

    first: str
    second: str
    pairs: int
    same: float
    kappa: float | None


class DisagreementAnswer(Answer):
    need_id: str
    listing_id: str
    grades: dict[str, int]
    spread: int
    adjudicated: int | None


class AgreementsAnswer(Answer):
    """`kappa` is the mean over judges, by their pairs; `total` counts all disagreements."""

    kappa: float | None
    judges: list[AgreementAnswer]
    total: int
    page: int
    size: int
    disagreements: list[DisagreementAnswer]


class RowProblemAnswer(Answer):
    file: Literal["judgements", "needs"]
    line: int
    code: str
    message: str
    field: str | None


class JudgementImportAnswer(Answer):
    """What a file would do or, `written`, did; `hash` confirms it. `problems` are the first of `problem_count`."""

    hash: str
    grades: dict[str, int]
    needs: dict[str, int]
    judges: dict[str, int]
    problems: list[RowProblemAnswer]
    problem_count: int
    written: bool


def set_json(found: JudgementSet) -> Json:
    """`SetAnswer`."""
    values = asdict(found)
    return values | {name: _time(values[name]) for name in ("created_at", "frozen_at")}


def next_json(task: Task | None, progress: Progress) -> Json:
    """`NextAnswer`."""
    return {
        "task": task and task_json(task),
        "guideline": [asdict(one) for one in GUIDELINE],
        "advice": list(ADVICE),
        "progress": asdict(progress),
    }


def task_json(task: Task) -> Json:
    """`TaskAnswer`."""
    need = {"id": task.need_id, "text": task.text, "fields": dict(task.fields)}
    return {"need": need, "listing": listing_json(task.listing)}


def agreement_json(found: Agreement) -> Json:
    """`AgreementAnswer`; to four decimals."""
    kappa = None if found.kappa is None else round(found.kappa, 4)
    return asdict(found) | {"same": round(found.same, 4), "kappa": kappa}


def disagreement_json(found: Disagreement) -> Json:
    """`DisagreementAnswer`."""
    return asdict(found)


def import_json(found: Preview) -> Json:
    """`JudgementImportAnswer`."""
    counts: Mapping[str, Mapping[str, int]] = {"grades": found.grades, "needs": found.needs, "judges": found.judges}
    return {
        "hash": found.hash,
        **{name: dict(one) for name, one in counts.items()},
        "problems": [asdict(one) for one in found.problems],
        "problem_count": found.problem_count,
        "written": found.written,
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
