"""`/v1/profiles`: the versions of ranking profiles, which of them is published, and going back; for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import ActorDep, ReadingDep, ServingDep, SessionDep, SettingsDep
from api.errors import responses
from api.idempotency import IdempotencyDep
from api.profile_answers import (
    EncodedAnswer,
    HistoryAnswer,
    HistoryQuery,
    NewProfileBody,
    ProfileAnswer,
    ProfileInUseAnswer,
    ProfileReasonBody,
    ProfilesAnswer,
    ProfilesQuery,
    PublicationAnswer,
    PublishedProfileAnswer,
    RollbackBody,
    WaiverAnswer,
    WaiverBody,
    WholeProfileAnswer,
    gate_answer,
    profile_json,
    publication_answer,
    waiver_answer,
)
from api.replies import model_reply
from matcher.catalogue.access import Actor
from matcher.catalogue.database import Session
from matcher.catalogue.profiles.allowance import latest_gate, publish_allowed, waive, waivers
from matcher.catalogue.profiles.drafts import create, find, get, page_of
from matcher.catalogue.profiles.edits import editable
from matcher.catalogue.profiles.publishing import history as history_of
from matcher.catalogue.profiles.publishing import published as published_one
from matcher.catalogue.profiles.publishing import rollback
from matcher.catalogue.profiles.rule_checks import with_checked_rules
from matcher.catalogue.profiles.stored import StoredProfile, usable_document
from matcher.errors import BrokenArtefact, InvalidInput, NotFound, Outdated
from matcher.ranking.document_changes import changed
from matcher.ranking.documents import Document, differences, document_from
from matcher.settings import Settings
from matcher.today import today

router = APIRouter(prefix="/v1/profiles", tags=["profiles"], responses=responses(401, 403, 422, 503))


@router.get("", summary="全部排序方案", response_model=ProfilesAnswer)
def profiles(query: Annotated[ProfilesQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """Versions, the latest first."""
    actor.needs_admin()
    page = page_of(session, name=query.name, state=query.state, first=query.first, size=query.size)
    shown = [ProfileAnswer(**profile_json(one)) for one in page.versions]
    return model_reply(ProfilesAnswer(total=page.total, page=query.page, size=query.size, profiles=shown))


@router.post("", summary="保存一个新版本(草稿)", status_code=201, response_model=WholeProfileAnswer,
             responses=responses(404, 409, 412, 413))  # fmt: skip
def add(
    body: NewProfileBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep, settings: SettingsDep
) -> Response:
    """A new version of a name: a whole document, or changes of another version.

    Versions never change afterwards. A base that is named by its id has to be the newest of its name, where the new
    version keeps that name; `city@1` may be older.
    """
    actor.needs_admin()

    def work() -> Response:
        stored = _create(session, actor, body, settings)
        return model_reply(_whole(session, stored), 201, {"Location": f"/v1/profiles/{stored.id}"})

    return once.run(work)


@router.get("/published", summary="已发布的排序方案", response_model=PublishedProfileAnswer, responses=responses(404))
def published(session: ReadingDep, actor: ActorDep, serving: ServingDep) -> Response:
    """What ranks now, or will as soon as its encoder has read the catalogue: `in_use` and `waiting` tell."""
    actor.needs_admin()
    stored = published_one(session)
    if stored is None:
        raise NotFound("还没有已发布的排序方案", hint="服务首次启动时会发布随程序附带的方案")
    progress, ranking = serving.progress(), serving.ranking()
    waiting = progress.reencoded if progress else None
    return model_reply(
        PublishedProfileAnswer(
            **_whole(session, stored).model_dump(),
            in_use=ProfileInUseAnswer(name=ranking[0], version=ranking[1]) if ranking else None,
            waiting=EncodedAnswer(done=waiting.done, total=waiting.total) if waiting else None,
            not_in_use=progress.complaint if progress else None,
        )
    )


@router.get("/history", summary="发布与回退的记录", response_model=HistoryAnswer)
def history(query: Annotated[HistoryQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """Who published or rolled back what, when and why; the latest first."""
    actor.needs_admin()
    # One more than asked for tells whether there is a next page.
    found = history_of(session, query.size + 1, before=query.before)
    page = [publication_answer(one) for one in found[: query.size]]
    return model_reply(HistoryAnswer(publications=page, next=page[-1].number if len(found) > query.size else None))


@router.post("/rollback", summary="回退到上一个方案", status_code=201, response_model=PublicationAnswer,
             responses=responses(409, 412))  # fmt: skip
def roll_back(body: RollbackBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep) -> Response:
    """Put what was published before in the place of the published profile, in one step."""
    actor.needs_admin()

    def work() -> Response:
        return model_reply(publication_answer(rollback(session, actor, body.reason, seen=body.profile_id)), 201)

    return once.run(work)


@router.get("/{profile_id}", summary="一个排序方案", response_model=WholeProfileAnswer, responses=responses(404))
def profile(profile_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """One version: its document, what changed against its parent and against the published one, gate and waivers."""
    actor.needs_admin()
    return model_reply(_whole(session, get(session, profile_id)))


@router.post("/{profile_id}/publication", summary="发布", status_code=201, response_model=PublicationAnswer,
             responses=responses(404, 409))  # fmt: skip
def publish(
    profile_id: str, body: ProfileReasonBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep
) -> Response:
    """Rank by it from the next answer on. The gate must have passed it, or a second admin have signed a waiver."""
    actor.needs_admin()

    def work() -> Response:
        return model_reply(publication_answer(publish_allowed(session, actor, profile_id, body.reason)), 201)

    return once.run(work)


@router.post("/{profile_id}/waivers", summary="门禁未通过仍同意发布", status_code=201, response_model=WaiverAnswer,
             responses=responses(404, 409))  # fmt: skip
def sign(profile_id: str, body: WaiverBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep) -> Response:
    """Sign, as the second admin, that somebody else may publish it although the gate did not pass it."""
    actor.needs_admin()
    return once.run(lambda: model_reply(waiver_answer(waive(session, actor, profile_id, body.reason)), 201))


def _create(session: Session, actor: Actor, body: NewProfileBody, settings: Settings) -> StoredProfile:
    base = _base(session, body)
    name = body.name if body.name is not None else base.name if base is not None else None
    if name is None:
        raise InvalidInput("请填写方案名称", hint="或用 base 指明以哪一版为底", field="name")
    before = _readable(base)[0] if base is not None else None
    document = with_checked_rules(session, _document(body, base), before.rules if before else (), today())
    settings.encoder_named(document.encoder_source)  # refuses one that this installation does not allow
    return create(session, actor, name, document, body.reason, parent_id=base.id if base else None)


def _base(session: Session, body: NewProfileBody) -> StoredProfile | None:
    """The version that the new one is made of; of two who change one version under its name the second is told.

    Who writes `city@1` goes back to that version on purpose; an id is what a page or a program has last seen.
    """
    if body.base is None:
        return None
    base = find(session, body.base)
    if "@" in body.base:
        return base
    try:
        return editable(session, base.id, body.name)
    except Outdated as error:
        raise Outdated(error.message, hint=error.hint, field="base") from error


def _document(body: NewProfileBody, base: StoredProfile | None) -> Document:
    if (body.document is None) == (body.changes is None):
        raise InvalidInput("document 与 changes 须填且只能填一项", hint="小改动用 base 加 changes", field="document")
    if body.document is not None:
        return document_from(body.document)
    if base is None:
        raise InvalidInput("changes 须与 base 一同填写", hint="base 可填 default 或某一版的编号", field="base")
    return changed(usable_document(base), body.changes or {})


def _whole(session: Session, stored: StoredProfile) -> WholeProfileAnswer:
    present = published_one(session)
    document, complaint = _readable(stored)
    parent = get(session, stored.parent_id) if stored.parent_id else None
    return WholeProfileAnswer(
        **profile_json(stored),
        document=document.as_dict() if document else None,
        complaint=complaint,
        from_parent=_differences(parent, document),
        from_published=_differences(present, document),
        gate=gate_answer(latest_gate(session, stored.id, present.id) if present else None),
        waivers=[waiver_answer(one) for one in waivers(session, stored.id)],
    )


def _readable(stored: StoredProfile) -> tuple[Document | None, str | None]:
    try:
        return stored.document(), None
    except BrokenArtefact as error:
        return None, error.message


def _differences(before: StoredProfile | None, after: Document | None) -> dict[str, object] | None:
    """What changed; None where there is nothing readable to hold it against."""
    old = _readable(before)[0] if before is not None else None
    return differences(old, after) if old is not None and after is not None else None
