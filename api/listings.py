"""`GET /v1/listings`: the catalogue by page and by id."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import ListingAnswer, ListingsAnswer
from api.dependencies import MatcherDep
from api.errors import responses
from api.replies import reply
from api.schemas import WORD_MAX, ListingsQuery
from matcher.answers import listing_json
from matcher.errors import NotFound
from matcher.records import KINDS

router = APIRouter(prefix="/v1/listings", tags=["listings"], responses=responses(422, 503))


@router.get("", summary="浏览供给条目", response_model=ListingsAnswer)
def listings(query: Annotated[ListingsQuery, Query()], matcher: MatcherDep) -> Response:
    """One page of the catalogue in its order, with counts per kind."""
    in_place = [one for one in matcher.catalogue.listings if (one.province or "").startswith(query.province or "")]
    counts = Counter(one.kind for one in in_place)
    chosen = [one for one in in_place if query.kind in (None, one.kind)]
    first = (query.page - 1) * query.size
    return reply(
        {
            "total": len(chosen),
            "page": query.page,
            "size": query.size,
            "kinds": {kind: counts[kind] for kind in KINDS},
            "listings": [listing_json(one) for one in chosen[first : first + query.size]],
        }
    )


@router.get("/{listing_id}", summary="一个供给条目", response_model=ListingAnswer, responses=responses(404))
def listing(listing_id: str, matcher: MatcherDep) -> Response:
    """One listing by its id."""
    found = matcher.catalogue.get(listing_id)
    if found is None:
        raise NotFound(f"没有编号为 {listing_id[:WORD_MAX]} 的条目", hint="编号见 /v1/listings", field="listing_id")
    return reply(listing_json(found))
