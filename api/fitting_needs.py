"""`GET /v1/listings/{id}/needs`: for operators, the needs that fit a listing, by what they may see of them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.admission import Admitted
from api.dependencies import ActorDep, DatabaseDep, MatcherDep, ReadingDep
from api.errors import responses
from api.need_answers import (
    AdviceListAnswer,
    CompletenessAnswer,
    FittingNeedsAnswer,
    NeedStandingAnswer,
    completeness_json,
    fitting_need_json,
    missing_field_json,
    seen_need_json,
)
from api.need_bodies import FittingQuery
from api.need_sessions import TodayDep
from api.replies import reply
from matcher.answers import why_not_json
from matcher.catalogue.database import Session
from matcher.catalogue.lifecycle import VISIBLE
from matcher.catalogue.listings.standing import check_reader, holds
from matcher.catalogue.listings.store import find
from matcher.catalogue.needs.board import seen_need, seen_needs
from matcher.catalogue.needs.for_listing import check_asks_for
from matcher.catalogue.needs.vectors import keep_vectors, known_vectors
from matcher.catalogue.needs.visibility import SeenNeed
from matcher.completeness import completeness_of
from matcher.errors import Forbidden, InvalidInput, Unavailable
from matcher.fitting import GRADES, FittingNeed, NeedReadings, fitting_needs, texts_of
from matcher.match import Matcher
from matcher.need_advice import missing_fields
from matcher.records import SUPPLY_KINDS, Need

router = APIRouter(prefix="/v1/listings", tags=["needs"], responses=responses(401, 403, 404, 409, 422, 503))


def _readings(request: Request) -> NeedReadings:
    return cast(NeedReadings, request.app.state.need_readings)


ReadingsDep = Annotated[NeedReadings, Depends(_readings)]


class Measuring:
    """Needs held against a listing, as the caller sees them; what the encoder gave is stored for the next time."""

    def __init__(self, matcher: MatcherDep, readings: ReadingsDep, database: DatabaseDep, today: TodayDep) -> None:
        self._answering, self._readings, self._database, self._today = matcher, readings, database, today

    @property
    def _matcher(self) -> Matcher:
        """The matcher with all that single pairs are measured by; asked for when the caller may ask at all."""
        if not isinstance(self._answering, Matcher):
            raise Unavailable("当前匹配器不能为条目查找需求")
        return self._answering

    def fitting(self, session: Session, listing_id: str, needs: Sequence[Need]) -> list[FittingNeed]:
        """As `fitting_needs`."""
        encoder, texts = self._matcher.retriever.encoder, self._texts(needs)
        stored = known_vectors(session, encoder, texts)
        found = fitting_needs(self._matcher, listing_id, needs, self._readings, self._today, stored)
        new = {
            need_id: (text, self._readings.words(self._matcher, text).coded)
            for need_id, text in texts.items()
            if text not in stored
        }
        if new:
            # Vectors are not worth failing for while somebody else writes: they can be computed again.
            with contextlib.suppress(Unavailable), self._database.session() as writing:
                keep_vectors(writing, encoder, new)
        return found

    def _texts(self, needs: Sequence[Need]) -> dict[str, str]:
        """By need, the texts whose vectors this process does not remember."""
        texts = texts_of(self._matcher, needs, self._readings, self._today)
        missing = set(self._readings.missing(texts))
        return {str(need.id): text for need, text in zip(needs, texts, strict=True) if text in missing}


MeasuredDep = Annotated[Measuring, Depends(Measuring)]


@router.get(
    "/{listing_id}/needs", summary="与条目匹配的需求", response_model=FittingNeedsAnswer, dependencies=[Admitted]
)
def needs(
    listing_id: str,
    query: Annotated[FittingQuery, Query()],
    session: ReadingDep,
    actor: ActorDep,
    measuring: MeasuredDep,
    today: TodayDep,
) -> Response:
    """The needs that fit, best first; order, scores and fits are made of what the caller may see."""
    check_asks_for(session, actor, listing_id)
    seen = seen_needs(session, actor, today)
    found = measuring.fitting(session, listing_id, [one.need for one in seen])
    kept = [one for one in found if one.is_kept]
    chosen = [one for one in kept if GRADES.index(one.grade) <= GRADES.index(query.least)]
    first = (query.page - 1) * query.size
    return reply(
        {
            "listing_id": listing_id,
            "total": len(chosen),
            "page": query.page,
            "size": query.size,
            "removed": len(found) - len(kept),
            "needs": _page(chosen, seen, first, query.size),
        }
    )


@router.get(
    "/{listing_id}/needs/{need_id}",
    summary="条目在一个需求中的位置",
    response_model=NeedStandingAnswer,
    dependencies=[Admitted],
)
def standing(
    listing_id: str,
    need_id: str,
    session: ReadingDep,
    actor: ActorDep,
    matcher: MatcherDep,
    today: TodayDep,
) -> Response:
    """Where the listing stands for a need and why, and what would raise it, by what the caller may see of the need."""
    check_asks_for(session, actor, listing_id)
    need = seen_need(session, actor, need_id, today)
    try:
        found = matcher.why_not(need.need, listing_id)
    except InvalidInput as error:
        # A hard condition may quote words of a field that is hidden: then it can't be held against anybody here.
        if not (error.field or "").startswith("must"):
            raise
        found = matcher.why_not(replace(need.need, must=()), listing_id)
    return reply({"need": seen_need_json(need), "standing": why_not_json(found)})


@router.get(
    "/{listing_id}/advice", summary="条目还可以写明什么", response_model=AdviceListAnswer, dependencies=[Admitted]
)
def advice(
    listing_id: str,
    session: ReadingDep,
    actor: ActorDep,
    measuring: MeasuredDep,
    today: TodayDep,
) -> Response:
    """What needs ask for and the listing does not say, counted over the needs that the caller may see."""
    check_asks_for(session, actor, listing_id)
    seen = [one.need for one in seen_needs(session, actor, today)]
    found = missing_fields(measuring.fitting(session, listing_id, seen))
    return reply(
        {
            "listing_id": listing_id,
            "considered": len(seen),
            "advice": [missing_field_json(one) for one in found],
        }
    )


@router.get("/{listing_id}/completeness", summary="条目写得有多完整", response_model=CompletenessAnswer)
def completeness(
    listing_id: str, session: ReadingDep, actor: ActorDep, measuring: MeasuredDep, today: TodayDep
) -> Response:
    """A score of what is filled and what needs ask for, in whatever state the listing is: for those who keep it."""
    actor.needs_role("operator")
    check_reader(actor)
    stored = find(session, actor, listing_id)
    if not holds(actor, stored.organisation_id):
        raise Forbidden("只能查看本单位条目的完整度", hint="如需更正归属,请联系管理员")
    found: Sequence[FittingNeed] = ()
    if stored.state in VISIBLE and not stored.hidden and stored.listing.kind in SUPPLY_KINDS:
        found = measuring.fitting(session, listing_id, [one.need for one in seen_needs(session, actor, today)])
    return reply(completeness_json(listing_id, completeness_of(stored.listing, missing_fields(found))))


def _page(chosen: Sequence[FittingNeed], seen: Sequence[SeenNeed], first: int, size: int) -> list[dict[str, object]]:
    by_id = {one.id: one for one in seen}
    return [
        fitting_need_json(rank, one, by_id[cast(str, one.need.id)])
        for rank, one in enumerate(chosen[first : first + size], first + 1)
    ]
