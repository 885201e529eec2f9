"""Many listings at once: what `load` and a confirmed import write, in a few statements whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.change_log import Changes
from matcher.catalogue.lifecycle import GRACE_DAYS, VISIBLE, State, due_after
from matcher.catalogue.listings.content import check_source
from matcher.catalogue.listings.limits import checked, checked_id
from matcher.catalogue.listings.published import IDS
from matcher.catalogue.listings.rows import (
    columns_of,
    is_visible,
    marks_of,
    public_fields,
    record_of,
    stored_fields,
    windows_of,
)
from matcher.catalogue.tables import base
from matcher.catalogue.tables.listings import ListingMarkRow, ListingRow, ListingVersionRow, ListingWindowRow
from matcher.errors import Conflict
from matcher.records import Listing
from matcher.today import today as present_day

#: Called with listings done and listings in all.
Progress = Callable[[int, int], None]
_Item = TypeVar("_Item")
#: What decides whether a listing that is there changes.
_COMPARED = (
    ListingRow.id,
    ListingRow.fields,
    ListingRow.state,
    ListingRow.hidden,
    ListingRow.changed,
    ListingRow.version,
    ListingRow.approved_version,
    ListingRow.verified_on,
    ListingRow.due_on,
    ListingRow.published_at,
    ListingRow.provenance,
)


@dataclass(frozen=True, slots=True)
class Put:
    """How many listings came in new, were changed, or were there just like this; and how many were retired."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0


def put_many(
    session: Session,
    listings: Sequence[Listing],
    actor: Actor,
    *,
    state: State = "published",
    organisation_id: str | None = None,
    organisation_of: Mapping[str, str] | None = None,
    provenance: Mapping[str, Mapping[str, Any]] | None = None,
    today: date | None = None,
    reason: str = "load",
    edits: bool = False,
    progress: Progress | None = None,
    changes: Changes | None = None,
) -> Put:
    """Store listings under their ids; one that is there is replaced and gets a new version, unless nothing changes.

    The caller has checked that the actor may. What an admin hid stays hidden. A listing without `verified_on` is to be
    verified a year from today: somebody put it here now. One with `stale_since` is stale from then on.

    Args:
        listings: of different ids. state: for what is new, or was out of sight; what is in sight stays so.
        organisation_id: of new ones; those that are there keep theirs. organisation_of: by id, for those of another
            than that. provenance: by id, where there is any.
        reason: the act as versions and audit name it.
        edits: what is there is edited, as by `store.edit`: it stays in its state, unless it is retired, and what an
            operator changes of it after approval is marked. Without it, it is put in `state` as if approved.
        changes: where to add what the change log is to hear; the caller records it, at the end. Recorded here without.

    Raises:
        InvalidInput: a listing can't be stored (see `limits.checked`), or names a new source that is no page.
        Conflict: an id comes twice.
    """
    if len({listing.id for listing in listings}) < len(listings):
        raise Conflict("有条目编号重复", hint="每个条目的 id 只能出现一次", field="id")
    told = Changes() if changes is None else changes
    batch = _Batch(
        session, actor, state, organisation_id, provenance or {}, today or present_day(), reason, edits, told,
        organisation_of or {},
    )  # fmt: skip
    done = 0
    for part in parts(listings):
        batch.put([checked(listing) for listing in part])
        done += len(part)
        if progress is not None:
            progress(done, len(listings))
    record_act(session, actor, f"listing.{reason}", "listing", "*", **batch.counts)
    if changes is None:
        told.record(session)
    return Put(**batch.counts)


