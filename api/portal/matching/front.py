"""`/`: one field for a need, the five columns, examples, cases and policies; and what is sent from there."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.matching.words import EXAMPLES, TYPES
from api.portal.menus import COLUMNS
from api.portal.rendering import Page, PageDep
from matcher.understanding.text import MAX_CHARACTERS

Json = dict[str, Any]
#: Of each: as many as stand beside one another on a desktop.
RECENT: Final = 3
#: The kind of each column, in the order of the menu; needs are counted apart.
KINDS: Final = ("solution", "need", "platform", "equipment", "manufacturer")
#: What the front page calls the need.
LABELS: Final = {"text": "中试需求"}
NO_FILE: Final = later("请选择一个文件")

router = APIRouter(include_in_schema=False)


@router.get("/")
async def front(page: PageDep) -> Response:
    """The front page."""
    return await shown(page)


@router.get("/matches")
async def nothing(page: PageDep) -> Response:
    """Where a form was refused and the page is loaded anew."""
    return page.go("/")


@router.post("/matches")
async def look(page: PageDep, form: FormDep) -> Response:
    """Keep the need and go to its matches."""
    try:
        made = await page.api.call("POST", "/v1/searches", json={"need": {"text": form.get("text")}}, once=form.once)
    except Refused as error:
        return await shown(page, error.status, form.refused(error, {"need": "text"}, LABELS))
    return page.go(f"/matches/{made.json['id']}")


@router.post("/matches/files")
async def read(page: PageDep, form: FormDep) -> Response:
    """Read a document, keep the need that it states and go to its matches."""
    file = form.files.get("file")
    if file is None:
        return await shown(page, 422, form.with_error("file", page.text(NO_FILE)))
    try:
        content = (file.filename or "", await file.read(), file.content_type or "application/octet-stream")
        document = await page.api.call("POST", "/v1/documents", files={"file": content})
        made = await page.api.call("POST", "/v1/searches", json={"need": document.json["need"]}, once=form.once)
    except Refused as error:
        return await shown(page, error.status, form.refused(error, {"file": "file", "need": "file", "text": "file"}))
    said = ";".join([page.text("已读取文档“%(name)s”", name=document.json["name"]), *document.json["notes"]])
    return page.go(f"/matches/{made.json['id']}", said, "note" if document.json["notes"] else "done")


async def shown(page: Page, status: int = 200, form: Form | None = None) -> Response:
    """The page, with what was typed where a form was refused."""
    listings, needs, cases, policies = await asyncio.gather(
        _asked(page, "/v1/listings", size=1),
        _asked(page, "/v1/needs/board", size=1),
        _asked(page, "/v1/listings", kind="case", sort="dated", size=RECENT),
        _asked(page, "/v1/listings", kind="policy", sort="dated", size=RECENT),
    )
    counts: Json = dict(listings["kinds"]) if listings is not None else {}
    if needs is not None:
        counts["need"] = needs["total"]
    return page.render(
        "matching/front.html",
        status,
        form=form or Form(),
        columns=list(zip(COLUMNS, (counts.get(kind) for kind in KINDS), strict=True)),
        is_empty=listings is not None and not any(listings["kinds"].values()),
        is_away=listings is None,
        cases=cases["listings"] if cases else [],
        policies=policies["listings"] if policies else [],
        examples=[page.text(one) for one in EXAMPLES],
        types={code: page.text(words) for code, words in TYPES.items()},
        longest=MAX_CHARACTERS,
    )


async def _asked(page: Page, path: str, **query: Any) -> Json | None:
    """What `/v1` answers; None where it can't: a part that is missing must not take the whole page with it."""
    try:
        found: Json = await page.api.get(path, **query)
    except Refused:
        return None
    return found
