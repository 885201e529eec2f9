"""`/operator/needs`: the needs that fit a listing, and where it stands for one of them and why."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.desks.alerts import CHOICES_MAX
from api.portal.desks.fitting import fitting, in_sight
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
    shown, _ = await in_sight(page)
    asked += [one for one in shown if one["id"] not in {each["id"] for each in asked}]
    chosen = listing or await _with_best_need(page, shown)
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


async def _with_best_need(page: Page, shown: list[dict[str, Any]]) -> str | None:
    """The listing that a need fits best, as the overview shows it; the first where none fits."""
    best = (await fitting(page, 1)).needs if len(shown) > 1 else ()
    found: str | None = best[0]["listing"]["id"] if best else shown[0]["id"] if shown else None
    return found
