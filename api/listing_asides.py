"""`/v1/listings/{id}/…`: what stands beside a listing for everybody: similar ones, scales, word of a mistake; and
`/v1/sitemap`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.account_answers import Answer, Body
from api.answers import ListingAnswer
from api.dependencies import ActorDep, LimitsDep, MatcherDep, ReadingDep, SessionDep, SettingsDep
from api.errors import responses
from api.idempotency import IdempotencyDep
from api.limits import bucket_of
from api.replies import model_reply, reply
from api.security import client_address
from matcher.answers import listing_json
from matcher.catalogue.listings.published import holds_listings, published_by_ids, published_ids
from matcher.catalogue.listings.standing import check_reader, refuse_unknown
from matcher.catalogue.listings.store import find
from matcher.records import Listing
from matcher.sending.correcting import tell_of_mistake
from matcher.today import now

SIMILAR, SIMILAR_MAX = 6, 20
TEXT_MAX, CONTACT_MAX = 1000, 100
#: As many addresses as one file of the sitemaps protocol may have.
ADDRESSES_MAX = 50_000

router = APIRouter(prefix="/v1", tags=["listings"], responses=responses(401, 403, 422, 503))


class SimilarAnswer(Answer):
    """The nearest first, those of the same kind before the others."""

    listings: list[ListingAnswer]


class ScaleAnswer(Answer):
    """Parameter number `position` beside what all listings say of the same measure, in the parameter's unit."""

    position: int
    dimension: str
    unit: str | None
    low: float | None
    high: float | None
    least: float
    most: float
    listings: int


class ScalesAnswer(Answer):
    scales: list[ScaleAnswer]


class CorrectionBody(Body):
    """What is wrong with a listing."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_MAX)] = Field(
        description="哪里有误,应当是什么"
    )
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=CONTACT_MAX)] = Field(
        "", description="怎么联系您,可不填"
    )


class CorrectionAnswer(Answer):
    """`told`: who looks after the listing, or the platform where nobody has claimed it."""

    told: str


class AddressAnswer(Answer):
    id: str
    updated_at: datetime


class SitemapAnswer(Answer):
    """Every listing that everybody may see; `next` is to be asked for with `after`, null at the end."""

    listings: list[AddressAnswer]
    next: str | None


@router.get("/listings/{listing_id}/similar", summary="相近的条目", response_model=SimilarAnswer,
            responses=responses(404))  # fmt: skip
def similar(
    listing_id: str,
    session: ReadingDep,
    actor: ActorDep,
    matcher: MatcherDep,
    count: Annotated[int, Query(ge=1, le=SIMILAR_MAX, description="最多几条")] = SIMILAR,
) -> Response:
    """Listings like this one that everybody may see; none for one that is not published."""
    _seen(session, actor, listing_id, matcher.catalogue.get(listing_id))
    if matcher.catalogue.get(listing_id) is None:
        return reply({"listings": []})
    found = matcher.similar(listing_id, count)
    if holds_listings(session):
        # What was hidden a moment ago may still be in the index of another process.
        shown = published_by_ids(session, [one.id for one in found])
        found = [listing for one in found if (listing := shown[one.id]) is not None]
    return reply({"listings": [listing_json(one) for one in found]})


@router.get("/listings/{listing_id}/scales", summary="参数在全目录中的位置", response_model=ScalesAnswer,
            responses=responses(404))  # fmt: skip
def scales(listing_id: str, session: ReadingDep, actor: ActorDep, matcher: MatcherDep) -> Response:
    """The parameters that can be compared, beside the smallest and greatest that the catalogue has."""
    listing = _seen(session, actor, listing_id, matcher.catalogue.get(listing_id))
    names = ScaleAnswer.model_fields
    return model_reply(
        ScalesAnswer(
            scales=[ScaleAnswer(**{name: getattr(one, name) for name in names}) for one in matcher.scales(listing)]
        )
    )


async def _may_correct(request: Request, actor: ActorDep, limits: LimitsDep) -> None:
    """Open to everybody by hand, and not without end."""
    actor.needs_scope("read")
    limits.feedback.take(actor.user_id or bucket_of(client_address(request)))


@router.post("/listings/{listing_id}/corrections", summary="告知条目有误", status_code=201,
             response_model=CorrectionAnswer, responses=responses(404, 409, 413, 429),
             dependencies=[Depends(_may_correct)])  # fmt: skip
def correct(
    listing_id: str,
    body: CorrectionBody,
    session: SessionDep,
    actor: ActorDep,
    settings: SettingsDep,
    once: IdempotencyDep,
) -> Response:
    """Tell those who look after a listing what is wrong with it; it changes nothing by itself."""

    def work() -> Response:
        stored = find(session, actor, listing_id)
        told = tell_of_mistake(session, settings, listing_id, stored.organisation_id, body.text, body.contact, now())
        response = model_reply(CorrectionAnswer(told=told))
        response.status_code = 201
        return response

    return once.run(work)


@router.get("/sitemap", summary="全部公开条目的编号", response_model=SitemapAnswer)
def sitemap(
    session: ReadingDep,
    actor: ActorDep,
    after: Annotated[str, Query(max_length=64, description="上一次回答的 next")] = "",
) -> Response:
    """Ids of what everybody may see, in their order: for search engines."""
    check_reader(actor)
    found = published_ids(session, after, ADDRESSES_MAX + 1)
    page = found[:ADDRESSES_MAX]
    following = page[-1][0] if len(found) > ADDRESSES_MAX else None
    addresses = [AddressAnswer(id=one, updated_at=at) for one, at in page]
    return model_reply(SitemapAnswer(listings=addresses, next=following))


def _seen(session: ReadingDep, actor: ActorDep, listing_id: str, served: Listing | None) -> Listing:
    """The listing as the caller may see it. Raises NotFound."""
    check_reader(actor)
    if holds_listings(session):
        return find(session, actor, listing_id).listing
    return served if served is not None else refuse_unknown(listing_id)
