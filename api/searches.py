"""`/v1/searches`: what somebody looks for, kept on the server so that its words are in no address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.responses import Response

from api.dependencies import ActorDep, LimitsDep, ReadingDep, SessionDep
from api.errors import responses
from api.idempotency import IdempotencyDep
from api.limits import bucket_of
from api.need_sessions import AuditedDep
from api.replies import model_reply
from api.search_bodies import (
    SEARCH_EXAMPLE,
    ChangeSearchBody,
    SearchAnswer,
    SearchBody,
    SearchesAnswer,
    SearchesQuery,
    search_answer,
)
from api.security import client_address
from matcher.catalogue.searches.store import add_search, change_search, delete_search, own_searches, read_search

router = APIRouter(prefix="/v1/searches", tags=["searches"], responses=responses(401, 403, 422, 503))


async def _may_look(request: Request, actor: ActorDep, limits: LimitsDep) -> None:
    """Open to everybody, as matching is, and not without end."""
    actor.needs_scope("match")
    limits.searches.take(actor.user_id or bucket_of(client_address(request)))


@router.post("", status_code=201, summary="保存一次查找", response_model=SearchAnswer,
             responses=responses(409, 413, 429), dependencies=[Depends(_may_look)])  # fmt: skip
def add(
    body: Annotated[SearchBody, Body(examples=[SEARCH_EXAMPLE])],
    session: SessionDep,
    actor: ActorDep,
    once: IdempotencyDep,
) -> Response:
    """Keep what is looked for; nothing is matched. Whoever knows the id of a stranger's may read and change it."""

    def work() -> Response:
        made = add_search(session, actor, body.changes())
        return model_reply(search_answer(made), 201, {"Location": f"/v1/searches/{made.id}"})

    return once.run(work)


@router.get("", summary="本人的查找", response_model=SearchesAnswer)
def searches(query: Annotated[SearchesQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """One page of the caller's, the latest changed first."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    total, found = own_searches(session, actor, query.page, query.size, saved=query.saved)
    answers = [search_answer(one) for one in found]
    return model_reply(SearchesAnswer(total=total, page=query.page, size=query.size, searches=answers))


@router.get("/{search_id}", summary="一次查找", response_model=SearchAnswer, responses=responses(404))
def search(search_id: str, session: AuditedDep, actor: ActorDep) -> Response:
    """A stranger's for whoever knows its id; an owner's for its owner, for admins, and for everybody if shared."""
    actor.needs_scope("read")
    return model_reply(search_answer(read_search(session, actor, search_id)))


@router.patch("/{search_id}", summary="修改一次查找", response_model=SearchAnswer,
              responses=responses(404, 409, 413, 429), dependencies=[Depends(_may_look)])  # fmt: skip
def change(search_id: str, body: ChangeSearchBody, session: SessionDep, actor: ActorDep) -> Response:
    """Set its need, name, whether it is saved, whether it is shared."""
    return model_reply(search_answer(change_search(session, actor, search_id, body.changes())))


@router.delete("/{search_id}", status_code=204, summary="删除一次查找", responses=responses(404))
def remove(search_id: str, session: SessionDep, actor: ActorDep) -> None:
    """Delete it for good."""
    actor.needs_scope("match")
    delete_search(session, actor, search_id)
