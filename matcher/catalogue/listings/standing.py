"""Who may see a listing, and as whom somebody acts on it."""

from __future__ import annotations

from typing import NoReturn

from sqlalchemy import ColumnElement, false, or_, true

from matcher.catalogue.access import Actor
from matcher.catalogue.lifecycle import ALLOWED, Act, Performer
from matcher.catalogue.listings.published import in_sight
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Forbidden, NotFound

#: A key made for either lets its owner read the drafts of the own organisation.
_READING_SCOPES = frozenset({"read", "listings"})
_SHOWN_OF_ID = 64


def held_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that a listing is the actor's to keep: of its organisation, or any for an admin."""
    if actor.is_admin:
        return true()
    organisation_id = _organisation(actor)
    return false() if organisation_id is None else ListingRow.organisation_id == organisation_id


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor may see a listing."""
    return or_(in_sight(), held_by(actor))


def holds(actor: Actor, organisation_id: str | None) -> bool:
    """Whether a listing of this organisation is the actor's to keep."""
    return actor.is_admin or (organisation_id is not None and _organisation(actor) == organisation_id)


def performer_of(actor: Actor, organisation_id: str | None) -> Performer | None:
    """As whom the actor acts on a listing of this organisation; None for one who only looks."""
    if actor.is_admin:
        return "admin"
    return "operator" if holds(actor, organisation_id) else None


def check_keeper(actor: Actor) -> None:
    """Refuse who keeps no listings at all, before anything is looked up.

    Raises:
        NotSignedIn: nobody is signed in. Forbidden: neither operator nor admin, or a key for other things.
    """
    actor.needs_role("operator")
    if not actor.is_admin:
        actor.needs_scope("listings")


def check_reader(actor: Actor) -> None:
    """Refuse an API key that was made neither for reading nor for keeping listings; everybody else may read.

    Raises:
        Forbidden: such a key.
    """
    if actor.scopes is not None and _READING_SCOPES.isdisjoint(actor.scopes):
        actor.needs_scope("read")


def check_may(actor: Actor, organisation_id: str | None, act: Act) -> Performer:
    """As whom the actor does this to a listing that it can see.

    Raises:
        NotSignedIn, Forbidden: it may not.
    """
    check_keeper(actor)
    performer = performer_of(actor, organisation_id)
    if performer is None:
        raise Forbidden("只能维护本单位的条目", hint="如需更正,请联系该条目的单位或管理员")
    if performer not in ALLOWED[act]:
        raise Forbidden("没有权限", hint="此操作由管理员进行")
    return performer


def refuse_unknown(listing_id: str) -> NoReturn:
    """The one answer for a listing that is not there, or not there for this caller."""
    shown = listing_id[:_SHOWN_OF_ID]
    raise NotFound(f"没有编号为 {shown} 的条目", hint="编号见 /v1/listings", field="listing_id")


def _organisation(actor: Actor) -> str | None:
    """The organisation whose listings the actor keeps."""
    reads = actor.scopes is None or not _READING_SCOPES.isdisjoint(actor.scopes)
    return actor.organisation_id if actor.role == "operator" and reads else None
