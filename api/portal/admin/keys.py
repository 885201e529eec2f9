"""`/admin/keys`: the administrator's own API keys; `/admin/outbox`: what could not be sent."""

from __future__ import annotations

from typing import Final, get_args

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import NumberQuery, chosen
from api.portal.client import Refused
from api.portal.desks.typed import Typed
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.catalogue.access import Scope

SIZE: Final = 20
DAYS: Final = 365
SCOPES: Final[dict[str, str]] = {
    "match": later("匹配"),
    "read": later("读取条目与自己的内容"),
    "listings": later("维护条目"),
    "needs": later("维护需求与对接申请"),
    "feed": later("读取变更流"),
    "admin": later("管理"),
}
assert set(SCOPES) == set(get_args(Scope))  # a scope without words would stay out of the form unseen
KEY: Final = later("API 密钥(只显示这一次,请立即保存):%(secret)s")
STATES: Final = {"given_up": later("发送失败"), "waiting": later("等待发送"), "sent": later("已发送")}

router = APIRouter(include_in_schema=False)


@router.get("/admin/keys")
async def keys(page: PageDep) -> Response:
    """One's own keys, and the form for another."""
    page.needs_sign_in("admin")
    return await _shown(page, Form.of(days=DAYS))


@router.post("/admin/keys")
async def create(page: PageDep, form: FormDep) -> Response:
    """Make one; its secret is shown once."""
    page.needs_sign_in("admin")
    typed = Typed(page, form)
    days = typed.number("days")
    body = {"name": form.get("name"), "scopes": [one for one in form.all("scopes") if one in SCOPES]}
    if not typed.is_readable:
        return await _shown(page, typed.form, 422)
    try:
        made = await page.api.call("POST", "/v1/api-keys", json=body | {"days": int(days or DAYS)}, once=form.once)
    except Refused as error:
        return await _shown(page, form.refused(error), error.status)
    secret = made.json["secret"]
    return page.go("/admin/keys", page.text(KEY, secret=secret) if secret else None)


@router.post("/admin/keys/{key_id}")
async def revoke(page: PageDep, key_id: str, form: FormDep) -> Response:
    """End one."""
    page.needs_sign_in("admin")
    await page.api.call("DELETE", f"/v1/api-keys/{key_id}")
    return page.go("/admin/keys", page.text(later("API 密钥已吊销")))


@router.get("/admin/outbox")
async def outbox(page: PageDep, state: str | None = None, number: NumberQuery = 1) -> Response:
    """What waits to be sent and what was given up; never what it says."""
    page.needs_sign_in("admin")
    wanted = chosen(state, STATES) or "given_up"
    found = await page.api.get("/v1/outbox", state=wanted, page=number, size=SIZE)
    return page.render("admin/outbox.html", found=found, states=STATES, state=wanted, number=number, size=SIZE)


@router.post("/admin/outbox/{delivery_id}")
async def retry(page: PageDep, delivery_id: str, form: FormDep) -> Response:
    """Try one again."""
    page.needs_sign_in("admin")
    await page.api.call("POST", f"/v1/outbox/{delivery_id}/retry")
    return page.go("/admin/outbox", page.text(later("已重新排队发送")))


async def _shown(page: Page, form: Form, status: int = 200) -> Response:
    found = await page.api.get("/v1/api-keys")
    scopes = [(code, page.text(words)) for code, words in SCOPES.items()]
    return page.render("admin/keys.html", status, keys=found["keys"], form=form, scopes=scopes, words=SCOPES)
