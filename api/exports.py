"""`GET /v1/exports/listings` and `/v1/templates/{form}`: what the caller may see as a file, and forms to fill in."""

from __future__ import annotations

import io
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api.dependencies import ActorDep, ReadingDep
from api.errors import responses
from api.listing_bodies import ListingsQuery
from api.need_sessions import TodayDep
from matcher.catalogue.exporting.files import MEDIA_TYPES, Encoding, FileType, export
from matcher.catalogue.exporting.templates import template
from matcher.catalogue.importing.headings import Form
from matcher.catalogue.listings.queries import listings_for
from matcher.catalogue.listings.standing import check_reader

ExportForm = Literal["xlsx", "csv", "gb18030", "jsonl", "uniquip", "instruments", "directory"]
TemplateForm = Literal["template", "uniquip", "instruments", "directory"]
#: What a form is made of: the columns, the type of file, and the encoding of a CSV.
_FORMS: dict[ExportForm, tuple[Form, FileType, Encoding]] = {
    "xlsx": ("template", "xlsx", "utf-8-sig"),
    "csv": ("template", "csv", "utf-8-sig"),
    "gb18030": ("template", "csv", "gb18030"),
    "jsonl": ("jsonl", "jsonl", "utf-8-sig"),
    "uniquip": ("uniquip", "xlsx", "utf-8-sig"),
    "instruments": ("instruments", "xlsx", "utf-8-sig"),
    "directory": ("directory", "xlsx", "utf-8-sig"),
}
XLSX = MEDIA_TYPES["xlsx"]

router = APIRouter(prefix="/v1", tags=["exports"], responses=responses(401, 403, 422, 503))


class ExportQuery(ListingsQuery):
    """Which listings, as for `GET /v1/listings`, and in which form; page, size and sort mean nothing here."""

    form: ExportForm = Field(
        "xlsx", description="文件形式:本系统模板 xlsx / csv / gb18030,或 jsonl、uniquip、instruments、directory"
    )


@router.get("/exports/listings", summary="导出条目", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def listings(query: Annotated[ExportQuery, Query()], session: ReadingDep, actor: ActorDep, today: TodayDep) -> Response:
    """Every listing that meets the filters and that the caller may see, as a file that can come in again."""
    check_reader(actor)
    columns, file_type, encoding = _FORMS[query.form]
    out = io.BytesIO()
    export(listings_for(session, actor, query.wanted()), columns, out, file_type=file_type, encoding=encoding)
    charset = "" if file_type == "xlsx" else f"; charset={encoding.removesuffix('-sig')}"
    return _file(out.getvalue(), f"条目-{today.isoformat()}.{file_type}", MEDIA_TYPES[file_type] + charset)


@router.get(
    "/templates/{form}", summary="下载导入模板", response_class=Response, responses={200: {"content": {XLSX: {}}}}
)
def form(form: TemplateForm, actor: ActorDep) -> Response:
    """An empty form with Chinese headings, an example row and an explanation of each column."""
    check_reader(actor)
    return _file(template(form), f"模板-{form}.xlsx", XLSX)


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, headers=headers, media_type=media_type)
