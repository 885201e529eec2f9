"""`/v1/organisations`: units that operate and request; kept by admins, their places also by their own operators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.account_answers import (
    OrganisationAnswer,
    OrganisationBody,
    OrganisationsAnswer,
    OrganisationsQuery,
    organisation_answer,
)
from api.dependencies import ActorDep, ReadingDep, SessionDep
from api.errors import responses
from api.etags import IfMatchDep, etag
from api.idempotency import IdempotencyDep
from api.replies import model_reply
from matcher.catalogue.accounts.organisations import (
    Organisation,
    OrganisationFields,
    add_organisation,
    get_organisation,
    list_organisations,
    remove_organisation,
    replace_organisation,
)

router = APIRouter(prefix="/v1/organisations", tags=["organisations"], responses=responses(401, 403, 413, 422, 503))


@router.get("", summary="浏览单位", response_model=OrganisationsAnswer)
def organisations(query: Annotated[OrganisationsQuery, Query()], session: ReadingDep, actor: ActorDep) -> Response:
    """One page of the organisations by name."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    total, found = list_organisations(
        session, actor, words=query.q, province=query.province, first=query.first, size=query.size
    )
    page = [organisation_answer(one) for one in found]
    return model_reply(OrganisationsAnswer(total=total, page=query.page, size=query.size, organisations=page))


@router.get("/{organisation_id}", summary="一个单位", response_model=OrganisationAnswer, responses=responses(404))
def organisation(organisation_id: str, session: ReadingDep, actor: ActorDep) -> Response:
    """One organisation by its id."""
    actor.needs_sign_in()
    actor.needs_scope("read")
    return _answer(get_organisation(session, actor, organisation_id))


@router.post("", status_code=201, summary="登记单位", response_model=OrganisationAnswer, responses=responses(409))
def create(body: OrganisationBody, session: SessionDep, actor: ActorDep, once: IdempotencyDep) -> Response:
    """A new organisation, by an admin."""
    actor.needs_admin()
    fields = OrganisationFields(**body.model_dump())
    return once.run(lambda: _answer(add_organisation(session, actor, fields), 201))


@router.put(
    "/{organisation_id}", summary="修改单位", response_model=OrganisationAnswer, responses=responses(404, 409, 412)
)
def replace(
    organisation_id: str, body: OrganisationBody, session: SessionDep, actor: ActorDep, if_match: IfMatchDep
) -> Response:
    """Write all fields; `If-Match` names the version that was seen."""
    actor.needs_sign_in()
    fields = OrganisationFields(**body.model_dump())
    get_organisation(session, actor, organisation_id)
    return _answer(replace_organisation(session, actor, organisation_id, fields, seen=if_match.required()))


@router.delete("/{organisation_id}", status_code=204, summary="删除单位", responses=responses(404, 409, 412))
def remove(organisation_id: str, session: SessionDep, actor: ActorDep, if_match: IfMatchDep) -> None:
    """Delete one that nothing belongs to, by an admin."""
    actor.needs_admin()
    get_organisation(session, actor, organisation_id)
    remove_organisation(session, actor, organisation_id, seen=if_match.required())


def _answer(organisation: Organisation, status: int = 200) -> Response:
    headers = {"ETag": etag(organisation.version), "Location": f"/v1/organisations/{organisation.id}"}
    return model_reply(organisation_answer(organisation), status, headers)
