"""What goes out of stored listings: what everybody sees, and beside it how a listing stands, for those who keep it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from api.answers import ListingAnswer
from api.etags import etag
from api.replies import reply
from matcher.answers import listing_json
from matcher.catalogue.access import Actor
from matcher.catalogue.lifecycle import STATE_NAMES, Act, State, possible
from matcher.catalogue.listings.queries import Page
from matcher.catalogue.listings.rows import StoredListing
from matcher.catalogue.listings.standing import performer_of
from matcher.catalogue.listings.versions import Difference, Version
from matcher.records import Kind

Json = dict[str, Any]


class Answer(BaseModel):
    """What is declared is all that there is."""

    model_config = ConfigDict(extra="forbid")


class StandingAnswer(Answer):
    """How a listing stands: for its operator and for admins.

    `changed` since an admin approved `approved_version`; `note` is the reason of the last return or hiding; `acts` are
    what the caller can do now.
    """

    state: State
    state_name: str
    version: int
    organisation_id: str | None
    hidden: bool
    changed: bool
    approved_version: int | None
    note: str | None
    verified_by: str | None
    due_on: date | None
    provenance: dict[str, Any]
    acts: list[Act]
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class KeptListingAnswer(ListingAnswer):
    """A listing as everybody sees it; `standing` is there only for those who keep it."""

    standing: StandingAnswer | None = None


class ListingsAnswer(Answer):
    """One page; `kinds` and `facets` count what the other conditions leave, so that a value can be chosen."""

    total: int
    page: int
    size: int
    kinds: dict[Kind, int]
    facets: dict[str, dict[str, int]] = {}
    listings: list[KeptListingAnswer]


class VersionAnswer(Answer):
    version: int
    act: str
    state: State
    user_id: str | None
    at: datetime


class WholeVersionAnswer(VersionAnswer):
    """`fields` as in listings.jsonl."""

    fields: dict[str, Any]


class VersionsAnswer(Answer):
    versions: list[VersionAnswer]


class DifferenceAnswer(Answer):
    """`before` and `after` are null where the field says nothing; `terms.…` is within the terms."""

    field: str
    before: Any
    after: Any


class DifferencesAnswer(Answer):
    differences: list[DifferenceAnswer]


def kept_json(stored: StoredListing, actor: Actor) -> Json:
    """A listing for this actor: with its standing only where it is the actor's to keep."""
    performer = performer_of(actor, stored.organisation_id)
    public = listing_json(stored.listing)
    if performer is None:
        return public
    standing = StandingAnswer(
        state=stored.state,
        state_name=STATE_NAMES[stored.state],
        version=stored.version,
        organisation_id=stored.organisation_id,
        hidden=stored.hidden,
        changed=stored.changed,
        approved_version=stored.approved_version,
        note=stored.note,
        verified_by=stored.verified_by,
        due_on=stored.due_on,
        provenance=stored.provenance,
        acts=list(possible(stored.state, performer)),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        published_at=stored.published_at,
    )
    return public | {"standing": standing.model_dump(mode="json")}


def kept_reply(stored: StoredListing, actor: Actor, status: int = 200) -> Response:
    """A listing with its version as ETag."""
    response = reply(kept_json(stored, actor))
    response.status_code = status
    response.headers["ETag"] = etag(stored.version)
    if status == 201:
        response.headers["Location"] = f"/v1/listings/{stored.listing.id}"
    return response


def page_json(page: Page, actor: Actor, number: int, size: int) -> Json:
    """`ListingsAnswer`."""
    return {
        "total": page.total,
        "page": number,
        "size": size,
        "kinds": page.kinds,
        "facets": page.facets,
        "listings": [kept_json(one, actor) for one in page.listings],
    }


def version_json(version: Version) -> Json:
    """`VersionAnswer`."""
    return VersionAnswer(
        version=version.version,
        act=version.act,
        state=version.state,  # type: ignore[arg-type]  # pydantic checks that it is one
        user_id=version.user_id,
        at=version.at,
    ).model_dump(mode="json")


def difference_json(one: Difference) -> Json:
    """`DifferenceAnswer`."""
    return {"field": one.field, "before": one.before, "after": one.after}
