"""`POST /v1/understand`: what a text asks for, without a search."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import UnderstandAnswer
from api.dependencies import ReaderDep
from api.errors import responses
from api.replies import reply
from api.schemas import UnderstandBody
from matcher.records import Need
from matcher.understanding.reading import as_json

router = APIRouter(prefix="/v1", tags=["matches"], responses=responses(413, 422, 503))


@router.post("/understand", summary="读出需求中的条件", response_model=UnderstandAnswer)
def understand(body: UnderstandBody, reader: ReaderDep) -> Response:
    """The requirements read from a text; `start` and `end` count its characters."""
    understood = reader.read(Need(body.text))
    return reply({"requirements": [as_json(one) for one in understood.requirements], "notes": list(understood.notes)})