def put_instead(session: Session, listings: Sequence[Listing], actor: Actor, progress: Progress | None = None) -> Put:
    """Make these the catalogue: they are put as by `put_many`, and whatever else is in sight or hidden is retired."""
    kept = {listing.id for listing in listings}
    shown = select(ListingRow.id).where(ListingRow.state.in_(VISIBLE)).order_by(ListingRow.id)
    others = [listing_id for listing_id in session.scalars(shown) if listing_id not in kept]
    changes = Changes()
    retire_many(session, others, actor, changes)
    put = put_many(session, listings, actor, progress=progress, changes=changes)
    changes.record(session)
    return Put(put.added, put.changed, put.unchanged, len(others))


def retire_many(session: Session, ids: Sequence[str], actor: Actor, changes: Changes | None = None) -> None:
    """Retire listings, whatever state they are in; the caller has checked that the actor may.

    Args:
        changes: as for `put_many`.
    """
    told = Changes() if changes is None else changes
    for part in parts(ids):
        found = select(ListingRow.id, ListingRow.version, ListingRow.fields, ListingRow.state, ListingRow.hidden)
        not_yet = found.where(ListingRow.id.in_(part), ListingRow.state != "retired")
        rows = session.execute(not_yet.order_by(ListingRow.id)).all()
        for row in rows:
            record_act(session, actor, "listing.retire", "listing", row.id)
            if is_visible(row.state, row.hidden):
                told.add("listing", row.id, "gone")
        if rows:
            now = base.now()
            columns = [
                {"id": row.id, "state": "retired", "version": row.version + 1, "updated_at": now} for row in rows
            ]
            session.execute(update(ListingRow), columns)
            session.execute(
                insert(ListingVersionRow),
                [_version(actor, "retire", row.id, row.version + 1, "retired", row.fields, now) for row in rows],
            )
    if changes is None:
        told.record(session)


