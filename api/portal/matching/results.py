"""`/matches/{id}`: what was understood, what fits and why, what could be asked, and ways to narrow it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.portal.client import Refused
from api.portal.forms import Form
from api.portal.matching.asking import (
    GRADES,
    NARROWED,
    SIZE,
    Json,
    ResultsQuery,
    all_of,
    answer_to,
    count_of,
    is_missing,
    search_of,
)
from api.portal.matching.front import LABELS as FRONT_LABELS
from api.portal.matching.front import shown as front_page
from api.portal.matching.quoting import quotation
from api.portal.matching.understood import chips_of, segments_of
from api.portal.matching.words import COVERAGES, REASONS
from api.portal.rendering import Page, PageDep
from api.schemas import TOP_MAX

#: How far away a place is that is missed, as its shortfall tells it.
_AWAY: Final = re.compile(r"相距约 (\d+) 公里")
#: No search engine shall keep what somebody looked for, even where a link to it was put somewhere.
PRIVATE: Final = {"X-Robots-Tag": "noindex, nofollow"}

router = APIRouter(include_in_schema=False)


@router.get("/matches/{search_id}")
async def results(search_id: str, page: PageDep, query: Annotated[ResultsQuery, Query()]) -> Response:
    """The matches of a search."""
    return await shown(page, await search_of(page, search_id), query)


async def shown(page: Page, search: Json, query: ResultsQuery, status: int = 200, form: Form | None = None) -> Response:
    """The page; what can't be read goes back to the front page, with its words."""
    try:
        answer = await answer_to(page, search, query)
    except Refused as error:
        if not is_missing(error):
            raise
        form = Form.of(text=search["need"].get("text")).refused(error, labels=FRONT_LABELS)
        return await front_page(page, error.status, form)
    chips = chips_of(page, answer["need"])
    coverage = COVERAGES[answer["coverage"]]
    first = SIZE * (query.page - 1)
    values = {
        "search": search,
        "query": query,
        "answer": answer,
        "chips": chips,
        "without": search["need"].get("without", ()),
        "segments": segments_of(answer["need"]["text"], chips),
        "matches": [card(page, one, answer, query.need) for one in answer["matches"][first : first + SIZE]],
        "near": [card(page, one, answer, query.need) for one in answer["near_misses"]],
        "total": count_of(answer, query),
        "size": SIZE,
        "most": TOP_MAX if all_of(answer, query) > TOP_MAX else None,
        "grades": grade_counts(answer["grades"]),
        "coverage": page.text(coverage),
        "removed": removed(answer, chips),
        "narrowed": {name: getattr(query, name) for name in NARROWED if getattr(query, name)},
        "reasons_against": {code: page.text(words) for code, words in REASONS.items()},
        "link": site_of(page) + f"/matches/{search['id']}",
        "form": form or Form.of(text=search["need"].get("text")),
    }
    response = page.render("matching/results.html", status, **values)
    response.headers.update(PRIVATE)
    return response


def card(page: Page, match: Json, answer: Json, need: str | None = None) -> dict[str, Any]:
    """A match with its evidence quoted, the address of its page, by which its opening is told, and that of the form of
    an enquiry: by itself where the search was made of a `need`, which goes with it."""
    listing = match["listing"]
    query = f"?answer={answer['answer_id']}" if answer.get("answer_id") else ""
    address = f"/listings/{listing['id']}{query}"
    fits = [
        fit | {"quotation": quotation(page, listing, fit["evidence"]), "is_needless": is_needless(fit, match["fits"])}
        for fit in match["fits"]
    ]
    reasons = [one | {"quotation": quotation(page, listing, one["evidence"])} for one in match["reasons"]]
    said = [one["quotation"] for one in (*reasons, *fits) if one["quotation"] and one.get("outcome") != "unknown"]
    return {
        **match,
        "address": address,
        "enquiry": _enquiry(listing["id"], answer.get("answer_id"), need) or f"{address}#enquire",
        "place": place_of(listing),
        "unsaid": list(dict.fromkeys(_words([one for one in fits if not one["is_needless"]], "unknown"))),
        "misses": len(_words([one for one in fits if not one["is_needless"]], "misses")),
        "vouchers": listing["terms"].get("vouchers", ()),
        "queue_days": listing["terms"].get("queue_days"),
        "fits": fits,
        "reasons": reasons,
        "quotes": list(dict.fromkeys(said)),
        "cases": (answer.get("cases") or {}).get(listing["id"], ()),
    }


def _enquiry(listing: str, answer: str | None, need: str | None) -> str | None:
    """The address of the form of an enquiry about a need."""
    about = {"listing": listing, "need": need, "answer": answer}
    told = {name: value for name, value in about.items() if value}
    return f"/desk/enquiries/new?{urlencode(told)}" if need else None


def _words(fits: Iterable[Json], outcome: str) -> list[str]:
    """The conditions of one outcome, by their words."""
    return [fit["requirement"]["text"] for fit in fits if fit["outcome"] == outcome]


def is_needless(fit: Json, fits: Iterable[Json]) -> bool:
    """Whether nobody need read of a place: another one that would do is met; or it is missed, and another one may be
    met or is missed by less."""
    if _is_place(fit, "unknown"):
        return any(_is_place(one, "meets") for one in fits)
    firm = fit["requirement"]["strength"]
    others = [one for one in fits if one["requirement"]["strength"] == firm]
    return _is_place(fit, "misses") and any(
        _is_place(one, "unknown") or (_is_place(one, "misses") and _is_nearer(one, fit)) for one in others
    )


def _is_nearer(one: Json, other: Json) -> bool:
    """Whether one place that is missed lies nearer than another; of two as near, the first."""
    near, far = (_AWAY.search(fit["shortfall"] or "") for fit in (one, other))
    if near is None or far is None:
        return False
    return (int(near[1]), one["requirement"]["start"] or 0) < (int(far[1]), other["requirement"]["start"] or 0)


def _is_place(fit: Json, outcome: str) -> bool:
    wanted = fit["requirement"]
    return wanted["type"] == "place" and not wanted["excluded"] and fit["outcome"] == outcome


def place_of(listing: Mapping[str, Any]) -> str:
    """Province and city, once where they are the same."""
    return " ".join(dict.fromkeys(one for one in (listing["province"], listing["city"]) if one))


def grade_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Grade → how many of the first hundred are of it or better; the lowest is no choice."""
    return {grade: sum(counts.get(one, 0) for one in GRADES[: place + 1]) for place, grade in enumerate(GRADES[:-1])}


def removed(answer: Json, chips: list[Any]) -> list[tuple[Any, int]]:
    """The hard conditions that took most away, as chips, with how many listings each took."""
    by_words = {chip.words: chip for chip in chips if chip.is_must}
    found = [(by_words[words], count) for words, count in answer["removed"].items() if words in by_words]
    return sorted(found, key=lambda one: -one[1])


def site_of(page: Page) -> str:
    """The address that people reach this site by."""
    return page.settings.public_url or str(page.request.base_url).rstrip("/")
