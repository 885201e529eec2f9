"""`POST /v1/previews`: what a draft would change, while somebody works on it; for admins. Nothing is stored."""

from __future__ import annotations

import time

from fastapi import APIRouter
from starlette.responses import Response

from api.dependencies import ActorDep, DatabaseDep
from api.errors import responses
from api.gate_answers import PreviewAnswer, PreviewBody, judged_json, need_json
from api.replies import model_reply
from api.trying import TrialsDep, published_or_refused
from matcher.catalogue.database import Session
from matcher.catalogue.profiles.drafts import find
from matcher.catalogue.profiles.stored import usable_document
from matcher.errors import InvalidInput, NotFound
from matcher.evaluation.judged_sets import JudgedSet
from matcher.ranking.document_changes import changed
from matcher.ranking.documents import Document, document_from
from matcher.records import Need
from matcher.understanding.text import check_text

router = APIRouter(prefix="/v1/previews", tags=["profiles"], responses=responses(401, 403, 404, 409, 413, 422, 503))


@router.post("", summary="预览草稿的效果", response_model=PreviewAnswer)
def preview(body: PreviewBody, actor: ActorDep, database: DatabaseDep, trials: TrialsDep) -> Response:
    """A draft against the published profile, on judged needs and, if asked for, on one need.

    Moved weights and thresholds take some 0.1 s; other words, or a changed catalogue, have to be measured first.
    """
    actor.needs_admin()
    began = time.perf_counter()
    with database.reading() as session:
        against, draft = published_or_refused(session), _draft(session, body)
        judged = trials.judged(session, body.judgement_set)
    trial = trials.of(against.document(), draft)
    need = _need(body, judged)
    answer = PreviewAnswer(
        against=against.label,
        judged=judged_json(trial.preview(judged), judged),
        need=need_json(trial.need(need)) if need is not None else None,
        took_ms=0.0,
    )
    answer.took_ms = round((time.perf_counter() - began) * 1000, 1)
    return model_reply(answer)


def _draft(session: Session, body: PreviewBody) -> Document:
    if (body.document is None) == (body.profile is None):
        raise InvalidInput("document 与 profile 须填且只能填一项", hint="小改动用 profile 加 changes", field="profile")
    if body.document is not None:
        if body.changes is not None:
            raise InvalidInput("changes 须与 profile 一同填写", hint="document 已是完整内容", field="changes")
        return document_from(body.document)
    document = usable_document(find(session, body.profile or ""))
    return document if body.changes is None else changed(document, body.changes)


def _need(body: PreviewBody, judged: JudgedSet) -> Need | None:
    if body.need is not None and body.need_id is not None:
        raise InvalidInput("need 与 need_id 只能填一项", hint="need 是自己的话,need_id 是已标注的需求", field="need")
    if body.need is not None:
        return Need(text=check_text(body.need))
    if body.need_id is None:
        return None
    found = next((one for one in judged.needs if one.id == body.need_id), None)
    if found is None:
        raise NotFound("没有这条已标注的需求", hint="编号见 judged.changes", field="need_id")
    return found
