"""`/desk/needs`: a requester's needs by state, one of them, and the form in which they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.desks.need_forms import LEVELS, body_of, form_of, refused_need, shown
from api.portal.desks.overwriting import over_a_newer_version
from api.portal.desks.typed import options
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.matching.understood import conditions_of
from api.portal.rendering import Page, PageDep
from matcher.catalogue.needs.states import MAY, TRANSITIONS, Act
from matcher.understanding.corrections import name_of

SIZE: Final = 20
STATES: Final = {
    "draft": later("草稿"),
    "published": later("已发布"),
    "in_talks": later("洽谈中"),
    "matched": later("已对接"),
    "closed": later("已关闭"),
    "expired": later("已过期"),
}
CREATED: Final = later("需求已保存为草稿,还没有公开任何内容")
SAVED: Final = later("需求已保存")
#: Who is meant by whom the page shows others' view of a need.
EYES: Final = {
    "stranger": later("未登录的人"),
    "signed_in": later("登录的人"),
    "consented": later("经您同意的单位"),
}

#: What people keep to themselves and yet write into the description, by the type of the condition read there.
KEPT_BACK: Final = {"budget": "budget_wan", "deadline": "deadline"}

router = APIRouter(include_in_schema=False)


@router.get("/desk/needs")
async def listed(
    page: PageDep, state: str | None = None, number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1
) -> Response:
    """One page of one's needs, and how many are in each state."""
    page.needs_sign_in("requester", "broker")
    wanted = state if state in STATES else None
    found = await page.api.get("/v1/needs", state=wanted, page=number, size=SIZE)
    return page.render("desks/needs.html", found=found, states=STATES, state=wanted, number=number, size=SIZE)


@router.get("/desk/needs/new")
async def new(page: PageDep, search: str | None = None) -> Response:
    """An empty form, or one filled in with what was searched for."""
    page.needs_sign_in("requester", "broker")
    form = Form()
    if search is not None:
        form = form_of({"fields": await _searched(page, search)}, None)
    return _form(page, form, None)


@router.post("/desk/needs")
async def create(page: PageDep, form: FormDep) -> Response:
    """Keep a draft, or show again what was typed with what was read from it."""
    page.needs_sign_in("requester", "broker")
    body, form = body_of(page, form)
    if form.errors:
        return _form(page, form, None, 422)
    if form.get("act") == "read":
        return _form(page, form, None, read=await understood(page, body))
    try:
        made = await page.api.call("POST", "/v1/needs", json=body, once=form.once)
    except Refused as error:
        return _form(page, refused_need(page, form, error), None, error.status)
    return page.go(f"/desk/needs/{made.json['id']}", page.text(CREATED))


@router.get("/desk/needs/{need_id}")
async def one(page: PageDep, need_id: str, unit: str | None = None) -> Response:
    """All about a need: how it stands, what it says, who sees what, who was consented to."""
    page.needs_sign_in("requester", "broker")
    return await need_page(page, need_id, unit=unit)


@router.get("/desk/needs/{need_id}/edit")
async def edit(page: PageDep, need_id: str) -> Response:
    """The form, filled in."""
    page.needs_sign_in("requester", "broker")
    answer = await page.api.call("GET", f"/v1/needs/{need_id}")
    if "version" not in answer.json:  # another's, on the wall
        return page.go(f"/needs/{need_id}")
    return _form(page, form_of(answer.json, answer.etag), need_id)


@router.post("/desk/needs/{need_id}/edit")
async def change(page: PageDep, need_id: str, form: FormDep) -> Response:
    """Write it anew."""
    page.needs_sign_in("requester", "broker")
    body, form = body_of(page, form)
    if form.errors:
        return _form(page, form, need_id, 422)
    if form.get("act") == "read":
        return _form(page, form, need_id, read=await understood(page, body))
    try:
        await page.api.call("PUT", f"/v1/needs/{need_id}", json=body, etag=form.get("etag"))
    except Refused as error:
        if error.status == 412:
            form = await over_a_newer_version(page, form, f"/v1/needs/{need_id}")
        else:
            form = refused_need(page, form, error)
        return _form(page, form, need_id, error.status)
    return page.go(f"/desk/needs/{need_id}", page.text(SAVED))


async def need_page(
    page: Page,
    need_id: str,
    status: int = 200,
    *,
    form: Form | None = None,
    privacy: Form | None = None,
    unit: str | None = None,
) -> Response:
    """The page of a need, with the forms that were refused."""
    answer = await page.api.call("GET", f"/v1/needs/{need_id}")
    need = answer.json
    if "version" not in need:
        return page.go(f"/needs/{need_id}")
    address = f"/v1/needs/{need_id}"
    views = {eyes: await page.api.get(f"{address}/outside", to=eyes) for eyes in EYES}
    units = (await page.api.get("/v1/organisations", q=unit, size=10))["organisations"] if unit else None
    enquiries = await page.api.get("/v1/enquiries", need_id=need_id, size=50)
    read = await understood(page, need["fields"])
    visibility = privacy or Form.of(**need["visibility"], listed="yes" if need["listed"] else None, etag=answer.etag)
    return page.render(
        "desks/need.html",
        status,
        need=need,
        etag=answer.etag,
        acts=acts_from(need["state"]),
        form=form or Form.of(unit=unit),
        privacy=visibility,
        levels=options(page, LEVELS),
        views=views,
        eyes=EYES,
        units=units,
        states=STATES,
        enquiries=enquiries["enquiries"],
        consents=(await page.api.get(f"{address}/consents"))["consents"],
        read=read,
        told={eyes: told(read, view) for eyes, view in views.items()},
        **shown(page, Form()),
    )


def told(read: Any, view: dict[str, Any]) -> list[str]:
    """Fields that somebody may not see and that the description tells him all the same."""
    if read is None or not view["fields"].get("text"):
        return []
    hidden, types = {one["field"] for one in view["hidden"]}, {one["type"] for one in read["requirements"]}
    return [field for type_, field in KEPT_BACK.items() if type_ in types and field in hidden]


def acts_from(state: str) -> list[Act]:
    """What the owner can do with a need in a state."""
    return [act for (before, act) in TRANSITIONS if before == state and "owner" in MAY[act]]


async def understood(page: Page, fields: Mapping[str, Any]) -> Any:
    """What is read from the words of a need and counts; None where there are none, or nothing can be read."""
    if not fields.get("text"):
        return None
    try:
        found: dict[str, Any] = (await page.api.call("POST", "/v1/understand", json={"text": fields["text"]})).json
    except Refused:
        return None
    dropped = set(fields.get("without") or ())
    counting = [one for one in found["requirements"] if not dropped & {one["text"], name_of(one["type"], one["text"])}]
    return found | {"requirements": conditions_of(counting)}


def _form(page: Page, form: Form, need_id: str | None, status: int = 200, *, read: Any = None) -> Response:
    return page.render("desks/need_form.html", status, form=form, need_id=need_id, read=read, **shown(page, form))


async def _searched(page: Page, search: str) -> dict[str, Any]:
    """The fields of a search that was kept."""
    fields: dict[str, Any] = (await page.api.get(f"/v1/searches/{search}"))["need"]
    return fields
