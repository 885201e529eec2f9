"""`GET /v1/feed`: the changes of public listings, for platforms that keep a copy."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api.answers import ListingAnswer
from api.dependencies import ActorDep, ReadingDep
from api.errors import responses
from api.listing_answers import Answer
from api.replies import reply
from api.schemas import Strict
from matcher.answers import listing_json
from matcher.catalogue.change_log import Change
from matcher.catalogue.listings.feed import feed_after
from matcher.catalogue.listings_file import listing_from

LIMIT, LIMIT_MAX = 100, 1000

router = APIRouter(prefix="/v1/feed", tags=["feed"], responses=responses(401, 403, 422, 503))


class ChangeAnswer(Answer):
    """`shown`: the listing is in sight with this content; `gone`: it is not, or no longer."""

    number: int
    at: datetime
    id: str
    what: Literal["shown", "gone"]
    listing: ListingAnswer | None


class FeedAnswer(Answer):
    """Changes in order. Ask again with `after` = `next`; `more` tells whether there is something now."""

    changes: list[ChangeAnswer]
    next: int
    more: bool


class FeedQuery(Strict):
    after: int = Field(0, ge=0, le=2**62, description="上一次回答的 next;0 从头开始")
    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="最多几条")


@router.get("", summary="条目变更流", response_model=FeedAnswer)
def feed(query: Annotated[FeedQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """The latest change of each listing after a cursor: following it gives the public catalogue, nothing else."""
    actor.needs_sign_in()
    actor.needs_scope("feed")
    page = feed_after(session, query.after, query.limit)
    return reply({"changes": [change_json(one) for one in page.changes], "next": page.next, "more": page.more})


def change_json(change: Change) -> dict[str, Any]:
    """`ChangeAnswer`."""
    return {
        "number": change.number,
        "at": change.at.isoformat(),
        "id": change.about_id,
        "what": change.what,
        "listing": None if change.content is None else listing_json(listing_from(change.content)),
    }
