"""Which of somebody's listings needs are held against on a page that shows several, and what fits them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from api.portal.client import Refused
from api.portal.rendering import Page
from matcher.records import SUPPLY_KINDS

#: States in which everybody sees a listing.
IN_SIGHT: Final = ("published", "due", "stale")
#: Needs are held against so many listings before anybody asks whether that is enough: each takes some ten milliseconds.
STEP: Final = 6
#: And against no more than these, half a second; whoever has more is told so.
HELD_AGAINST: Final = 48


@dataclass(frozen=True, slots=True)
class Fitting:
    """Needs that fit some listings, the best first, each once with the listing that it fits best.

    Attributes:
        looked, total: how many listings were held against needs, and how many could have been.
        is_away: nobody could be asked, as the matcher is still loading.
    """

    needs: tuple[dict[str, Any], ...]
    looked: int
    total: int
    is_away: bool = False


async def in_sight(page: Page) -> tuple[list[dict[str, Any]], int]:
    """The caller's first listings that needs can be held against, in the order of ids, and how many there are."""
    kept = {"mine": "true", "hidden": "false", "size": HELD_AGAINST}
    found = await asyncio.gather(*(page.api.get("/v1/listings", **kept, state=state) for state in IN_SIGHT))
    listings = [one for each in found for one in each["listings"] if one["kind"] in SUPPLY_KINDS]
    total = sum(each["kinds"][kind] for each in found for kind in SUPPLY_KINDS)
    return sorted(listings, key=lambda one: str(one["id"]))[:HELD_AGAINST], total


async def fitting(page: Page, few: int) -> Fitting:
    """The best needs of the caller's listings; some listings are looked at, then more until a need is found."""
    listings, total = await in_sight(page)
    best: dict[str, dict[str, Any]] = {}
    looked, answered = 0, 0
    while looked < len(listings) and not best:
        for one in listings[looked : looked + STEP]:
            needs = await _needs_of(page, one, few)
            answered += needs is not None
            for need in needs or ():
                held = best.get(need["need"]["id"])
                if held is None or held["score"] < need["score"]:
                    best[need["need"]["id"]] = need
        looked = min(looked + STEP, len(listings))
    needs_first = sorted(best.values(), key=lambda one: -one["score"])[:few]
    return Fitting(tuple(needs_first), looked, total, is_away=bool(listings) and not answered)


async def _needs_of(page: Page, listing: dict[str, Any], few: int) -> list[dict[str, Any]] | None:
    """None where nobody can tell: withdrawn meanwhile, or the matcher is still loading."""
    try:
        found = await page.api.get(f"/v1/listings/{listing['id']}/needs", size=few)
    except Refused:
        return None
    return [{**one, "listing": listing} for one in found["needs"]]
