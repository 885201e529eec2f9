"""`POST /v1/matches`: a need in, the ranked and explained listings out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from api.answering import AskingDep, presented_json
from api.answers import MatchesAnswer
from api.dependencies import ActorDep, ByProfileDep, MatcherDep
from api.errors import responses
from api.loading import Answering
from api.replies import reply
from api.schemas import NEED_EXAMPLES, MatchBody
from matcher.answers import facets_json
from matcher.feedback.presenting import Presented
from matcher.records import Matches
from matcher.understanding.certificates import default_certificates

router = APIRouter(prefix="/v1", tags=["matches"], responses=responses(413, 422, 503))


@router.post("/matches", summary="为一个中试需求匹配供给", response_model=MatchesAnswer,
             responses=responses(401, 403, 404))  # fmt: skip
def matches(
    need: Annotated[MatchBody, Body(openapi_examples=NEED_EXAMPLES)],
    matcher: MatcherDep,
    actor: ActorDep,
    by_profile: ByProfileDep,
    asking: AskingDep,
) -> Response:
    """Rank the catalogue for a need, with fits, reasons, near misses and open questions.

    Admins may name another profile than the published one; the answer tells by which it was ranked.
    """
    if need.profile is not None:
        actor.needs_admin()
        matcher = by_profile(need.profile)
        answered = Presented(matcher.match(need.to_need(), top=need.top))
    else:
        answered = asking.answer(
            matcher, need.to_need(), need.top, deterministic=need.deterministic, counted=not need.again
        )
    return reply(presented_json(answered, actor) | _asked(need, matcher, answered.answer))


def _asked(need: MatchBody, matcher: Answering, answer: Matches) -> dict[str, Any]:
    """What only some ask for: counts to narrow by, and cases beside the matches."""
    if not need.facets:
        return {}
    found = ((one.listing.id, matcher.narrowing.cases(one.listing)) for one in answer.matches)
    return {
        "facets": facets_json(matcher.facets(answer), lambda one: default_certificates()[one].name),
        "cases": {id: [{"id": case.id, "name": case.name} for case in cases] for id, cases in found if cases},
    }
