"""`/desk/enquiries`: what was sent and received, each with its thread, and the form of a new one."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.desks.alerts import title_of
from api.portal.desks.need_forms import LABELS
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.catalogue.needs.content import FIELDS

SIZE: Final = 20
NEEDS_MAX: Final = 100
STATES: Final = {
    "sent": later("已发送"),
    "read": later("已阅"),
    "answered": later("已答复"),
    "visiting": later("考察中"),
    "contracted": later("已签约"),
    "completed": later("已完成"),
    "declined": later("已婉拒"),
    "withdrawn": later("已撤回"),
}
#: What the button says that leads an enquiry there.
MOVES: Final = {
    "read": later("标为已阅"),
    "answered": later("标为已答复"),
    "visiting": later("约定考察"),
    "contracted": later("标为已签约"),
    "completed": later("标为已完成"),
    "declined": later("婉拒"),
    "withdrawn": later("撤回申请"),
}
BOXES: Final = {"sent": later("我发出的"), "received": later("本单位收到的"), "queue": later("待平台转交")}
SENT: Final = later("对接申请已发出")
MOVED: Final = later("状态已更新")
WRITTEN: Final = later("留言已发出")
FORWARDED: Final = later("已转交")
CONTACT: Final = ("contact_name", "contact_organisation", "contact_phone", "contact_email")

router = APIRouter(include_in_schema=False)


@router.get("/desk/enquiries")
async def listed(
    page: PageDep,
    state: str | None = None,
    box: str | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """One page of enquiries, those with news first."""
    page.needs_sign_in()
    wanted = state if state in STATES else None
    boxes = ["queue"] if page.caller.actor.is_admin else []
    chosen = box if box in boxes else None
    found = await page.api.get("/v1/enquiries", state=wanted, box=chosen, page=number, size=SIZE)
    return page.render(
        "desks/enquiries.html",
        found=found,
        states=STATES,
        state=wanted,
        box=chosen,
        boxes={name: BOXES[name] for name in boxes},
        number=number,
        size=SIZE,
    )


@router.get("/desk/enquiries/new")
async def new(page: PageDep, listing: str, need: str | None = None, answer: str | None = None) -> Response:
    """The form of an approach to the operator of a listing."""
    page.needs_sign_in("requester", "broker")
    user = await page.api.get("/v1/account")
    form = Form.of(
        listing_id=listing, need_id=need, answer_id=answer, contact_name=user["name"], contact_email=user["email"]
    )
    return await _new_form(page, form)


@router.post("/desk/enquiries")
async def send(page: PageDep, form: FormDep) -> Response:
    """Send it."""
    page.needs_sign_in("requester", "broker")
    body: dict[str, Any] = {name: form.get(name) or None for name in ("need_id", "answer_id", *CONTACT)}
    body |= {"listing_id": form.get("listing_id") or "-", "text": form.get("text")}
    body |= {"share": form.all("share")} if body["need_id"] else {}
    try:
        made = await page.api.call("POST", "/v1/enquiries", json=body, once=form.once)
    except Refused as error:
        if error.field == "listing_id":
            raise
        return await _new_form(page, form.refused(error, labels={"text": "想对接什么"}), error.status)
    return page.go(f"/desk/enquiries/{made.json['id']}", page.text(SENT))


@router.get("/desk/enquiries/{enquiry_id}")
async def one(page: PageDep, enquiry_id: str) -> Response:
    """An enquiry with its thread, and what can be done with it."""
    page.needs_sign_in()
    return await _shown(page, enquiry_id)


@router.post("/desk/enquiries/{enquiry_id}/messages")
async def write(page: PageDep, enquiry_id: str, form: FormDep) -> Response:
    """Say something."""
    page.needs_sign_in()
    try:
        text = {"text": form.get("text")}
        await page.api.call("POST", f"/v1/enquiries/{enquiry_id}/messages", json=text, once=form.once)
    except Refused as error:
        return await _shown(page, enquiry_id, error.status, message=form.refused(error, labels={"text": "留言"}))
    return page.go(f"/desk/enquiries/{enquiry_id}", page.text(WRITTEN))


@router.post("/desk/enquiries/{enquiry_id}/state")
async def move(page: PageDep, enquiry_id: str, form: FormDep) -> Response:
    """Lead it on."""
    page.needs_sign_in()
    body = {"state": form.get("state") or "-", "note": form.get("note") or None}
    try:
        await page.api.call("POST", f"/v1/enquiries/{enquiry_id}/state", json=body, etag=form.get("etag") or None)
    except Refused as error:
        return await _shown(page, enquiry_id, error.status, move=form.refused(error))
    return page.go(f"/desk/enquiries/{enquiry_id}", page.text(MOVED))


@router.post("/desk/enquiries/{enquiry_id}/forwarding")
async def forward(page: PageDep, enquiry_id: str, form: FormDep) -> Response:
    """Hand it on to an organisation, while none has it."""
    page.needs_sign_in("admin")
    body = {"organisation_id": form.get("organisation_id") or None, "note": form.get("note") or None}
    try:
        path = f"/v1/enquiries/{enquiry_id}/forwarding"
        await page.api.call("POST", path, json=body, etag=form.get("etag") or None)
    except Refused as error:
        return await _shown(page, enquiry_id, error.status, forwarding=form.refused(error))
    return page.go(f"/desk/enquiries/{enquiry_id}", page.text(FORWARDED))


async def _shown(page: Page, enquiry_id: str, status: int = 200, **forms: Form) -> Response:
    answer = await page.api.call("GET", f"/v1/enquiries/{enquiry_id}")
    return page.render(
        "desks/enquiry.html",
        status,
        enquiry=answer.json,
        etag=answer.etag,
        states=STATES,
        moves=MOVES,
        labels=LABELS,
        message_form=forms.get("message", Form()),
        move_form=forms.get("move", Form()),
        forward_form=forms.get("forwarding", Form()),
    )


async def _new_form(page: Page, form: Form, status: int = 200) -> Response:
    """The form with the listing that it is about; one that is out of sight is not found."""
    listing = await page.api.get(f"/v1/listings/{form.get('listing_id') or '-'}")
    needs = (await page.api.get("/v1/needs", size=NEEDS_MAX))["needs"]
    options = [(one["id"], title_of(one)) for one in needs if one["state"] not in ("matched", "closed", "expired")]
    shares = [(name, page.text(LABELS[name])) for name in FIELDS]
    return page.render("desks/enquiry_form.html", status, form=form, listing=listing, needs=options, shares=shares)
