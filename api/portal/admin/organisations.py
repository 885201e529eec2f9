"""`/admin/organisations`: units that operate and request."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.admin.acting import NumberQuery, checked
from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

SIZE: Final = 20
FIELDS: Final = ("name", "credit_code", "province", "city")
MADE: Final = later("单位已登记")
SAVED: Final = later("单位已保存")
REMOVED: Final = later("单位已删除")

router = APIRouter(include_in_schema=False)


@router.get("/admin/organisations")
async def organisations(page: PageDep, q: str = "", province: str = "", number: NumberQuery = 1) -> Response:
    """One page of them by name."""
    page.needs_sign_in("admin")
    words, where = q.strip()[:200], province.strip()[:100]
    found = await page.api.get("/v1/organisations", q=words, province=where, page=number, size=SIZE)
    values = {"q": words, "province": where, "number": number, "size": SIZE}
    return page.render("admin/organisations.html", 200, found=found, **values)


@router.get("/admin/organisations/new")
async def new(page: PageDep) -> Response:
    """The form of a new one."""
    page.needs_sign_in("admin")
    return page.render("admin/organisation.html", form=Form.of(active="yes"), removing=Form(), organisation=None)


@router.post("/admin/organisations/new")
async def create(page: PageDep, form: FormDep) -> Response:
    """Register it."""
    page.needs_sign_in("admin")
    try:
        made = await page.api.call("POST", "/v1/organisations", json=_body(form), once=form.once)
    except Refused as error:
        values = {"form": form.refused(error), "removing": Form(), "organisation": None}
        return page.render("admin/organisation.html", error.status, **values)
    return page.go(f"/admin/organisations/{made.json['id']}", page.text(MADE))


@router.get("/admin/organisations/{organisation_id}")
async def one(page: PageDep, organisation_id: str) -> Response:
    """The form, filled in, and what belongs to it."""
    page.needs_sign_in("admin")
    return await _shown(page, organisation_id)


@router.post("/admin/organisations/{organisation_id}")
async def change(page: PageDep, organisation_id: str, form: FormDep) -> Response:
    """Write all of it; out of use where the box is not ticked."""
    page.needs_sign_in("admin")
    path = f"/v1/organisations/{organisation_id}"
    try:
        await page.api.call("PUT", path, json=_body(form), etag=form.get("etag"))
    except Refused as error:
        return await _shown(page, organisation_id, error.status, form=form.refused(error))
    return page.go(f"/admin/organisations/{organisation_id}", page.text(SAVED))


@router.post("/admin/organisations/{organisation_id}/deletion")
async def remove(page: PageDep, organisation_id: str, form: FormDep) -> Response:
    """Delete one that nothing belongs to."""
    page.needs_sign_in("admin")
    checking = checked(page, form, reason=False)
    if checking.errors:
        return await _shown(page, organisation_id, 422, removing=checking)
    try:
        await page.api.call("DELETE", f"/v1/organisations/{organisation_id}", etag=form.get("etag"))
    except Refused as error:
        wrong = form.with_error("", error.message, error.hint)
        return await _shown(page, organisation_id, error.status, removing=wrong)
    return page.go("/admin/organisations", page.text(REMOVED))


def _body(form: Form) -> dict[str, Any]:
    values: dict[str, Any] = {name: form.get(name) or None for name in FIELDS}
    return values | {"name": form.get("name"), "active": form.has("active", "yes")}


async def _shown(
    page: Page, organisation_id: str, status: int = 200, *, form: Form | None = None, removing: Form | None = None
) -> Response:
    answer = await page.api.call("GET", f"/v1/organisations/{organisation_id}")
    found = answer.json
    active = "yes" if found["active"] else None
    filled = form or Form.of(**{name: found[name] for name in FIELDS}, active=active, etag=answer.etag)
    people = await page.api.get("/v1/users", organisation_id=organisation_id, size=SIZE)
    listings = await page.api.get("/v1/listings", mine="true", organisation_id=organisation_id, size=1)
    return page.render(
        "admin/organisation.html",
        status,
        organisation=found,
        etag=answer.etag,
        form=filled,
        removing=removing or Form(),
        people=people,
        listings=listings["total"],
    )
