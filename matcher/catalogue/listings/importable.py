"""What an import may see and change, for its actor, and writing what it has planned.

An operator's file is held against what everybody sees and its own organisation's listings, and may change only these.
A row that would change another organisation's listing is an error of that row. Listings that an operator adds get ids
of ours, like those it makes by hand, whatever the file says; what only admins may set (`store.GRANTED`) stays as it is.
What an admin imports for no organisation in particular goes to the one that is called as its operator is (`claiming`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.importing.plan import Change
from matcher.catalogue.importing.previewing import preview
from matcher.catalogue.importing.previews import ImportPreview, Known, RowPreview
from matcher.catalogue.importing.problems import Problem
from matcher.catalogue.importing.reading import read_table
from matcher.catalogue.importing.tables import Progress
from matcher.catalogue.lifecycle import State
from matcher.catalogue.listings.bulk import Progress as Written
from matcher.catalogue.listings.bulk import Put, parts, put_many
from matcher.catalogue.listings.claiming import assign_claimed, claimed, claims_noted
from matcher.catalogue.listings.limits import checked_id
from matcher.catalogue.listings.published import PART
from matcher.catalogue.listings.rows import stored_of
from matcher.catalogue.listings.standing import check_keeper, held_by, holds, seen_by
from matcher.catalogue.listings.store import with_granted
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import OrganisationRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Forbidden, InvalidInput, Outdated

#: States that imported listings may begin in.
ADDED_STATES: Final[tuple[State, ...]] = ("draft", "submitted", "published")


def preview_file(
    session: Session,
    actor: Actor,
    name: str,
    data: bytes,
    organisation_id: str | None = None,
    progress: Progress | None = None,
) -> ImportPreview:
    """What importing a file would do, for this actor; nothing is written.

    Raises:
        NotSignedIn, Forbidden: the actor keeps no listings. InvalidInput: the file can't be read, no such organisation.
    """
    organisation_for(session, actor, organisation_id)
    found = preview(read_table(name, data, progress=progress), known_to(session, actor), progress=progress)
    if actor.is_admin:
        found = replace(found, rows=tuple(map(_addressed, found.rows)))
        return found if organisation_id is not None else claims_noted(session, found)
    held = set(session.scalars(select(ListingRow.id).where(held_by(actor))))
    return replace(found, rows=tuple(_restricted(row, held) for row in found.rows))


def write_changes(
    session: Session,
    actor: Actor,
    changes: Sequence[Change],
    *,
    organisation_id: str | None,
    state: State | None = None,
    progress: Written | None = None,
) -> Put:
    """Write what a plan says, if the catalogue is still as the preview saw it; errors as for `imports.confirm`."""
    state = _state(actor, state)
    _check(session, actor, [one for one in changes if one.action == "update"])
    ready = [one if actor.is_admin or one.action == "update" else _with_new_id(one) for one in changes]
    _check_new(session, [one.listing.id for one in ready if one.action == "create"])
    claims = claimed(session, ready) if actor.is_admin and organisation_id is None else {}
    assign_claimed(session, actor, claims)
    return put_many(
        session,
        [one.listing for one in ready],
        actor,
        state=state,
        organisation_id=organisation_id,
        organisation_of=claims,
        provenance={one.listing.id: asdict(one.provenance) for one in ready},
        reason="import",
        edits=True,
        progress=progress,
    )


def known_to(session: Session, actor: Actor) -> list[Known]:
    """The listings that a file of the actor's is held against, with their versions."""
    rows = session.scalars(select(ListingRow).where(seen_by(actor)).execution_options(yield_per=PART))
    return [Known(stored.listing, stored.version, stored.state == "retired") for stored in map(stored_of, rows)]


def organisation_for(session: Session, actor: Actor, organisation_id: str | None) -> str | None:
    """The organisation that an import's new listings belong to: an operator's own, an admin's choice or none.

    Raises:
        NotSignedIn, Forbidden; InvalidInput: there is no such organisation.
    """
    check_keeper(actor)
    if not actor.is_admin:
        if actor.organisation_id is None:
            raise Forbidden("账号不属于任何单位", hint="请联系管理员将账号划入单位")
        if organisation_id not in (None, actor.organisation_id):
            raise Forbidden("只能为本单位导入", hint="请去掉 organisation_id", field="organisation_id")
        return actor.organisation_id
    if organisation_id is not None and (
        "\0" in organisation_id or session.get(OrganisationRow, organisation_id) is None
    ):
        raise InvalidInput("没有这个单位", hint="单位编号见 /v1/organisations", field="organisation_id")
    return organisation_id


