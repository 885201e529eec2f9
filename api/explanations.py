"""`POST /v1/explanations`: where one listing stands for a need, for its operator."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import ExplanationAnswer
from api.dependencies import MatcherDep
from api.errors import responses
from api.replies import reply
from api.schemas import ExplanationBody
from matcher.answers import why_not_json

router = APIRouter(prefix="/v1", tags=["matches"], responses=responses(404, 413, 422, 503))


@router.post("/explanations", summary="说明一个条目为何排在这里", response_model=ExplanationAnswer)
def explanations(body: ExplanationBody, matcher: MatcherDep) -> Response:
    """The rank of a listing among its kind, what it misses or leaves unsaid, and what would raise it."""
    return reply(why_not_json(matcher.why_not(body.to_need(), body.listing_id)))
