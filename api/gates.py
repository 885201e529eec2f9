"""`/v1/profiles/{id}/gates`: runs the gate on a draft, and shows what it found before; for admins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.account_answers import PageQuery
from api.dependencies import ActorDep, DatabaseDep, ReadingDep
from api.errors import responses
from api.gate_answers import GateAnswer, GateBody, GatesAnswer, gate_json
from api.replies import model_reply
from api.trying import TrialsDep, published_or_refused
from matcher.catalogue.database import Session
from matcher.catalogue.gates import gates_of, store_gate
from matcher.catalogue.needs.board import recent_needs
from matcher.catalogue.profiles.drafts import get
from matcher.catalogue.profiles.stored import usable_document
from matcher.records import Need
from matcher.today import today
from matcher.understanding.text import check_text

router = APIRouter(prefix="/v1/profiles", tags=["profiles"], responses=responses(401, 403, 404, 409, 422, 503))


@router.post("/{profile_id}/gates", summary="运行门禁", status_code=201, response_model=GateAnswer)
def run(
    profile_id: str, actor: ActorDep, database: DatabaseDep, trials: TrialsDep, body: GateBody | None = None
) -> Response:
    """Hold a version against the published one on judged needs. The first run after a change of listings takes longer.

    No transaction is open meanwhile: it takes seconds, and others write.
    """
    actor.needs_admin()
    with database.reading() as session:
        draft, against = get(session, profile_id), published_or_refused(session)
        judged = trials.judged(session, body.judgement_set if body is not None else None)
        recent = _recent(session, body.recent if body is not None else None)
    report = trials.of(against.document(), usable_document(draft)).gate(judged, recent)
    with database.session() as session:
        stored = store_gate(session, actor, draft.id, against.id, judged.version, report.verdict, report.as_dict())
    return model_reply(gate_json(stored), 201)


def _recent(session: Session, texts: Sequence[str] | None) -> Sequence[Need]:
    if texts is None:
        return recent_needs(session, today())
    return [Need(text=check_text(text), id=str(number)) for number, text in enumerate(texts, 1)]


@router.get("/{profile_id}/gates", summary="门禁记录", response_model=GatesAnswer)
def gates(profile_id: str, query: Annotated[PageQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """What the gate found of a version, the latest first."""
    actor.needs_admin()
    total, found = gates_of(session, profile_id, query.first, query.size)
    return model_reply(
        GatesAnswer(total=total, page=query.page, size=query.size, gates=[gate_json(one) for one in found])
    )