def _restricted(row: RowPreview, held: set[str]) -> RowPreview:
    """A row as an operator may import it."""
    if row.listing is None:
        return row
    if row.base is not None and row.base.listing.id not in held:
        # A row that changes nothing does no harm to anybody's listing.
        return row if row.outcome == "same" else _foreign(row)
    listing = with_granted(row.listing, row.base.listing if row.base is not None else None)
    problems = row.problems
    if listing != row.listing:
        message = "级别及其认定由管理员填写,没有导入"
        problems = (*problems, Problem("warning", "granted", row.sheet, row.row, None, message, "如有变化请联系管理员"))
    if row.base is None:
        listing = replace(listing, verified_on=None, stale_since=None)
    duplicates = tuple(one if one.row or one.id in held else replace(one, suggestion="keep") for one in row.duplicates)
    return replace(row, listing=listing, problems=problems, duplicates=duplicates)


def _addressed(row: RowPreview) -> RowPreview:
    """A row as an admin may import it: what is new keeps the id that the file gives it, so that has to be one."""
    if row.listing is None or row.base is not None:
        return row
    try:
        checked_id(row.listing.id)
    except InvalidInput as error:
        return _wrong(row, "id", error.message, f"{error.hint};或留空,由系统给出")
    return row


def _foreign(row: RowPreview) -> RowPreview:
    hint = "请删去这一行;若是贵单位的条目,请联系管理员"
    return _wrong(row, "foreign", "这一行对应其他单位的条目,不能更新", hint)


def _wrong(row: RowPreview, code: str, message: str, hint: str) -> RowPreview:
    problem = Problem("error", code, row.sheet, row.row, None, message, hint)
    name, operator = (row.name, row.operator) if row.listing is None else (row.listing.name, row.listing.operator)
    return replace(
        row, outcome="error", listing=None, base=None, changes=(), duplicates=(), problems=(*row.problems, problem),
        name=name, operator=operator,
    )  # fmt: skip


def _state(actor: Actor, state: State | None) -> State:
    if state is not None and state not in ADDED_STATES:
        raise InvalidInput("导入的条目不能是这个状态", hint=f"可用:{'、'.join(ADDED_STATES)}", field="state")
    if actor.is_admin:
        return state or "published"
    if state == "published":
        raise Forbidden("导入的条目须经审核才能发布", hint="可用:draft、submitted", field="state")
    return state or "draft"


def _check(session: Session, actor: Actor, updates: Sequence[Change]) -> None:
    """What is changed is still as the preview saw it, and the actor's to change."""
    stored: dict[str, Any] = {}
    for part in parts([one.listing.id for one in updates]):
        query = select(ListingRow.id, ListingRow.version, ListingRow.organisation_id).where(ListingRow.id.in_(part))
        stored |= {row.id: row for row in session.execute(query)}
    for one in updates:
        row = stored.get(one.listing.id)
        if row is None or row.version != one.version:
            raise _outdated(f"第 {one.provenance.row} 行的条目在预览之后有变化")
        if not holds(actor, row.organisation_id):
            hint = "这样的行请选择“保留两条”或“不导入”"
            raise Forbidden(f"第 {one.provenance.row} 行会更新其他单位的条目", hint=hint, field="decisions")


def _check_new(session: Session, ids: Sequence[str]) -> None:
    for part in parts(ids):
        taken = session.scalars(select(ListingRow.id).where(ListingRow.id.in_(part)).limit(1)).first()
        if taken is not None:
            raise _outdated(f"编号 {taken} 在预览之后已被使用")


def _with_new_id(change: Change) -> Change:
    return replace(change, listing=replace(change.listing, id=base.new_key("L")))


def _outdated(message: str) -> Outdated:
    return Outdated(message, hint="请重新上传文件并预览;没有写入任何内容", field="import_id")
