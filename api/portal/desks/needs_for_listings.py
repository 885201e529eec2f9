"""`/operator/needs`: the needs that fit a listing, and where it stands for one of them and why."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.desks.alerts import CHOICES_MAX
from api.portal.desks.overviews import HELD_AGAINST
from api.portal.languages import later
from api.portal.rendering import Page, PageDep
from matcher.records import SUPPLY_KINDS

SIZE: Final = 10
LEAST: Final = {
    "strong": later("只看很合适的"),
    "possible": later("可能合适及以上"),
    "weak": later("全部,包括不太合适的"),
}

router = APIRouter(include_in_schema=False)


@router.get("/operator/needs")
async def needs(
    page: PageDep,
    listing: str | None = None,
    least: str = "possible",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """The needs that fit one of the caller's listings, best first."""
    page.needs_sign_in("operator")
    mine = (await page.api.get("/v1/listings", mine="true", size=CHOICES_MAX))["listings"]
    asked = [one for one in mine if one["kind"] in SUPPLY_KINDS]
    shown = [one for one in asked if one["standing"]["state"] in ("published", "due", "stale")]
    chosen = listing or await _with_best_need(page, [one["id"] for one in shown])
    found, problem = None, None
    if chosen is not None:
        level = least if least in LEAST else "possible"
        try:
            found = await page.api.get(f"/v1/listings/{chosen}/needs", least=level, page=number, size=SIZE)
        except Refused as error:
            if error.status not in (409, 422, 503):
                raise
            problem = error
    return page.render(
        "desks/listing_needs.html",
        listings=asked,
        chosen=chosen,
        found=found,
        problem=problem,
        least=least,
        levels=LEAST,
        number=number,
        size=SIZE,
    )


@router.get("/operator/needs/{need_id}")
async def standing(page: PageDep, need_id: str, listing: str) -> Response:
    """Where a listing stands for a need, what is missed and what is not said, and what would raise it."""
    page.needs_sign_in("operator")
    found = await page.api.get(f"/v1/listings/{listing}/needs/{need_id}")
    return page.render("desks/standing.html", need=found["need"], standing=found["standing"])


async def _with_best_need(page: Page, listings: list[str]) -> str | None:
    """Of the first few listings the one that a need fits best, as the overview shows it; the first where none fits."""
    best, most = (listings[0] if listings else None), float("-inf")
    for one in listings[:HELD_AGAINST] if len(listings) > 1 else ():
        try:
            needs: list[dict[str, Any]] = (await page.api.get(f"/v1/listings/{one}/needs", size=1))["needs"]
        except Refused:  # the matcher is still loading, or the listing was withdrawn meanwhile
            continue
        if needs and needs[0]["score"] > most:
            best, most = one, needs[0]["score"]
    return best
