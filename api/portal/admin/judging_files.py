"""`/admin/judging/{set}/files`: judgements and needs from files, looked at before they are written; and out again."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import content_of
from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.errors import NotFound

#: Files up to so many bytes travel inside the page that confirms them; larger ones are chosen once more.
CARRIED: Final = 700_000
FORMS: Final = {"csv": later("CSV(每位标注人一行)"), "qrels": later("TREC qrels")}
PARTS: Final = ("file", "needs")
WRITTEN: Final = later("标注已写入")
CHOOSE: Final = later("请选择标注文件、需求文件,或两者")
EXPORTS: Final = ("csv", "qrels", "needs")

router = APIRouter(include_in_schema=False)


@router.get("/admin/judging/{set_id}/files")
async def files(page: PageDep, set_id: str) -> Response:
    """The form."""
    page.needs_sign_in("admin")
    return await _shown(page, set_id, Form.of(form="csv"))


@router.post("/admin/judging/{set_id}/files")
async def upload(page: PageDep, set_id: str, form: FormDep) -> Response:
    """Show what the files would do; or, with the hash of that, write them."""
    page.needs_sign_in("admin")
    sent = await _sent(form)
    if not sent:
        return await _shown(page, set_id, form.with_error("file", page.text(CHOOSE)), 422)
    data = {"form": form.get("form") or "csv", "replace": str(form.has("replace", "yes")).lower()}
    data |= {"judge": form.get("judge")} if form.get("judge") else {}
    path, known = f"/v1/judgement-sets/{set_id}/imports", form.get("hash")
    try:
        if known:
            await page.api.call("POST", f"{path}/confirmation", data=data | {"hash": known}, files=sent)
            return page.go(f"/admin/judging/{set_id}", page.text(WRITTEN))
        seen = (await page.api.call("POST", path, data=data, files=sent)).json
    except Refused as error:
        return await _shown(page, set_id, form.refused(error, {"form": "form"}), error.status)
    return await _shown(page, set_id, form, seen=seen, carried=_carried(sent))


@router.get("/admin/judging/{set_id}/exports/{form}")
async def export(page: PageDep, set_id: str, form: str) -> Response:
    """Judgements or needs as a file."""
    page.needs_sign_in("admin")
    if form not in EXPORTS:
        raise NotFound("没有这种文件")
    answer = await page.api.call("GET", f"/v1/judgement-sets/{set_id}/exports", query={"form": form})
    headers = {"Content-Disposition": answer.headers["content-disposition"], "Cache-Control": "no-store"}
    return Response(answer.content, headers=headers, media_type=answer.headers["content-type"])


async def _sent(form: Form) -> dict[str, tuple[str, bytes]]:
    """What was chosen now, or was carried along from the preview."""
    found = {}
    for part in PARTS:
        if part in form.files:
            found[part] = await content_of(form.files[part])
        elif form.get(f"carried-{part}"):
            try:
                found[part] = (part, base64.b64decode(form.get(f"carried-{part}"), validate=True))
            except binascii.Error:
                continue  # somebody's own text, not ours: as if nothing had been chosen
    return found


def _carried(sent: Mapping[str, tuple[str, bytes]]) -> dict[str, str] | None:
    """The files as hidden fields; None where they are too large for it."""
    if sum(len(content) for _, content in sent.values()) > CARRIED:
        return None
    return {part: base64.b64encode(content).decode() for part, (_, content) in sent.items()}


async def _shown(
    page: Page,
    set_id: str,
    form: Form,
    status: int = 200,
    *,
    seen: Any = None,
    carried: Mapping[str, str] | None = None,
) -> Response:
    about = await page.api.get(f"/v1/judgement-sets/{set_id}")
    choices = [(code, page.text(words)) for code, words in FORMS.items()]
    values = {"about": about, "form": form, "forms_of": choices, "seen": seen, "carried": carried}
    return page.render("admin/judging_files.html", status, **values)
