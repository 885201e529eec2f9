"""Who may ask which needs fit a listing: its organisation, and admins."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.listings.published import in_sight
from matcher.catalogue.needs.rows import is_id
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Conflict, Forbidden, NotFound


def check_asks_for(session: Session, actor: Actor, listing_id: str) -> None:
    """Pass for operators and brokers of the listing's organisation, and for admins.

    Raises:
        NotSignedIn: nobody is signed in. NotFound: no such listing, or none that this caller may know of.
        Forbidden: everybody may see the listing, but it is another organisation's. Conflict: it is not published yet.
    """
    actor.needs_sign_in()
    actor.needs_scope("read")
    query = select(ListingRow.organisation_id, in_sight()).where(ListingRow.id == listing_id)
    row = session.execute(query).one_or_none() if is_id(listing_id) else None
    if row is None:
        raise NotFound(f"没有编号为 {listing_id[:64]} 的条目", hint="编号见 /v1/listings", field="listing_id")
    organisation_id, is_in_sight = row
    is_theirs = organisation_id is not None and organisation_id == actor.organisation_id
    if not (actor.is_admin or (is_theirs and actor.role in ("operator", "broker"))):
        if not is_in_sight:
            raise NotFound(f"没有编号为 {listing_id[:64]} 的条目", hint="编号见 /v1/listings", field="listing_id")
        raise Forbidden("没有权限", hint="只有条目所属的单位可以查看")
    if not is_in_sight:
        raise Conflict("条目尚未公开", hint="发布后才能查看与它匹配的需求")
