"""`/admin/experiments`: a draft beside the published profile on live requests."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import NumberQuery, checked, chosen
from api.portal.client import Refused
from api.portal.desks.typed import Typed
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SIZE: Final = 20
STATES: Final = {"running": later("进行中"), "decided": later("已有结论"), "stopped": later("已停止")}
WHATS: Final = {
    "shadow": later("影子:草稿在后台排序,不展示"),
    "interleaving": later("交错:两个方案的结果交错成一个列表"),
}
STARTED: Final = later("试验已开始")
STOPPED: Final = later("试验已停止,已有的结果保留")
#: Shares are typed as percent.
PERCENT: Final = 100
SHARE: Final = 10

router = APIRouter(include_in_schema=False)


@router.get("/admin/experiments")
async def experiments(page: PageDep, state: str | None = None, number: NumberQuery = 1) -> Response:
    """The latest first."""
    page.needs_sign_in("admin")
    wanted = chosen(state, STATES)
    found = await page.api.get("/v1/experiments", state=wanted, page=number, size=SIZE)
    values = {"states": STATES, "whats": WHATS, "state": wanted, "number": number, "size": SIZE}
    return page.render("admin/experiments.html", 200, found=found, **values)


@router.get("/admin/experiments/new")
async def new(page: PageDep, profile: str = "") -> Response:
    """The form for one of a draft."""
    page.needs_sign_in("admin")
    return await _form_page(page, Form.of(profile=profile, what="shadow", share=SHARE))


@router.post("/admin/experiments/new")
async def begin(page: PageDep, form: FormDep) -> Response:
    """Start it."""
    page.needs_sign_in("admin")
    typed = Typed(page, form)
    share = typed.number("share")
    if not typed.is_readable:
        return await _form_page(page, typed.form, 422)
    body = {"share": (share or 0) / PERCENT} | {name: form.get(name) for name in ("what", "profile", "reason")}
    try:
        made = await page.api.call("POST", "/v1/experiments", json=body, once=form.once)
    except Refused as error:
        return await _form_page(page, form.refused(error), error.status)
    return page.go(f"/admin/experiments/{made.json['id']}", page.text(STARTED))


@router.get("/admin/experiments/{experiment_id}")
async def one(page: PageDep, experiment_id: str) -> Response:
    """What it has shown so far."""
    page.needs_sign_in("admin")
    return await _shown(page, experiment_id, Form())


@router.post("/admin/experiments/{experiment_id}/ending")
async def end(page: PageDep, experiment_id: str, form: FormDep) -> Response:
    """Stop it; what it has shown stays."""
    page.needs_sign_in("admin")
    checking = checked(page, form)
    if checking.errors:
        return await _shown(page, experiment_id, checking, 422)
    try:
        await page.api.call("POST", f"/v1/experiments/{experiment_id}/ending", json={"reason": form.get("reason")})
    except Refused as error:
        return await _shown(page, experiment_id, form.with_error("reason", error.message, error.hint), error.status)
    return page.go(f"/admin/experiments/{experiment_id}", page.text(STOPPED))


async def _form_page(page: Page, form: Form, status: int = 200) -> Response:
    whats = [(code, page.text(words)) for code, words in WHATS.items()]
    return page.render("admin/experiment_form.html", status, form=form, whats=whats, drafts=await _drafts(page, form))


async def _drafts(page: Page, form: Form) -> list[tuple[str, str]]:
    found = []
    for state in ("evaluated", "draft"):
        found += (await page.api.get("/v1/profiles", state=state, size=50))["profiles"]
    own = form.get("profile")
    if own and own not in {one["id"] for one in found}:
        try:
            found.append(await page.api.get(f"/v1/profiles/{own}"))
        except Refused:
            return [(own, own)]
    return [
        (one["id"], f"{one['name']} · {page.text(later('第 %(number)s 版'), number=one['version'])}") for one in found
    ]


async def _shown(page: Page, experiment_id: str, form: Form, status: int = 200) -> Response:
    found = await page.api.get(f"/v1/experiments/{experiment_id}")
    return page.render("admin/experiment.html", status, found=found, states=STATES, whats=WHATS, form=form)
