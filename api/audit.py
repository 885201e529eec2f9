"""`GET /v1/audit`: who did what, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.account_answers import AuditAnswer, AuditQuery, audit_answer
from api.dependencies import ActorDep, ReadingDep
from api.errors import responses
from api.replies import model_reply
from matcher.catalogue.audit import read_audit

router = APIRouter(prefix="/v1/audit", tags=["audit"], responses=responses(401, 403, 422, 503))


@router.get("", summary="操作记录", response_model=AuditAnswer)
def audit(query: Annotated[AuditQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """Acts, latest first; `next` continues where this page ends, whatever is added meanwhile."""
    actor.needs_admin()
    chosen = query.model_dump(exclude={"size"})
    # One more than asked for tells whether there is a next page.
    found = read_audit(session, **chosen, limit=query.size + 1)
    page = [audit_answer(entry) for entry in found[: query.size]]
    return model_reply(AuditAnswer(entries=page, next=page[-1].number if len(found) > query.size else None))
