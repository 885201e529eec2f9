"""What a requester does with a need: publish, close, open again; who sees what; consents; alerts; delete."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.desks.need_forms import LABELS, LEVELS
from api.portal.desks.needs import need_page
from api.portal.desks.overwriting import over_a_newer_version
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.catalogue.needs.content import FIELDS
from matcher.errors import NotFound

#: Act → where `/v1` has it, what the button says, and what is said afterwards.
ACTS: Final = {
    "publish": ("publication", later("发布"), later("需求已发布")),
    "talk": ("talks", later("转入洽谈"), later("需求已转入洽谈")),
    "match": ("match", later("标为已对接"), later("需求已标为已对接")),
    "close": ("closing", later("关闭"), later("需求已关闭,别人不再看到它")),
    "reopen": ("reopening", later("重新开放"), later("需求已重新开放")),
}
OPENED: Final = later("公开范围已保存")
CONSENTED: Final = later("已同意,该单位现在可以查看您选定的内容")
TAKEN_BACK: Final = later("已收回同意")
DELETED: Final = later("需求已删除")
SUBSCRIBED: Final = later("有新的合适供给时会提醒您")

router = APIRouter(include_in_schema=False)


@router.post("/desk/needs/{need_id}/acts")
async def act(page: PageDep, need_id: str, form: FormDep) -> Response:
    """Lead a need from state to state."""
    page.needs_sign_in("requester", "broker")
    if form.get("act") not in ACTS:
        raise NotFound("没有这种操作")
    path, _, said = ACTS[form.get("act")]
    try:
        await page.api.call("POST", f"/v1/needs/{need_id}/{path}", etag=form.get("etag") or None)
    except Refused as error:
        return await _refused(page, need_id, form, error)
    return page.go(f"/desk/needs/{need_id}", page.text(said))


@router.post("/desk/needs/{need_id}/matches")
async def matches(page: PageDep, need_id: str, form: FormDep) -> Response:
    """Look for what fits the need now; the search is kept as any other, so that no words stand in an address."""
    page.needs_sign_in("requester", "broker")
    need = await page.api.get(f"/v1/needs/{need_id}")
    fields = {name: value for name, value in need["fields"].items() if value not in (None, "", [])}
    made = await page.api.call("POST", "/v1/searches", json={"need": fields}, once=form.once)
    return page.go(f"/matches/{made.json['id']}?need={need_id}")


@router.post("/desk/needs/{need_id}/visibility")
async def visibility(page: PageDep, need_id: str, form: FormDep) -> Response:
    """Set who sees which field."""
    page.needs_sign_in("requester", "broker")
    levels = {name: form.get(name) for name in FIELDS if form.get(name) in LEVELS}
    body = {"visibility": levels, "listed": form.has("listed", "yes")}
    try:
        await page.api.call("PUT", f"/v1/needs/{need_id}/visibility", json=body, etag=form.get("etag"))
    except Refused as error:
        if error.status != 412:
            return await need_page(page, need_id, error.status, privacy=form.refused(error))
        form = await over_a_newer_version(page, form, f"/v1/needs/{need_id}")
        return await need_page(page, need_id, error.status, privacy=form)
    return page.go(f"/desk/needs/{need_id}#privacy", page.text(OPENED))


@router.post("/desk/needs/{need_id}/consents")
async def consent(page: PageDep, need_id: str, form: FormDep) -> Response:
    """Let an organisation read more, or no longer."""
    page.needs_sign_in("requester", "broker")
    gives = form.get("act") != "end"
    try:
        path = f"/v1/needs/{need_id}/consents/{form.get('organisation_id') or '-'}"
        await page.api.call("PUT" if gives else "DELETE", path)
    except Refused as error:
        return await _refused(page, need_id, form, error)
    return page.go(f"/desk/needs/{need_id}#consents", page.text(CONSENTED if gives else TAKEN_BACK))


@router.post("/desk/needs/{need_id}/alerts")
async def alerts(page: PageDep, need_id: str, form: FormDep) -> Response:
    """Hear of listings that fit."""
    page.needs_sign_in("requester", "broker")
    body = {"about_kind": "need", "about_id": need_id, "channels": ["message"], "pace": "at_once"}
    try:
        await page.api.call("POST", "/v1/subscriptions", json=body, once=form.once)
    except Refused as error:
        return await _refused(page, need_id, form, error)
    return page.go(f"/desk/needs/{need_id}", page.text(SUBSCRIBED))


@router.post("/desk/needs/{need_id}/deletion")
async def delete(page: PageDep, need_id: str, form: FormDep) -> Response:
    """Remove it for good, when the box that says so is ticked."""
    page.needs_sign_in("requester", "broker")
    if not form.has("sure", "yes"):
        wrong = form.with_error("sure", page.text("请先勾选确认"))
        return await need_page(page, need_id, 422, form=wrong)
    try:
        await page.api.call("DELETE", f"/v1/needs/{need_id}", etag=form.get("etag"))
    except Refused as error:
        return await _refused(page, need_id, form, error)
    return page.go("/desk/needs", page.text(DELETED))


async def _refused(page: Page, need_id: str, form: Form, error: Refused) -> Response:
    """The page of the need with the error at its top; one that is not there any more is not found."""
    label = LABELS.get(error.field or "")
    message = error.message.replace(error.field or "", page.text(label), 1) if label else error.message
    return await need_page(page, need_id, error.status, form=form.with_error("", message, error.hint))
