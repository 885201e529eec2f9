"""`/matches/{id}/report.pdf`, `.docx`, `.xlsx`: the matches to take away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from api.portal.matching.asking import answer_to, search_of
from api.portal.matching.report_document import document
from api.portal.matching.report_pages import pages
from api.portal.matching.report_sheet import sheet
from api.portal.matching.reporting import LENGTH, Report, report_of
from api.portal.matching.results import PRIVATE
from api.portal.rendering import PageDep
from matcher.today import today

Form = Literal["pdf", "docx", "xlsx"]
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
#: Form → its media type, and what writes it.
WRITERS: Final[dict[Form, tuple[str, Callable[[Report], bytes]]]] = {
    "pdf": ("application/pdf", pages),
    "docx": (f"{_OFFICE}wordprocessingml.document", document),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", sheet),
}

router = APIRouter(include_in_schema=False)


@router.get("/matches/{search_id}/report.{form}")
async def report(search_id: str, form: Annotated[Form, Path()], page: PageDep) -> Response:
    """The report as a file."""
    search = await search_of(page, search_id)
    answer = await answer_to(page, search, top=LENGTH, counted=False)
    media_type, write = WRITERS[form]
    content = await run_in_threadpool(write, report_of(page, search, answer))
    name = quote(f"{page.text('中试匹配报告')}-{today().isoformat()}.{form}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(content, 200, headers | PRIVATE, media_type)
