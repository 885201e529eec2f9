"""`/ranking`: what the ranking uses and who changed it; `/privacy`: what is kept, and how long."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.catalogue.addresses import canonical
from api.portal.languages import later
from api.portal.ranking_words import ranking_words
from api.portal.rendering import Page, PageDep

#: Entries of the ledger on one page.
ENTRIES: Final = 20
KINDS: Final = {
    "profile.publish": later("发布排序方案"),
    "profile.rollback": later("退回排序方案"),
    "profile.automatic": later("自动退回排序方案"),
    "exposure": later("一个月的曝光"),
}

router = APIRouter(include_in_schema=False)


@router.get("/ranking")
async def ranking(page: PageDep, before: Annotated[int | None, Query(ge=1, le=2**62)] = None) -> Response:
    """In words and weights, with the latest entries of the ledger; `before` goes back in it."""
    said = _in_words(page, await page.api.get("/v1/ranking"))
    last = said["ledger"]["number"] if said["ledger"] is not None else 0
    end = min(before - 1 if before is not None else last, last)
    after = max(end - ENTRIES, 0)
    entries: list[dict[str, Any]] = []
    if end > after:
        entries = (await page.api.get("/v1/ledger", after=after, limit=end - after))["entries"]
    greatest = max((abs(one["value"]) for one in said["weights"]), default=1.0) or 1.0
    return page.render(
        "catalogue/ranking.html",
        said=said,
        greatest=greatest,
        entries=[one | {"text": json.dumps(one["content"], ensure_ascii=False, indent=1)} for one in entries[::-1]],
        kinds=KINDS,
        earlier=after + 1 if after > 0 else None,
        canonical=canonical(page, "/ranking"),
    )


def _in_words(page: Page, said: dict[str, Any]) -> dict[str, Any]:
    """With its sentences in the language of the page."""
    weighted = {
        part: [one | {"words": ranking_words(page, one["words"])} for one in said[part]]
        for part in ("weights", "thresholds")
    }
    sentences = {part: [ranking_words(page, one) for one in said[part]] for part in ("beyond", "not_used")}
    return said | weighted | sentences


@router.get("/privacy")
async def privacy(page: PageDep) -> Response:
    """What is kept, how long, and who sees it."""
    return page.render(
        "catalogue/privacy.html", feedback_days=page.settings.feedback_days, canonical=canonical(page, "/privacy")
    )
