"""Up to four matches side by side: a row for each condition."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.matching.asking import Json, answer_to, search_of
from api.portal.matching.results import PRIVATE, card
from api.portal.matching.understood import chips_of
from api.portal.rendering import PageDep
from api.schemas import TOP_MAX

#: As many columns as a desktop shows without scrolling.
MOST: Final = 4

router = APIRouter(include_in_schema=False)


@router.get("/matches/{search_id}/compare")
async def compare(
    search_id: str, page: PageDep, listing: Annotated[list[str] | None, Query(max_length=TOP_MAX)] = None
) -> Response:
    """The chosen matches; those beyond four are left out, and the page says so."""
    search = await search_of(page, search_id)
    answer = await answer_to(page, search, top=TOP_MAX, counted=False)
    chosen = list(dict.fromkeys(listing or ()))
    known = {one["listing"]["id"]: one for one in (*answer["near_misses"], *answer["matches"])}
    columns = [card(page, known[one], answer) for one in chosen if one in known][:MOST]
    chips = chips_of(page, answer["need"])
    response = page.render(
        "matching/compare.html",
        search=search,
        columns=columns,
        rows=[(chip, [_fit(column, chip.name) for column in columns]) for chip in chips],
        left_out=len(chosen) - len(columns),
        most=MOST,
    )
    response.headers.update(PRIVATE)
    return response


def _fit(column: Json, name: str) -> Json | None:
    """How a match stands to a condition, by its name."""
    found: list[Json] = [one for one in column["fits"] if _name(one["requirement"]) == name]
    return found[0] if found else None


def _name(requirement: Json) -> str:
    return f"{requirement['type']}:{requirement['text']}"
