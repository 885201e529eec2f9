"""`/v1/imports`: a file of listings is read and previewed, looked at row by row, and confirmed as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.dependencies import ActorDep, ReadingDep, SessionDep
from api.errors import responses
from api.idempotency import IdempotencyDep
from api.listing_answers import Answer
from api.replies import reply
from api.schemas import TOP_MAX, Strict
from matcher.catalogue.importing.plan import Decision
from matcher.catalogue.importing.previews import OUTCOME_NAMES, Outcome
from matcher.catalogue.lifecycle import State
from matcher.catalogue.listings.importable import preview_file
from matcher.catalogue.listings.imports import (
    Import,
    ImportState,
    confirm,
    discard,
    find_import,
    imports_of,
    keep_preview,
)
from matcher.catalogue.listings.limits import ID_MAX
from matcher.catalogue.listings.standing import check_keeper
from matcher.errors import TooLarge
from matcher.understanding.documents import MAX_BYTES

#: Rows of the largest file that is read.
DECISIONS_MAX = 100_000
FILE_HELP = "xlsx、xls、ods、CSV(UTF-8 或 GB18030)或 JSON Lines,20 MB 以内"

router = APIRouter(prefix="/v1/imports", tags=["imports"], responses=responses(401, 403, 422, 503))


class ImportAnswer(Answer):
    """`counts` of rows by outcome, `warnings` by sort; `result` once it is confirmed."""

    id: str
    file_name: str
    file_hash: str
    state: ImportState
    organisation_id: str | None
    counts: dict[Outcome, int]
    warnings: dict[str, int]
    notes: list[str]
    format: str
    encoding: str | None
    size: int
    result: dict[str, int] | None
    created_at: datetime
    confirmed_at: datetime | None


class ProblemAnswer(Answer):
    level: Literal["error", "warning"]
    code: str
    column: str | None
    message: str
    hint: str | None


class FieldChangeAnswer(Answer):
    field: str
    label: str
    old: str
    new: str


class DuplicateAnswer(Answer):
    """A likely duplicate: `row` is the key of a row of this file, null where it stands in the catalogue."""

    id: str
    name: str
    operator: str | None
    row: str | None
    score: float
    reason: str
    suggestion: Literal["merge", "keep"]


class ImportRowAnswer(Answer):
    """What would become of one row; `key` names it in decisions, `id` the listing that it changes."""

    key: str
    sheet: str
    row: int
    outcome: Outcome
    outcome_name: str
    id: str | None
    name: str | None
    operator: str | None
    changes: list[FieldChangeAnswer]
    problems: list[ProblemAnswer]
    duplicates: list[DuplicateAnswer]


class ImportRowsAnswer(ImportAnswer):
    """An import and one page of its rows; `total` are those of the outcome asked for."""

    total: int
    page: int
    page_size: int
    rows: list[ImportRowAnswer]


class ImportsAnswer(Answer):
    total: int
    page: int
    size: int
    imports: list[ImportAnswer]


class RowsQuery(Strict):
    outcome: Outcome | None = Field(None, description="只看这一种结果的行")
    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=TOP_MAX)


class PageQuery(Strict):
    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(20, ge=1, le=TOP_MAX)


class ConfirmationBody(Strict):
    """What to do: `decisions` by the key of a row; each row that may be a duplicate needs one, or `suggestions`."""

    decisions: dict[Annotated[str, StringConstraints(max_length=40)], Decision] = Field({}, max_length=DECISIONS_MAX)
    suggestions: bool = Field(False, description="没有决定的疑似重复行按建议处理")
    skip_errors: bool = Field(False, description="略过有误的行")
    state: State | None = Field(None, description="新增条目的状态:draft 或 submitted;管理员缺省为 published")


@router.post(
    "", summary="上传并预览一个文件", status_code=201, response_model=ImportAnswer, responses=responses(409, 413)
)
def upload(
    file: Annotated[UploadFile, File(description=FILE_HELP)],
    reading: ReadingDep,
    session: SessionDep,
    actor: ActorDep,
    once: IdempotencyDep,
    organisation_id: Annotated[str | None, Form(max_length=ID_MAX, description="单位编号,限管理员")] = None,
) -> Response:
    """Read a file and keep the preview. Nothing is written to the catalogue before it is confirmed."""
    check_keeper(actor)
    content = file.file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLarge("文件超过 20 MB", hint="请分成几个文件,或用命令行 pilotmatch import", field="file")

    # Reading takes seconds: in a session of its own it keeps nobody from writing meanwhile.
    found = preview_file(reading, actor, file.filename or "文件", content, organisation_id)
    return once.run(lambda: _reply(keep_preview(session, actor, found, organisation_id), 201))


@router.get("", summary="我的导入", response_model=ImportsAnswer)
def imports(query: Annotated[PageQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """The caller's imports, latest first; for admins everybody's."""
    total, found = imports_of(session, actor, page=query.page, size=query.size)
    listed = [import_json(one) for one in found]
    return reply({"total": total, "page": query.page, "size": query.size, "imports": listed})


@router.get("/{import_id}", summary="一次导入及其各行", response_model=ImportRowsAnswer, responses=responses(404))
def one(import_id: str, query: Annotated[RowsQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """What would become of each row, page by page."""
    found = find_import(session, actor, import_id, with_rows=True)
    rows = [row for row in found.rows if query.outcome in (None, row["outcome"])]
    first = (query.page - 1) * query.size
    page = [_row_json(row) for row in rows[first : first + query.size]]
    return reply(import_json(found) | {"total": len(rows), "page": query.page, "page_size": query.size, "rows": page})


@router.post(
    "/{import_id}/confirmation",
    summary="确认导入",
    response_model=ImportAnswer,
    responses=responses(404, 409, 412, 413),
)
def confirmation(
    import_id: str, body: ConfirmationBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep
) -> Response:
    """Write all of it in one transaction, or nothing."""
    check_keeper(actor)
    return once.run(
        lambda: _reply(
            confirm(
                session,
                actor,
                import_id,
                body.decisions,
                state=body.state,
                suggestions=body.suggestions,
                skip_errors=body.skip_errors,
            )
        )
    )


@router.delete("/{import_id}", summary="作废一次导入", status_code=204, responses=responses(404, 409))
def remove(import_id: str, session: SessionDep, actor: ActorDep) -> Response:
    """Forget a preview that was not confirmed."""
    discard(session, actor, import_id)
    return Response(status_code=204)


def import_json(found: Import) -> dict[str, Any]:
    """`ImportAnswer`."""
    answer = ImportAnswer(
        id=found.id,
        file_name=found.file_name,
        file_hash=found.file_hash,
        state=found.state,
        organisation_id=found.organisation_id,
        created_at=found.created_at,
        confirmed_at=found.confirmed_at,
        **({"result": None} | found.summary),
    )
    return answer.model_dump(mode="json")


def _reply(found: Import, status: int = 200) -> Response:
    response = reply(import_json(found))
    response.status_code = status
    if status == 201:
        response.headers["Location"] = f"/v1/imports/{found.id}"
    return response


def _row_json(row: Mapping[str, Any]) -> dict[str, Any]:
    listing, base = row["listing"] or {}, row["base"]
    problems = ("level", "code", "column", "message", "hint")
    duplicate = ("id", "name", "operator", "row", "score", "reason", "suggestion")
    return {
        "key": row["key"],
        "sheet": row["sheet"],
        "row": row["row"],
        "outcome": row["outcome"],
        "outcome_name": OUTCOME_NAMES[row["outcome"]],
        "id": base["listing"]["id"] if base else None,
        "name": listing.get("name") or row.get("name"),
        "operator": listing.get("operator") or row.get("operator"),
        "changes": row["changes"],
        "problems": [{name: one[name] for name in problems} for one in row["problems"]],
        "duplicates": [{name: one[name] for name in duplicate} for one in row["duplicates"]],
    }
