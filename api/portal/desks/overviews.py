"""`/desk` and `/operator`: what there is to do."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from api.portal.desks.alerts import address_of, title_of
from api.portal.desks.enquiries import STATES as ENQUIRY_STATES
from api.portal.desks.fitting import fitting
from api.portal.desks.listing_forms import KIND_NAMES
from api.portal.desks.listing_forms import STATES as LISTING_STATES
from api.portal.desks.needs import STATES as NEED_STATES
from api.portal.rendering import Page, PageDep

#: The newest few of each; the rest is one click away.
FEW: Final = 5
#: States in which an operator has something to do, the most pressing first.
TO_DO: Final = ("returned", "approved", "stale", "due", "draft")

router = APIRouter(include_in_schema=False)


@router.get("/desk")
async def desk(page: PageDep) -> Response:
    """A requester's needs by state, news, and what was kept."""
    page.needs_sign_in("requester", "broker")
    return page.render(
        "desks/desk.html",
        needs=await page.api.get("/v1/needs", size=FEW),
        inbox=await page.api.get("/v1/messages", unread="true", size=FEW),
        enquiries=await page.api.get("/v1/enquiries", size=FEW),
        saved=await page.api.get("/v1/searches", saved="true", size=FEW),
        states=NEED_STATES,
        enquiry_states=ENQUIRY_STATES,
        title_of=title_of,
        address_of=address_of,
    )


@router.get("/operator")
async def operator(page: PageDep) -> Response:
    """What an operator has to do: listings that wait for him, needs that fit, enquiries to answer."""
    page.needs_sign_in("operator")
    listings = await page.api.get("/v1/listings", mine="true", size=1)
    counts = listings["facets"].get("state", {})
    waiting = [state for state in TO_DO if counts.get(state)]
    return page.render(
        "desks/operator.html",
        counts=counts,
        total=listings["total"],
        to_do=[
            (state, await page.api.get("/v1/listings", mine="true", state=state, size=FEW, sort="updated"))
            for state in waiting
        ],
        enquiries=await page.api.get("/v1/enquiries", box=_box(page), state="sent", size=FEW),
        inbox=await page.api.get("/v1/messages", unread="true", size=FEW),
        fitting=await fitting(page, FEW),
        states=LISTING_STATES,
        kinds=KIND_NAMES,
        address_of=address_of,
    )


def _box(page: Page) -> str | None:
    return None if page.caller.actor.is_admin else "received"
