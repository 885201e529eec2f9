"""`/v1/listings/{id}/…`: the acts of a listing's life, and its versions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.dependencies import ActorDep, ReadingDep, SessionDep
from api.errors import responses
from api.etags import IfMatchDep
from api.listing_answers import (
    DifferencesAnswer,
    KeptListingAnswer,
    VersionsAnswer,
    WholeVersionAnswer,
    difference_json,
    kept_reply,
    version_json,
)
from api.listing_bodies import AssignmentBody, ReasonBody, VerificationBody
from api.need_sessions import TodayDep
from api.replies import reply
from matcher.catalogue.access import Actor
from matcher.catalogue.database import Session
from matcher.catalogue.lifecycle import Act
from matcher.catalogue.listings.standing import check_keeper, check_may
from matcher.catalogue.listings.store import find, perform
from matcher.catalogue.listings.versions import changes_to_approve, take_back, version_of, versions_of

router = APIRouter(
    prefix="/v1/listings/{listing_id}", tags=["listings"], responses=responses(401, 403, 404, 409, 412, 422, 503)
)


@router.post("/submission", summary="提交审核", response_model=KeptListingAnswer)
def submit(listing_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Hand a draft to the admins."""
    return _perform(session, actor, listing_id, "submit", if_match)


@router.delete("/submission", summary="撤回提交", response_model=KeptListingAnswer)
def withdraw(listing_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Take a submitted listing back to be a draft."""
    return _perform(session, actor, listing_id, "withdraw", if_match, needs_version=True)


@router.post("/approval", summary="通过审核", response_model=KeptListingAnswer)
def approve(listing_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Approve what is submitted, or what was changed since; `If-Match` names the version that was read."""
    return _perform(session, actor, listing_id, "approve", if_match, needs_version=True)


@router.post("/return", summary="退回", response_model=KeptListingAnswer)
def give_back(
    listing_id: str, body: ReasonBody, session: SessionDep, actor: ActorDep, if_match: IfMatchDep
) -> Response:
    """Give it back to its operator with a reason; a published one is out of sight until it is approved again."""
    return _perform(session, actor, listing_id, "return", if_match, reason=body.reason)


@router.post("/publication", summary="发布", response_model=KeptListingAnswer)
def publish(listing_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep, today: TodayDep) -> Response:
    """Show an approved listing to everybody."""
    return _perform(session, actor, listing_id, "publish", if_match, today=today)


@router.post("/verification", summary="复核", response_model=KeptListingAnswer)
def verify(
    listing_id: str,
    session: SessionDep,
    actor: ActorDep,
    if_match: IfMatchDep,
    today: TodayDep,
    body: VerificationBody | None = None,
) -> Response:
    """Say that all of it holds today; a stale listing is fresh again."""
    months = body.months if body is not None else None
    return _perform(session, actor, listing_id, "verify", if_match, months=months, today=today)


@router.post("/hiding", summary="屏蔽", response_model=KeptListingAnswer)
def hide(listing_id: str, body: ReasonBody, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Take it out of sight, whatever its state; its operator reads the reason."""
    return _perform(session, actor, listing_id, "hide", if_match, reason=body.reason)


@router.delete("/hiding", summary="取消屏蔽", response_model=KeptListingAnswer)
def unhide(listing_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Show it again, if its state is one that is shown."""
    return _perform(session, actor, listing_id, "unhide", if_match, needs_version=True)


@router.post("/retirement", summary="下架", response_model=KeptListingAnswer)
def retire(listing_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Withdraw it for good, until somebody opens it again."""
    return _perform(session, actor, listing_id, "retire", if_match)


@router.delete("/retirement", summary="重新编辑已下架的条目", response_model=KeptListingAnswer)
def reopen(listing_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Make a draft of a retired listing."""
    return _perform(session, actor, listing_id, "reopen", if_match, needs_version=True)


@router.put("/assignment", summary="划归单位", response_model=KeptListingAnswer)
def assign(
    listing_id: str, body: AssignmentBody, session: SessionDep, actor: ActorDep, if_match: IfMatchDep
) -> Response:
    """Say whose listing it is."""
    organisation_id = body.organisation_id
    return _perform(session, actor, listing_id, "assign", if_match, needs_version=True, organisation_id=organisation_id)


@router.get("/versions", summary="各个版本", response_model=VersionsAnswer)
def versions(listing_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """All versions, latest first."""
    return reply({"versions": [version_json(one) for one in versions_of(session, actor, listing_id)]})


@router.get("/versions/{number}", summary="一个版本", response_model=WholeVersionAnswer)
def version(listing_id: str, number: int, session: ReadingDep, actor: ActorDep) -> Response:
    """One version with its content."""
    found = version_of(session, actor, listing_id, number)
    return reply(version_json(found) | {"fields": found.fields})


@router.post("/versions/{number}/restoration", summary="恢复到一个版本", response_model=KeptListingAnswer)
def restore(listing_id: str, number: int, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> Response:
    """Give the listing the content of that version, as a new one."""
    check_keeper(actor)
    return kept_reply(take_back(session, actor, listing_id, number, seen=if_match.optional()), actor)


@router.get("/differences", summary="自上次通过审核以来的修改", response_model=DifferencesAnswer)
def differences(listing_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """What an approver looks at; everything where nothing was approved yet."""
    found = changes_to_approve(session, actor, listing_id)
    return reply({"differences": [difference_json(one) for one in found]})


def _perform(
    session: Session,
    actor: Actor,
    listing_id: str,
    act: Act,
    if_match: Any,
    *,
    needs_version: bool = False,
    **details: Any,
) -> Response:
    check_keeper(actor)
    before = find(session, actor, listing_id)
    check_may(actor, before.organisation_id, act)
    seen = if_match.required() if needs_version else if_match.optional()
    return kept_reply(perform(session, actor, listing_id, act, seen=seen, **details), actor)
