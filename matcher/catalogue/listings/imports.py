"""Imports: a file is previewed and kept, a person looks at it row by row, and confirms all of it or nothing."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.audit import record_act
from matcher.catalogue.importing.plan import Decision, apply_plan
from matcher.catalogue.importing.previews import ImportPreview
from matcher.catalogue.lifecycle import State
from matcher.catalogue.listings.bulk import Progress
from matcher.catalogue.listings.importable import organisation_for, write_changes
from matcher.catalogue.listings.standing import check_keeper
from matcher.catalogue.tables import base
from matcher.catalogue.tables.listings import ImportRow
from matcher.errors import Conflict, NotFound

ImportState = Literal["previewed", "confirmed", "discarded"]
#: The fastest level: the others take seconds for ten thousand rows and save a third of the bytes.
_FAST: Final = 1
#: A preview that nobody confirmed in this time was forgotten; a confirmed one is of no more use by then.
KEPT_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was read.

    Attributes:
        summary: `counts` by outcome, `warnings` by sort, `notes`, and once it is confirmed `result`.
        rows: as JSON objects (see `previews`), each with `key`, `sheet`, `row`, `outcome`, `listing`, …
    """

    id: str
    file_name: str
    file_hash: str
    state: ImportState
    organisation_id: str | None
    summary: dict[str, Any]
    created_at: datetime
    confirmed_at: datetime | None
    rows: Sequence[Mapping[str, Any]] = ()


def keep_preview(session: Session, actor: Actor, found: ImportPreview, organisation_id: str | None = None) -> Import:
    """Store a preview until it is confirmed."""
    organisation_id = organisation_for(session, actor, organisation_id)
    row = ImportRow(
        id=base.new_key("I"),
        user_id=actor.needs_sign_in(),
        organisation_id=organisation_id,
        file_name=found.file,
        file_hash=found.sha256,
        state="previewed",
        preview=zlib.compress(found.to_json().encode(), _FAST),
        summary={
            "counts": dict(found.counts()),
            "warnings": found.warnings(),
            "notes": list(found.notes),
            "format": found.format,
            "encoding": found.encoding,
            "size": found.size,
        },
    )
    session.add(row)
    session.flush()
    record_act(session, actor, "import.preview", "import", row.id, rows=len(found.rows))
    return _import(row)


def find_import(session: Session, actor: Actor, import_id: str, *, with_rows: bool = False) -> Import:
    """An import of the actor's own; an admin sees everybody's.

    Raises:
        NotFound: there is none, for this actor.
    """
    row = _find(session, actor, import_id)
    found = _import(row)
    return replace(found, rows=json.loads(zlib.decompress(row.preview))["rows"]) if with_rows else found


def imports_of(session: Session, actor: Actor, *, page: int = 1, size: int = 20) -> tuple[int, list[Import]]:
    """How many imports the actor has made (an admin: anybody), and one page of them, latest first."""
    check_keeper(actor)
    own = () if actor.is_admin else (ImportRow.user_id == actor.user_id,)
    total = session.execute(select(func.count()).select_from(ImportRow).where(*own)).scalar_one()
    query = select(ImportRow).where(*own).order_by(ImportRow.created_at.desc(), ImportRow.id)
    return total, [_import(row) for row in session.scalars(query.offset((page - 1) * size).limit(size))]


def confirm(
    session: Session,
    actor: Actor,
    import_id: str,
    decisions: Mapping[str, Decision],
    *,
    state: State | None = None,
    suggestions: bool = False,
    skip_errors: bool = False,
    progress: Progress | None = None,
) -> Import:
    """Write what a preview announced, all of it or nothing, and once.

    Args:
        decisions, suggestions, skip_errors: as for `plan.apply_plan`. state: what is added begins in it; an operator's
            begins as a draft or submitted, an admin's is published where nothing else is said.

    Raises:
        NotFound; Conflict: it was confirmed or discarded; Outdated: the catalogue has changed since the preview;
        InvalidInput: rows with errors, or without a decision; Forbidden: a row changes another's listing.
    """
    row = _find(session, actor, import_id)
    _claim(session, row, "confirmed")
    found = ImportPreview.from_json(zlib.decompress(row.preview).decode())
    changes = apply_plan(
        found, decisions, imported_at=base.now().isoformat(), suggestions=suggestions, skip_errors=skip_errors
    )
    put = write_changes(session, actor, changes, organisation_id=row.organisation_id, state=state, progress=progress)
    result = {"added": put.added, "changed": put.changed, "left_out": len(found.rows) - put.added - put.changed}
    row.summary = {**row.summary, "result": result}
    row.confirmed_at = base.now()
    session.flush()
    record_act(session, actor, "import.confirm", "import", row.id, **result)
    return _import(row)


def discard(session: Session, actor: Actor, import_id: str) -> None:
    """Forget a preview that was not confirmed.

    Raises:
        NotFound. Conflict: it was confirmed or discarded.
    """
    row = _find(session, actor, import_id)
    _claim(session, row, "discarded")
    row.preview = zlib.compress(b'{"rows": []}')
    session.flush()
    record_act(session, actor, "import.discard", "import", row.id)


def forget_old_imports(session: Session, now: datetime | None = None) -> int:
    """Delete imports that are older than `KEPT_DAYS` now (the present by default); how many."""
    before = (now or base.now()) - timedelta(days=KEPT_DAYS)
    result = cast(CursorResult[Any], session.execute(delete(ImportRow).where(ImportRow.created_at < before)))
    return result.rowcount


def _claim(session: Session, row: ImportRow, state: ImportState) -> None:
    """Move an import on, once: of two who do it at the same time one fails."""
    statement = update(ImportRow).where(ImportRow.id == row.id, ImportRow.state == "previewed").values(state=state)
    result = cast(CursorResult[Any], session.execute(statement.execution_options(synchronize_session=False)))
    if result.rowcount != 1:
        raise Conflict("这次导入已经确认或作废", hint="如需再次导入,请重新上传文件", field="import_id")
    session.refresh(row)


def _find(session: Session, actor: Actor, import_id: str) -> ImportRow:
    check_keeper(actor)
    row = None if "\0" in import_id else session.get(ImportRow, import_id)
    if row is None or not (actor.is_admin or row.user_id == actor.user_id):
        raise NotFound(f"没有编号为 {import_id[:64]} 的导入", hint="编号见 /v1/imports", field="import_id")
    return row


def _import(row: ImportRow) -> Import:
    return Import(
        id=row.id,
        file_name=row.file_name,
        file_hash=row.file_hash,
        state=row.state,  # type: ignore[arg-type]  # only this module writes it
        organisation_id=row.organisation_id,
        summary=row.summary,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
    )
