"""What pages of the console share: acts that ask for confirmation, files of figures, places in a long list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import Query
from starlette.datastructures import UploadFile
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.desks.statistics import plain
from api.portal.forms import Form
from api.portal.languages import later
from api.portal.rendering import Page

#: The box of a form whose act is dangerous.
CONFIRMED: Final = "confirmed"
_UNCONFIRMED: Final = later("请先勾选“我已确认”")
_WITHOUT_REASON: Final = later("请写明理由")

NumberQuery = Annotated[int, Query(alias="page", ge=1, le=100_000)]


def checked(page: Page, form: Form, *, reason: bool = True) -> Form:
    """A form that asks for something dangerous, with an error for the box and the reason that are missing."""
    found = form
    if reason and not form.get("reason"):
        found = found.with_error("reason", page.text(_WITHOUT_REASON))
    if not form.has(CONFIRMED, "yes"):
        found = found.with_error(CONFIRMED, page.text(_UNCONFIRMED))
    return found


def table_file(page: Page, name: str, headings: Iterable[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Figures as a file that spreadsheets open; a mark at its beginning tells Excel that it is UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([page.text(one) for one in headings])
    for row in rows:
        writer.writerow([plain(one) if isinstance(one, str) else "" if one is None else one for one in row])
    headers = {"Content-Disposition": f"attachment; filename={name}.csv", "Cache-Control": "no-store"}
    return Response("\ufeff" + out.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


async def optional(page: Page, path: str, **query: Any) -> Any:
    """The JSON of a GET; None where there is nothing of it yet (404)."""
    try:
        return await page.api.get(path, **query)
    except Refused as error:
        if error.status == 404:
            return None
        raise


async def content_of(file: UploadFile) -> tuple[str, bytes]:
    """Name and bytes of an upload, which is closed: what has been spooled to disk goes at once."""
    content = await file.read()
    await file.close()
    return file.filename or "file", content


def chosen(value: str | None, known: Mapping[str, Any] | Sequence[str]) -> str | None:
    """A value of the address, if it is one that is known."""
    return value if value is not None and value in known else None