class _Batch:
    """One call of `put_many`: what it has counted, and what the change log is to hear."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        state: State,
        organisation_id: str | None,
        provenance: Mapping[str, Mapping[str, Any]],
        today: date,
        reason: str,
        edits: bool,
        told: Changes,
        organisation_of: Mapping[str, str],
    ) -> None:
        self._session, self._actor, self._state, self._organisation_id = session, actor, state, organisation_id
        self._provenance, self._today, self._reason, self._now = provenance, today, reason, base.now()
        self._edits, self._told, self._organisation_of = edits, told, organisation_of
        self.counts = {"added": 0, "changed": 0, "unchanged": 0}

    def put(self, listings: Sequence[Listing]) -> None:
        """Store one part."""
        ids = [listing.id for listing in listings]
        # Columns, not rows of the session: what it holds would not follow the statements below.
        found = self._session.execute(select(*_COMPARED).where(ListingRow.id.in_(ids)))
        stored = {row.id: row for row in found}
        new, changed = [], []
        for listing in listings:
            row = stored.get(listing.id)
            if row is None or row.fields.get("source_url") != listing.source_url:
                # What stands there already is no news: a file about other fields must not fail for it.
                check_source(listing)
            if row is None:
                new.append(self._new(listing))
            elif (columns := self._changed(listing, row)) is not None:
                changed.append(columns)
        self._write(new, changed, {listing.id: listing for listing in listings})
        self.counts["added"] += len(new)
        self.counts["changed"] += len(changed)
        self.counts["unchanged"] += len(listings) - len(new) - len(changed)

    def _new(self, listing: Listing) -> dict[str, Any]:
        columns = columns_of(listing) | self._times(listing, self._state, None)
        visible = columns["state"] in VISIBLE
        return columns | {
            "id": checked_id(listing.id),
            "organisation_id": self._organisation_of.get(listing.id, self._organisation_id),
            "hidden": False,
            "changed": False,
            "approved_version": 1 if visible else None,
            "verified_by": self._actor.role if columns["verified_on"] else None,
            "provenance": dict(self._provenance.get(listing.id, {})),
            "version": 1,
            "created_at": self._now,
            "updated_at": self._now,
            "published_at": self._now if visible else None,
        }

    def _changed(self, listing: Listing, row: Any) -> dict[str, Any] | None:
        """The columns to update; None where the row says all of it already."""
        stays = row.state != "retired" if self._edits else row.state in VISIBLE
        state = row.state if stays else self._state
        times = self._times(listing, state, row)
        same = row.fields == stored_fields(listing) and all(
            getattr(row, name) == value for name, value in times.items()
        )
        if same:
            return None
        columns = columns_of(listing) | times
        visible = columns["state"] in VISIBLE
        return columns | {
            "id": row.id,
            "hidden": row.hidden,
            "version": row.version + 1,
            **self._approval(row, columns["state"]),
            "updated_at": self._now,
            "published_at": row.published_at or (self._now if visible else None),
            "provenance": dict(self._provenance.get(listing.id, row.provenance)),
        }

    def _approval(self, row: Any, state: str) -> dict[str, Any]:
        """As an edit of one listing has it: an admin approves by doing it."""
        if state not in ("approved", *VISIBLE):
            return {"approved_version": row.approved_version, "changed": row.changed}
        if self._edits and not self._actor.is_admin:
            return {"approved_version": row.approved_version, "changed": True}
        return {"approved_version": row.version + 1, "changed": False}

    def _times(self, listing: Listing, state: str, row: Any) -> dict[str, Any]:
        """State and days. What the file doesn't say of a listing that is there stays as it is."""
        verified = date.fromisoformat(listing.verified_on) if listing.verified_on else None
        if listing.stale_since is not None and state in VISIBLE:
            due = date.fromisoformat(listing.stale_since) - timedelta(days=GRACE_DAYS)
            return {"state": "stale", "verified_on": verified, "due_on": due}
        if row is not None and (verified is None or verified == row.verified_on) and row.due_on is not None:
            return {"state": state, "verified_on": row.verified_on, "due_on": row.due_on}
        due_on = due_after(verified or self._today) if state in VISIBLE or verified else None
        return {"state": "published" if state in VISIBLE else state, "verified_on": verified, "due_on": due_on}

    def _write(
        self, new: Sequence[dict[str, Any]], changed: Sequence[dict[str, Any]], listings: Mapping[str, Listing]
    ) -> None:
        session = self._session
        if new:
            session.execute(insert(ListingRow), new)
        if changed:
            session.execute(update(ListingRow), changed)
            replaced = [one["id"] for one in changed]
            session.execute(delete(ListingMarkRow).where(ListingMarkRow.listing_id.in_(replaced)))
            session.execute(delete(ListingWindowRow).where(ListingWindowRow.listing_id.in_(replaced)))
        written = [*new, *changed]
        if not written:
            return
        touched = [listings[one["id"]] for one in written]
        if marks := [mark for listing in touched for mark in marks_of(listing)]:
            session.execute(insert(ListingMarkRow), marks)
        if windows := [window for listing in touched for window in windows_of(listing)]:
            session.execute(insert(ListingWindowRow), windows)
        session.execute(insert(ListingVersionRow), [self._version(one) for one in written])
        for one in written:
            if is_visible(one["state"], one["hidden"]):
                self._told.add("listing", one["id"], "shown", public_fields(self._record(one)))

    def _version(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        names = ("id", "version", "state", "fields")
        listing_id, version, state, fields = (columns[name] for name in names)
        return _version(self._actor, self._reason, listing_id, version, state, fields, self._now)

    @staticmethod
    def _record(columns: Mapping[str, Any]) -> Listing:
        return record_of(columns["fields"], columns["state"], columns["verified_on"], columns["due_on"])


def _version(
    actor: Actor, act: str, listing_id: str, version: int, state: str, fields: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    return {
        "listing_id": listing_id,
        "version": version,
        "state": state,
        "act": act,
        "fields": fields,
        "user_id": actor.user_id,
        "at": at,
    }


def parts(items: Sequence[_Item], size: int = IDS) -> Iterator[Sequence[_Item]]:
    """The items in their order, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))
