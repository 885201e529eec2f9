"""`/v1/listings`: found by everybody, made and edited by operators within their organisation, and by admins."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace as replaced
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import ActorDep, LoadingDep, ReadingDep, SessionDep
from api.errors import responses
from api.etags import IfMatchDep
from api.idempotency import IdempotencyDep
from api.listing_answers import KeptListingAnswer, ListingsAnswer, kept_reply, page_json
from api.listing_bodies import ListingBody, ListingsQuery, NewListingBody
from api.loading import Answering
from api.replies import reply
from matcher.answers import listing_json
from matcher.catalogue.listings.published import holds_listings
from matcher.catalogue.listings.queries import page_of
from matcher.catalogue.listings.standing import check_keeper, check_may, check_reader, refuse_unknown
from matcher.catalogue.listings.store import create, edit, find, remove
from matcher.records import KINDS

router = APIRouter(prefix="/v1/listings", tags=["listings"], responses=responses(401, 403, 422, 503))


@router.get("", summary="浏览供给条目", response_model=ListingsAnswer)
def listings(
    query: Annotated[ListingsQuery, Query()], session: ReadingDep, actor: ActorDep, loading: LoadingDep
) -> Response:
    """One page of the catalogue, with counts for each filter; `mine` shows what the caller keeps, in every state."""
    check_reader(actor)
    wanted = query.wanted()
    if not wanted.keeps and not holds_listings(session):
        return reply(_page_of_matcher(query, loading.matcher()))
    page = page_of(session, actor, wanted, page=query.page, size=query.size, sort=query.sort)
    return reply(page_json(page, actor, query.page, query.size))


@router.post("", summary="新建一个条目(草稿)", status_code=201, response_model=KeptListingAnswer,
             responses=responses(409, 413))  # fmt: skip
def add(body: NewListingBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep) -> Response:
    """A draft of the caller's organisation; admins may give it an id and another organisation."""
    check_keeper(actor)
    listing = replaced(body.listing(), id=body.id or "")

    def work() -> Response:
        stored = create(session, actor, listing, organisation_id=body.organisation_id)
        return kept_reply(stored, actor, 201)

    return once.run(work)


@router.get("/{listing_id}", summary="一个供给条目", response_model=KeptListingAnswer, responses=responses(404))
def listing(listing_id: str, session: ReadingDep, actor: ActorDep, loading: LoadingDep) -> Response:
    """One listing by its id, with its version as ETag."""
    check_reader(actor)
    if holds_listings(session):
        return kept_reply(find(session, actor, listing_id), actor)
    found = loading.matcher().catalogue.get(listing_id)
    return reply(listing_json(found)) if found is not None else refuse_unknown(listing_id)


@router.put("/{listing_id}", summary="改写一个条目", response_model=KeptListingAnswer,
            responses=responses(404, 409, 412, 413))  # fmt: skip
def replace(listing_id: str, body: ListingBody, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Replace the whole content; what is left out is emptied. `If-Match` names the version that was edited."""
    check_keeper(actor)
    before = find(session, actor, listing_id)
    check_may(actor, before.organisation_id, "edit")
    return kept_reply(edit(session, actor, listing_id, body.listing(), seen=if_match.required()), actor)


@router.patch("/{listing_id}", summary="修改条目的几项", response_model=KeptListingAnswer,
              responses=responses(404, 409, 412, 413))  # fmt: skip
def patch(listing_id: str, body: ListingBody, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Replace the fields that are given, those within `terms` one by one; null or [] empties one."""
    check_keeper(actor)
    before = find(session, actor, listing_id)
    check_may(actor, before.organisation_id, "edit")
    seen = if_match.required()
    return kept_reply(edit(session, actor, listing_id, body.patched(before), seen=seen), actor)


@router.delete("/{listing_id}", summary="删除草稿,或下架条目", response_model=KeptListingAnswer,
               responses={**responses(404, 409, 412), 204: {"description": "草稿已删除"}})  # fmt: skip
def delete(listing_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Delete a draft that was never published (204); anything else is retired and comes back as it then is."""
    check_keeper(actor)
    before = find(session, actor, listing_id)
    check_may(actor, before.organisation_id, "delete")
    retired = remove(session, actor, listing_id, seen=if_match.required())
    return Response(status_code=204) if retired is None else kept_reply(retired, actor)


def _page_of_matcher(query: ListingsQuery, matcher: Answering) -> dict[str, object]:
    """A page while the database is empty: what the matcher ranks, by kind and province only."""
    in_place = [one for one in matcher.catalogue.listings if (one.province or "").startswith(query.province or "")]
    counts = Counter(one.kind for one in in_place)
    chosen = [one for one in in_place if query.kind in (None, one.kind)]
    first = (query.page - 1) * query.size
    return {
        "total": len(chosen),
        "page": query.page,
        "size": query.size,
        "kinds": {kind: counts[kind] for kind in KINDS},
        "facets": {},
        "listings": [listing_json(one) for one in chosen[first : first + query.size]],
    }
