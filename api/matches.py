"""`POST /v1/matches`: a need in, the ranked and explained listings out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.responses import Response

from api.answers import MatchesAnswer
from api.dependencies import MatcherDep
from api.errors import responses
from api.replies import reply
from api.schemas import NEED_EXAMPLES, NeedBody
from matcher.answers import answer_json

router = APIRouter(prefix="/v1", tags=["matches"], responses=responses(413, 422, 503))


@router.post("/matches", summary="为一个中试需求匹配供给", response_model=MatchesAnswer)
def matches(need: Annotated[NeedBody, Body(openapi_examples=NEED_EXAMPLES)], matcher: MatcherDep) -> Response:
    """Rank the catalogue for a need, with fits, reasons, near misses and open questions."""
    return reply(answer_json(matcher.match(need.to_need(), top=need.top)))
