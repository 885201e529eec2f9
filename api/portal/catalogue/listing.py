"""`/listings/{id}`: one listing with all that stands beside it, and the form that tells of a mistake in it."""

from __future__ import annotations

import contextlib
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import TermsAnswer
from api.portal.catalogue.addresses import canonical
from api.portal.catalogue.browse import PLATFORM_TYPES, TIERS, VERIFICATIONS
from api.portal.catalogue.ranges import ranges_of
from api.portal.catalogue.structured import structured
from api.portal.client import Refused
from api.portal.forms import Form, FormDep
from api.portal.languages import later
from api.portal.rendering import Page, PageDep

CASES_MAX: Final = 6
#: A snippet of a search engine.
DESCRIPTION: Final = 150
CORRECTED: Final = later("已告知维护这个条目的人,谢谢")

router = APIRouter(include_in_schema=False)


@router.get("/listings/{listing_id}")
async def one(page: PageDep, listing_id: str, answer: str | None = None) -> Response:
    """The page; `answer` is the match that it was opened from."""
    response = await _shown(page, listing_id, answer)
    if answer:
        event = {"answer_id": answer[:64], "listing_id": listing_id, "act": "opened"}
        with contextlib.suppress(Refused):  # the page is there whether or not anybody counts
            await page.api.call("POST", "/v1/feedback", json=event)
    return response


@router.post("/listings/{listing_id}/corrections")
async def correct(page: PageDep, listing_id: str, form: FormDep) -> Response:
    """Tell those who look after it."""
    body = {"text": form.get("mistake"), "contact": form.get("contact")}
    path = f"/v1/listings/{quote(listing_id, safe='')}/corrections"
    try:
        await page.api.call("POST", path, json=body, once=form.once)
    except Refused as error:
        if error.status == 404:
            raise
        named = form.refused(error, {"text": "mistake"})
        return await _shown(page, listing_id, None, error.status, correction=named)
    return page.go(f"/listings/{quote(listing_id, safe='')}", page.text(CORRECTED))


async def _shown(
    page: Page, listing_id: str, answer: str | None, status: int = 200, correction: Form | None = None
) -> Response:
    path = f"/v1/listings/{quote(listing_id, safe='')}"
    listing = await page.api.get(path)
    scales, near = await _beside(page, path)
    own_path = f"/listings/{quote(listing_id, safe='')}"
    return page.render(
        "catalogue/listing.html",
        status,
        listing=listing,
        terms=dict.fromkeys(TermsAnswer.model_fields) | listing["terms"],
        ranges=ranges_of(listing["parameters"], scales, page.language),
        similar=near,
        cases=await _cases(page, listing),
        vouchers=await _vouchers(page, listing["terms"].get("vouchers", [])),
        platform_types=PLATFORM_TYPES,
        tiers=TIERS,
        verifications=VERIFICATIONS,
        own_path=own_path,
        answer=answer,
        may_enquire=_may_enquire(page),
        enquiry=Form.of(listing_id=listing["id"], answer_id=answer),
        correction=correction or Form(),
        canonical=canonical(page, own_path),
        description=listing["summary"][:DESCRIPTION],
        structured=structured(listing, canonical(page, own_path)),
    )


def _may_enquire(page: Page) -> bool:
    """Whether the form of an enquiry is for this visitor; a stranger signs in on the way."""
    return page.caller.actor.role in (None, "requester", "broker")


async def _beside(page: Page, path: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Scales and similar listings; none while the index loads: the listing itself needs it not."""
    try:
        scales = await page.api.get(f"{path}/scales")
        near = await page.api.get(f"{path}/similar")
    except Refused as error:
        if error.status != 503:
            raise
        return [], []
    return scales["scales"], near["listings"]


async def _cases(page: Page, listing: dict[str, Any]) -> list[dict[str, Any]]:
    if not listing["operator"]:
        return []
    found = await page.api.get("/v1/listings", kind="case", operator=listing["operator"], size=CASES_MAX + 1)
    return [one for one in found["listings"] if one["id"] != listing["id"]][:CASES_MAX]


async def _vouchers(page: Page, ids: list[str]) -> list[dict[str, Any]]:
    """The policies whose vouchers are taken; one that is no longer to be seen is left out."""
    found = []
    for policy in ids:
        with contextlib.suppress(Refused):
            found.append(await page.api.get(f"/v1/listings/{quote(policy, safe='')}"))
    return found
