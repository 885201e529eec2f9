"""One's own account: name, language of messages, password, other devices."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from api.portal.wording import PERSON_LABELS

CHANGED = later("资料已保存")
PASSWORD_CHANGED = later("密码已修改,其他设备上的登录已失效")

router = APIRouter(include_in_schema=False)


@router.get("/account")
async def account(page: PageDep) -> Response:
    """The forms, filled in."""
    page.needs_sign_in()
    return await _shown(page)


@router.post("/account")
async def change(page: PageDep, form: FormDep) -> Response:
    """Write one's name and language."""
    page.needs_sign_in()
    body = {"name": form.get("name"), "language": form.get("language") or None}
    try:
        await page.api.call("PATCH", "/v1/account", json=body, etag=form.get("etag"))
    except Refused as error:
        return await _shown(page, error.status, form=form.refused(error, labels=PERSON_LABELS))
    return page.go("/account", page.text(CHANGED))


@router.post("/account/password")
async def password(page: PageDep, form: FormDep) -> Response:
    """Set another password."""
    page.needs_sign_in()
    body = {"current": form.get("current_password") or None, "new": form.get("new_password")}
    try:
        await page.api.call("PUT", "/v1/account/password", json=body)
    except Refused as error:
        named = form.refused(error, {"current": "current_password", "new": "new_password"})
        return await _shown(page, error.status, password_form=named)
    return page.go("/account", page.text(PASSWORD_CHANGED))


async def _shown(
    page: Page, status: int = 200, *, form: Form | None = None, password_form: Form | None = None
) -> Response:
    answer = await page.api.call("GET", "/v1/account")
    filled = form or Form.of(name=answer.json["name"], language=answer.json["language"], etag=answer.etag)
    return page.render("account.html", status, user=answer.json, form=filled, password_form=password_form or Form())
