"""One listing: found, made, edited, deleted, and taken from state to state; every act with its version and its audit.

All of it within the caller's transaction; a change of what everybody sees goes into the change log last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import record_change
from matcher.catalogue.lifecycle import NEEDS_REASON, VISIBLE, Act, State, after, due_after
from matcher.catalogue.listings.content import check_content
from matcher.catalogue.listings.limits import TEXT_MAX, checked, checked_id
from matcher.catalogue.listings.rows import (
    StoredListing,
    columns_of,
    marks_of,
    public_fields,
    stored_fields,
    stored_of,
    windows_of,
)
from matcher.catalogue.listings.standing import check_keeper, check_may, refuse_unknown, seen_by
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.listings import ListingMarkRow, ListingRow, ListingVersionRow, ListingWindowRow
from matcher.errors import Conflict, Forbidden, InvalidInput, Outdated
from matcher.records import Listing
from matcher.terms import NO_TERMS
from matcher.today import today as present_day

#: Fields that say what an authority has granted: only admins set them.
GRANTED = ("level", "terms.tier", "terms.tier_evidence", "terms.tier_expires")


def find(session: Session, actor: Actor, listing_id: str) -> StoredListing:
    """A listing that the actor may see.

    Raises:
        NotFound: there is none, for this actor.
    """
    query = select(ListingRow).where(ListingRow.id == listing_id, seen_by(actor))
    # NUL can't be stored, and PostgreSQL refuses it even in a question.
    row = None if "\0" in listing_id else session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        refuse_unknown(listing_id)
    return stored_of(row)


def create(
    session: Session,
    actor: Actor,
    listing: Listing,
    *,
    organisation_id: str | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> StoredListing:
    """A new draft. An operator's is of its own organisation and gets an id of ours; an admin may name both.

    An operator can't choose the id: being told that one is taken would tell of listings that it may not see.

    Args:
        listing: with the id "" where one is to be made.

    Raises:
        NotSignedIn, Forbidden: the actor may not. InvalidInput: see `limits.checked` and `content.check_content`; no
            such organisation.
        Conflict: the id is taken.
    """
    check_keeper(actor)
    if not actor.is_admin:
        organisation_id = _own_organisation(actor, organisation_id)
        _check_granted(None, listing)
        if listing.id:
            raise Forbidden("编号由系统给出", hint="请去掉 id", field="id")
    name = _organisation_name(session, organisation_id)
    listing = checked(replace(listing, id=listing.id or base.new_key("L"), operator=listing.operator or name))
    check_content(listing)
    listing = replace(listing, verified_on=None, stale_since=None)
    if session.get(ListingRow, checked_id(listing.id)) is not None:
        raise Conflict(f"编号 {listing.id} 已存在", hint="请换一个编号,或修改已有的条目", field="id")
    now = base.now()
    columns = columns_of(listing) | {"id": listing.id, "state": "draft", "organisation_id": organisation_id}
    session.execute(
        insert(ListingRow).values(
            **columns, hidden=False, changed=False, provenance=dict(provenance or {}), version=1, created_at=now,
            updated_at=now,
        )
    )  # fmt: skip
    _write_details(session, listing)
    _record(session, actor, "create", listing.id, 1, "draft", columns["fields"])
    return _again(session, listing.id)


def edit(
    session: Session, actor: Actor, listing_id: str, listing: Listing, *, seen: int | None, act: str = "edit"
) -> StoredListing:
    """Replace the content of a listing; what is visible shows it at once.

    Args:
        listing: its id, `verified_on` and `stale_since` are ignored. seen: the version that the actor edited, or None
            for whatever is there. act: what versions and audit call it.

    Raises:
        NotFound, NotSignedIn, Forbidden, Outdated, Conflict (it is retired), InvalidInput.
    """
    check_keeper(actor)
    before = find(session, actor, listing_id)
    performer = check_may(actor, before.organisation_id, "edit")
    _check_seen(before, seen)
    state = after("edit", before.state)
    listing = checked(replace(listing, id=listing_id, verified_on=None, stale_since=None))
    check_content(listing, before.listing)
    if performer == "operator":
        _check_granted(before.listing, listing)
    if stored_fields(listing) == stored_fields(before.listing):
        return before
    return _change(session, actor, before, act, state, listing, **_approval(before, performer == "admin"))


def perform(
    session: Session,
    actor: Actor,
    listing_id: str,
    act: Act,
    *,
    seen: int | None = None,
    reason: str | None = None,
    months: int | None = None,
    organisation_id: str | None = None,
    today: date | None = None,
) -> StoredListing:
    """Take a listing from its state to the next by an act of `lifecycle` other than edit, delete and the clock's.

    Args:
        seen: the version that the actor looked at; None for whatever is there. reason: for return and hide.
        months: until the next verification, for verify. organisation_id: for assign; None takes it from all.

    Raises:
        NotFound, NotSignedIn, Forbidden, Outdated; Conflict: not in this state; InvalidInput: the reason is missing.
    """
    check_keeper(actor)
    before = find(session, actor, listing_id)
    check_may(actor, before.organisation_id, act)
    _check_seen(before, seen)
    state = after(act, before.state)
    today = today or present_day()
    columns: dict[str, Any] = {}
    if act in NEEDS_REASON:
        columns["note"] = _reason(reason)
    elif act in ("approve", "submit", "unhide") and not (before.hidden and act != "unhide"):
        columns["note"] = None
    if act in ("hide", "unhide"):
        _refuse_twice(before, act)
        columns["hidden"] = act == "hide"
    elif act == "approve":
        if before.state != "submitted" and not before.changed:
            raise Conflict("没有待审核的修改", hint="该条目自上次通过后没有修改", field="state")
        columns |= {"approved_version": before.version + 1, "changed": False}
    elif act == "publish":
        columns |= _published(before, actor, today)
    elif act == "verify":
        columns |= _verified(today, actor, months)
    elif act == "assign":
        _organisation_name(session, organisation_id)
        columns["organisation_id"] = organisation_id
    return _change(session, actor, before, act, state, None, **columns)


def remove(session: Session, actor: Actor, listing_id: str, *, seen: int | None) -> StoredListing | None:
    """Delete a draft that was never published (None); retire anything else, as others may point to it.

    Raises:
        NotFound, NotSignedIn, Forbidden, Outdated; Conflict: it is retired already.
    """
    check_keeper(actor)
    before = find(session, actor, listing_id)
    check_may(actor, before.organisation_id, "delete")
    _check_seen(before, seen)
    if before.state != "draft" or before.published_at is not None:
        return perform(session, actor, listing_id, "retire", seen=before.version)
    _rowcount(session, delete(ListingRow).where(ListingRow.id == listing_id, ListingRow.version == before.version))
    record_act(session, actor, "listing.delete", "listing", listing_id, version=before.version)
    return None


def _change(
    session: Session,
    actor: Actor,
    before: StoredListing,
    act: str,
    state: State,
    listing: Listing | None,
    **columns: Any,
) -> StoredListing:
    """Write what an act changes, as a new version; `listing` where the content changes."""
    listing_id, version = before.listing.id, before.version + 1
    content = listing if listing is not None else before.listing
    values = {"state": state, "version": version, "updated_at": base.now()} | columns
    if listing is not None:
        values |= columns_of(listing)
    statement = update(ListingRow).where(ListingRow.id == listing_id, ListingRow.version == before.version)
    _rowcount(session, statement.values(**values).execution_options(synchronize_session=False))
    if listing is not None:
        session.execute(delete(ListingMarkRow).where(ListingMarkRow.listing_id == listing_id))
        session.execute(delete(ListingWindowRow).where(ListingWindowRow.listing_id == listing_id))
        _write_details(session, listing)
    _record(session, actor, act, listing_id, version, state, stored_fields(content))
    now = _again(session, listing_id)
    tell(session, before, now)
    return now


def tell(session: Session, before: StoredListing | None, now: StoredListing) -> None:
    """Write the change log where what everybody sees has changed."""
    was = public_fields(before.listing) if before is not None and before.visible else None
    is_now = public_fields(now.listing) if now.visible else None
    if was != is_now:
        session.flush()
        record_change(session, "listing", now.listing.id, "gone" if is_now is None else "shown", is_now)


def _again(session: Session, listing_id: str) -> StoredListing:
    query = select(ListingRow).where(ListingRow.id == listing_id).execution_options(populate_existing=True)
    return stored_of(session.scalars(query).one())


def _write_details(session: Session, listing: Listing) -> None:
    if marks := list(marks_of(listing)):
        session.execute(insert(ListingMarkRow), marks)
    if windows := list(windows_of(listing)):
        session.execute(insert(ListingWindowRow), windows)


def _record(
    session: Session, actor: Actor, act: str, listing_id: str, version: int, state: str, fields: Mapping[str, Any]
) -> None:
    row = {"listing_id": listing_id, "version": version, "state": state, "act": act, "fields": fields}
    session.execute(insert(ListingVersionRow), [row | {"user_id": actor.user_id, "at": base.now()}])
    record_act(session, actor, f"listing.{act}", "listing", listing_id, version=version, state=state)


def _rowcount(session: Session, statement: Any) -> None:
    """Run an UPDATE or DELETE that must meet its row: another transaction may have been faster since it was read."""
    result = cast(CursorResult[Any], session.execute(statement))
    if result.rowcount != 1:
        raise _outdated()


def _check_seen(before: StoredListing, seen: int | None) -> None:
    if seen is not None and seen != before.version:
        raise _outdated()


def _outdated() -> Outdated:
    return Outdated("条目已被他人修改", hint="请取回最新版本,合并您的修改后再提交", field="If-Match")


def _approval(before: StoredListing, by_admin: bool) -> dict[str, Any]:
    """What an edit does to the approval: an admin's is approved by being made, an operator's is to be looked at."""
    if before.state not in ("approved", *VISIBLE):
        return {}
    return {"changed": False, "approved_version": before.version + 1} if by_admin else {"changed": True}


def _published(before: StoredListing, actor: Actor, today: date) -> dict[str, Any]:
    verified = date.fromisoformat(before.listing.verified_on) if before.listing.verified_on else None
    first = {} if verified else {"verified_on": today, "verified_by": actor.role}
    return {
        **first,
        "due_on": due_after(verified or today),
        "reminded_on": None,
        "published_at": before.published_at or base.now(),
    }


def _verified(today: date, actor: Actor, months: int | None) -> dict[str, Any]:
    due_on = due_after(today) if months is None else due_after(today, months)
    return {"verified_on": today, "verified_by": actor.role, "due_on": due_on, "reminded_on": None}


def _refuse_twice(before: StoredListing, act: Act) -> None:
    if before.hidden == (act == "hide"):
        raise Conflict("条目已被屏蔽" if before.hidden else "条目没有被屏蔽", field="hidden")


def _reason(reason: str | None) -> str:
    if reason is None or not reason.strip():
        raise InvalidInput("缺少理由", hint="请写明理由,供给方会看到", field="reason")
    if len(reason) > TEXT_MAX or "\0" in reason:
        raise InvalidInput("理由过长或含有控制字符", hint=f"请缩短到 {TEXT_MAX} 个字符以内", field="reason")
    return reason.strip()


def _own_organisation(actor: Actor, organisation_id: str | None) -> str:
    if actor.organisation_id is None:
        raise Forbidden("账号不属于任何单位", hint="请联系管理员将账号划入单位")
    if organisation_id not in (None, actor.organisation_id):
        raise Forbidden("只能为本单位建立条目", hint="请去掉 organisation_id", field="organisation_id")
    return actor.organisation_id


def _organisation_name(session: Session, organisation_id: str | None) -> str | None:
    if organisation_id is None:
        return None
    found = None if "\0" in organisation_id else session.get(OrganisationRow, organisation_id)
    if found is None:
        raise InvalidInput("没有这个单位", hint="单位编号见 /v1/organisations", field="organisation_id")
    return found.name


def _check_granted(before: Listing | None, listing: Listing) -> None:
    for field in GRANTED:
        value = granted(listing, field)
        if value != (granted(before, field) if before is not None else None):
            raise Forbidden(f"{field} 由管理员填写", hint="请保持原值;如有变化请联系管理员", field=field)


def with_granted(listing: Listing, before: Listing | None) -> Listing:
    """A listing with the fields `GRANTED` as they were before: none where there was nothing."""
    terms = before.terms if before is not None else NO_TERMS
    kept = replace(listing.terms, tier=terms.tier, tier_evidence=terms.tier_evidence, tier_expires=terms.tier_expires)
    return replace(listing, level=before.level if before is not None else None, terms=kept)


def granted(listing: Listing, field: str) -> str | None:
    """The value of one of the fields `GRANTED`."""
    value: str | None = listing.level if field == "level" else getattr(listing.terms, field.removeprefix("terms."))
    return value
