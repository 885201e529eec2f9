"""`/desk/alerts`: messages, what one wants to hear of and how often, and other systems that are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.catalogue.searches.content import TITLE_LENGTH
from matcher.catalogue.titles import clipped

SIZE: Final = 20
#: As many things to choose from as a list may hold without becoming a burden; the newest come first.
CHOICES_MAX: Final = 100
PACES: Final = {"at_once": later("即时"), "daily": later("每日汇总"), "weekly": later("每周汇总")}
CHANNELS: Final = {"message": later("站内消息"), "email": later("邮件"), "webhook": later("其他系统(webhook)")}
MARKED: Final = later("全部消息已标为已读")
SUBSCRIBED: Final = later("提醒已开启")
CHANGED: Final = later("提醒已保存")
REMOVED: Final = later("提醒已删除")
#: Where a message leads, by what it is about and whether its reader keeps needs or listings.
OWN: Final = {
    "need": "/desk/needs/{}",
    "listing": "/operator/listings/{}",
    "enquiry": "/desk/enquiries/{}",
}

router = APIRouter(include_in_schema=False)


@router.get("/desk/alerts")
async def alerts(
    page: PageDep,
    unread: bool = False,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """One page of messages, latest first, and the subscriptions."""
    page.needs_sign_in()
    return await _shown(page, unread=unread, number=number)


@router.post("/desk/alerts/read")
async def read_all(page: PageDep, form: FormDep) -> Response:
    """All messages are read."""
    page.needs_sign_in()
    await page.api.call("POST", "/v1/messages/read")
    return page.go("/desk/alerts", page.text(MARKED))


@router.post("/desk/alerts/messages/{message_id}")
async def read(page: PageDep, message_id: str, form: FormDep) -> Response:
    """One message is read; on to what it is about."""
    page.needs_sign_in()
    found = (await page.api.call("POST", f"/v1/messages/{message_id}/read")).json
    return page.go(address_of(found) or "/desk/alerts")


@router.post("/desk/alerts/subscriptions")
async def subscribe(page: PageDep, form: FormDep) -> Response:
    """Hear of a need or listing of one's own; or of words, which are kept as a draft that nobody else sees."""
    page.needs_sign_in()
    try:
        kind, about = await _about(page, form)
        body = {"about_kind": kind, "about_id": about} | _wish(form)
        await page.api.call("POST", "/v1/subscriptions", json=body, once=form.once)
    except Refused as error:
        named = {"about_id": "about", "webhook_id": "channels", "text": "words"}
        return await _shown(page, error.status, form=form.refused(error, named))
    return page.go("/desk/alerts#subscriptions", page.text(SUBSCRIBED))


@router.post("/desk/alerts/subscriptions/{subscription_id}")
async def change(page: PageDep, subscription_id: str, form: FormDep) -> Response:
    """How, how often, and whether at all."""
    page.needs_sign_in()
    body = _wish(form) | {"active": form.get("active") != "no"}
    try:
        await page.api.call("PUT", f"/v1/subscriptions/{subscription_id}", json=body)
    except Refused as error:
        return await _shown(page, error.status, form=form.refused(error, {"webhook_id": "channels"}))
    return page.go("/desk/alerts#subscriptions", page.text(CHANGED))


@router.post("/desk/alerts/subscriptions/{subscription_id}/deletion")
async def remove(page: PageDep, subscription_id: str, form: FormDep) -> Response:
    """Hear of it no more."""
    page.needs_sign_in()
    await page.api.call("DELETE", f"/v1/subscriptions/{subscription_id}")
    return page.go("/desk/alerts#subscriptions", page.text(REMOVED))


def address_of(message: Mapping[str, Any]) -> str | None:
    """The page of what a message is about; the first thing that it names where it is about nothing by itself."""
    kind, about = message["about_kind"], message["about_id"]
    if kind in OWN and about:
        return OWN[kind].format(about)
    if message["items"]:
        first = message["items"][0]
        return f"/{'needs' if first['kind'] == 'need' else 'listings'}/{first['id']}"
    return None


async def _about(page: Page, form: Form) -> tuple[str, str]:
    """Kind and id of what is subscribed to.

    Raises:
        Refused: the words can't be kept.
    """
    chosen, words = form.get("about"), form.get("words")
    if words and not chosen:
        once = f"{form.once}-words" if form.once else None
        made = await page.api.call("POST", "/v1/needs", json={"text": words}, once=once)
        return "need", made.json["id"]
    kind, _, about = chosen.partition(" ")
    return kind or "need", about or "-"


def _wish(form: Form) -> dict[str, Any]:
    channels = form.all("channels") or ["message"]
    webhook = form.get("webhook_id") or None
    return {
        "channels": channels,
        "pace": form.get("pace", "at_once"),
        "webhook_id": webhook if "webhook" in channels else None,
    }


async def _shown(
    page: Page, status: int = 200, *, form: Form | None = None, unread: bool = False, number: int = 1
) -> Response:
    inbox = await page.api.get("/v1/messages", unread="true" if unread else None, page=number, size=SIZE)
    subscriptions = await page.api.get("/v1/subscriptions", size=CHOICES_MAX)
    webhooks = await page.api.get("/v1/webhooks")
    own = await own_things(page)
    taken = {(one["about_kind"], one["about_id"]) for one in subscriptions["subscriptions"]}
    return page.render(
        "desks/alerts.html",
        status,
        inbox=inbox,
        number=number,
        size=SIZE,
        unread=unread,
        address_of=address_of,
        subscriptions=subscriptions["subscriptions"],
        webhooks=webhooks["webhooks"],
        names=own,
        choices=[(f"{kind} {about}", name) for (kind, about), name in own.items() if (kind, about) not in taken],
        forms_by_id={
            one["id"]: Form.of(channels=one["channels"], pace=one["pace"], webhook_id=one["webhook_id"])
            for one in subscriptions["subscriptions"]
        },
        paces=PACES,
        channels=CHANNELS,
        form=form or Form.of(channels=["message"], pace="at_once"),
    )


async def own_things(page: Page) -> dict[tuple[str, str], str]:
    """What can be subscribed to, by kind and id: a requester's needs, an operator's listings; an admin has neither."""
    role = page.caller.actor.role
    if role == "operator":
        found = await page.api.get("/v1/listings", mine="true", size=CHOICES_MAX)
        return {("listing", one["id"]): one["name"] for one in found["listings"]}
    if role in ("requester", "broker"):
        found = await page.api.get("/v1/needs", size=CHOICES_MAX)
        return {("need", one["id"]): title_of(one) for one in found["needs"]}
    return {}


def title_of(need: Mapping[str, Any]) -> str:
    """What a need is called in lists."""
    fields = need["fields"]
    return clipped(str(fields.get("title") or fields.get("text") or need["outside"]).splitlines()[0], TITLE_LENGTH)
