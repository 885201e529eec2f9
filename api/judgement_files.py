"""`/v1/judgement-sets/{id}/imports` and `/exports`: judgements and their needs as CSV, TREC qrels and JSON lines."""

from __future__ import annotations

import json
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Query, UploadFile
from fastapi import Form as FormField
from starlette.responses import Response

from api.dependencies import ActorDep, ReadingDep, SessionDep
from api.errors import responses
from api.judgement_answers import JudgementImportAnswer, import_json
from api.replies import reply
from matcher.catalogue.judging.content import adjudicated_grades, grades_by_judge, judgements_of, need_fields
from matcher.catalogue.judging.files import ID_MAX, Form, csv_of, qrels_of
from matcher.catalogue.judging.importing import IMPORTED, Upload, confirm, parse, preview
from matcher.catalogue.judging.sets import get_set
from matcher.errors import TooLarge
from matcher.understanding.documents import MAX_BYTES

ExportForm = Literal["csv", "qrels", "needs"]
_TYPES: dict[ExportForm, tuple[str, str]] = {
    "csv": ("csv", "text/csv"),
    "qrels": ("tsv", "text/tab-separated-values"),
    "needs": ("jsonl", "application/jsonl"),
}
#: A spreadsheet takes UTF-8 for what it is only behind this mark.
_BOM = "\ufeff"

router = APIRouter(
    prefix="/v1/judgement-sets/{set_id}", tags=["judgements"], responses=responses(401, 403, 404, 409, 422, 503)
)


def _upload(
    file: Annotated[UploadFile | None, File(description="标注:CSV(UTF-8)或 TREC qrels,100,000 行以内")] = None,
    needs: Annotated[UploadFile | None, File(description="需求:JSON Lines,如 needs.jsonl")] = None,
    form: Annotated[Form, FormField(description="标注文件的形式")] = "csv",
    judge: Annotated[str, FormField(max_length=ID_MAX, description="文件没有写标注人时用")] = IMPORTED,
    replace: Annotated[bool, FormField(description="已有的不同等级改为文件里的")] = False,
) -> Upload:
    return Upload(_content(file), _content(needs), form, judge, replace)


UploadDep = Annotated[Upload, Depends(_upload)]


@router.post("/imports", summary="预览标注文件", response_model=JudgementImportAnswer, responses=responses(413))
def upload(set_id: str, upload: UploadDep, session: ReadingDep, actor: ActorDep) -> Response:
    """What the files would do, and every row at fault; nothing is written."""
    actor.needs_admin()
    return reply(import_json(preview(session, set_id, parse(upload))))


@router.post(
    "/imports/confirmation", summary="写入标注文件", response_model=JudgementImportAnswer, responses=responses(413)
)
def confirmation(
    set_id: str,
    upload: UploadDep,
    hash: Annotated[str, FormField(max_length=64, description="预览给出的 hash")],
    session: SessionDep,
    actor: ActorDep,
) -> Response:
    """Write the same files, sent again with the hash of their preview, in one transaction."""
    actor.needs_admin()
    return reply(import_json(confirm(session, actor, set_id, parse(upload), hash)))


@router.get("/exports", summary="导出标注", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def export(
    set_id: str,
    session: ReadingDep,
    actor: ActorDep,
    form: Annotated[
        ExportForm, Query(description="csv 每位标注人一行;qrels 最终等级(TREC);needs 需求(JSON Lines)")
    ] = "csv",
) -> Response:
    """The grades of every judge, those that hold, or the needs, as a file that can come in again."""
    actor.needs_admin()
    found = get_set(session, set_id)
    if form == "csv":
        content = _BOM + csv_of(grades_by_judge(session, set_id), adjudicated_grades(session, set_id))
    elif form == "qrels":
        content = qrels_of(judgements_of(session, set_id).grades)
    else:
        needs = need_fields(session, set_id).values()
        content = "".join(json.dumps(need, ensure_ascii=False) + "\n" for need in needs)
    suffix, media_type = _TYPES[form]
    name = quote(f"{'needs' if form == 'needs' else 'judgements'}-{found.name}-{found.version}.{suffix}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content.encode(), headers=headers, media_type=f"{media_type}; charset=utf-8")


def _content(file: UploadFile | None) -> bytes | None:
    if file is None:
        return None
    content = file.file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLarge("文件超过 20 MB", hint="请分成几个文件", field="file")
    return content
