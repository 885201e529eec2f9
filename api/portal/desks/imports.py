"""`/operator/imports`: a file is uploaded, looked at row by row, and taken as a whole or not at all."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SIZE: Final = 20
#: Rows of one page; decisions are sent with the page on which they are made.
ROWS: Final = 50
OUTCOMES: Final = {
    "new": later("新增"),
    "changed": later("更新"),
    "duplicate": later("疑似重复"),
    "error": later("有误"),
    "same": later("无变化"),
}
DECISIONS: Final = {"merge": later("合并到已有条目"), "keep": later("保留两条"), "skip": later("不导入")}
IMPORT_STATES: Final = {
    "previewed": later("等待确认"),
    "confirmed": later("已导入"),
    "discarded": later("已作废"),
}
CONFIRMED: Final = later("导入完成")
DISCARDED: Final = later("这次导入已作废,没有写入任何内容")
#: Fields of decisions: this and the key of the row.
DECISION: Final = "decision-"

router = APIRouter(include_in_schema=False)


@router.get("/operator/imports")
async def imports(page: PageDep, number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1) -> Response:
    """The form, and what was imported before."""
    page.needs_sign_in("operator")
    return await _shown(page, Form(), number=number)


@router.post("/operator/imports/files")
async def upload(page: PageDep, form: FormDep) -> Response:
    """Read a file; nothing is written to the catalogue."""
    page.needs_sign_in("operator")
    file = form.files.get("file")
    if file is None:
        return await _shown(page, form.with_error("file", page.text("请选择一个文件")), 422)
    try:
        sent = {"file": (file.filename or "file", await file.read())}
        made = await page.api.call("POST", "/v1/imports", files=sent, once=form.once)
    except Refused as error:
        return await _shown(page, form.refused(error), error.status)
    return page.go(f"/operator/imports/{made.json['id']}")


@router.get("/operator/imports/{import_id}")
async def one(
    page: PageDep,
    import_id: str,
    outcome: str | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """What would become of each row; or the result."""
    page.needs_sign_in("operator")
    form = Form.of(state="draft", suggestions="yes")
    return await _preview(page, import_id, form, outcome=outcome if outcome in OUTCOMES else None, number=number)


@router.post("/operator/imports/{import_id}")
async def confirm(page: PageDep, import_id: str, form: FormDep) -> Response:
    """Take all of it, as it was decided."""
    page.needs_sign_in("operator")
    chosen = {name: form.get(name) for name in form.values if name.startswith(DECISION)}
    body = {
        "decisions": {name.removeprefix(DECISION): value for name, value in chosen.items() if value in DECISIONS},
        "suggestions": form.has("suggestions", "yes"),
        "skip_errors": form.has("skip_errors", "yes"),
        "state": form.get("state") or None,
    }
    try:
        await page.api.call("POST", f"/v1/imports/{import_id}/confirmation", json=body, once=form.once)
    except Refused as error:
        return await _preview(page, import_id, form.with_error("", error.message, error.hint), error.status)
    return page.go(f"/operator/imports/{import_id}", page.text(CONFIRMED))


@router.post("/operator/imports/{import_id}/deletion")
async def discard(page: PageDep, import_id: str, form: FormDep) -> Response:
    """Forget it."""
    page.needs_sign_in("operator")
    try:
        await page.api.call("DELETE", f"/v1/imports/{import_id}")
    except Refused as error:
        return await _preview(page, import_id, form.with_error("", error.message, error.hint), error.status)
    return page.go("/operator/imports", page.text(DISCARDED))


async def _shown(page: Page, form: Form, status: int = 200, *, number: int = 1) -> Response:
    found = await page.api.get("/v1/imports", page=number, size=SIZE)
    values = {"found": found, "number": number, "size": SIZE, "states": IMPORT_STATES, "outcomes": OUTCOMES}
    return page.render("desks/imports.html", status, form=form, **values)


async def _preview(
    page: Page, import_id: str, form: Form, status: int = 200, *, outcome: str | None = None, number: int = 1
) -> Response:
    found: Any = await page.api.get(f"/v1/imports/{import_id}", outcome=outcome, page=number, size=ROWS)
    return page.render(
        "desks/import.html",
        status,
        found=found,
        form=form,
        outcome=outcome,
        outcomes=OUTCOMES,
        decisions=DECISIONS,
        states=IMPORT_STATES,
        number=number,
        size=ROWS,
    )
