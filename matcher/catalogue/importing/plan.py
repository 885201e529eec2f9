"""From a preview and a person's decisions to the listings to write; the caller writes them, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from matcher.catalogue.importing.headings import Form
from matcher.catalogue.importing.merging import joined
from matcher.catalogue.importing.previews import Duplicate, ImportPreview, RowPreview, Version
from matcher.errors import InvalidInput
from matcher.records import Listing

Decision = Literal["merge", "keep", "skip"]
DECISION_NAMES: dict[Decision, str] = {"merge": "合并", "keep": "保留两条", "skip": "不导入"}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a listing's content came from; times in ISO 8601."""

    file: str
    sheet: str
    row: int
    sha256: str
    form: Form
    imported_at: str


@dataclass(frozen=True, slots=True)
class Change:
    """One listing to write.

    Attributes:
        action: create or update.
        version: the version that the preview was made against, for updates; None where none was given. Where the
            catalogue has another by now, the change must not be written.
        rows: keys of all rows that went into it.
    """

    action: Literal["create", "update"]
    listing: Listing
    version: Version
    provenance: Provenance
    rows: tuple[str, ...]


def apply_plan(
    preview: ImportPreview,
    decisions: Mapping[str, Decision],
    *,
    imported_at: str | None = None,
    suggestions: bool = False,
    skip_errors: bool = False,
) -> tuple[Change, ...]:
    """Return what to write, one change a listing, in the order of the rows.

    Args:
        decisions: by `RowPreview.key`; merge takes the first duplicate named. For rows that are no duplicates only
            skip means anything.
        imported_at: the time of confirmation; that of the preview by default.
        suggestions: take the suggestion for duplicates without a decision.
        skip_errors: leave out rows with errors instead of refusing the file.

    Raises:
        InvalidInput: rows with errors, duplicates without a decision, or decisions for rows that don't exist.
    """
    _check(preview, decisions, suggestions=suggestions, skip_errors=skip_errors)
    at = imported_at or preview.created_at
    changes: dict[str, Change] = {}
    landed: dict[str, str] = {}
    for row in preview.rows:
        if row.listing is None:
            continue
        decision = decisions.get(row.key) or (row.duplicates[0].suggestion if row.duplicates else "keep")
        if decision == "skip":
            continue
        if decision == "merge" and row.duplicates:
            change = _merged(row, row.duplicates[0], changes, landed, preview, at)
        else:
            change = _plain(row, preview, at)
        landed[row.key] = change.listing.id if change else row.listing.id
        if change:
            changes[change.listing.id] = change
    return tuple(changes.values())


def _check(preview: ImportPreview, decisions: Mapping[str, Decision], *, suggestions: bool, skip_errors: bool) -> None:
    errors = [row for row in preview.rows if row.outcome == "error"]
    if errors and not skip_errors:
        hint = "请改正后重新上传,或选择略过有误的行"
        raise InvalidInput(f"有 {len(errors)} 行有误(第一处:第 {errors[0].row} 行),没有导入", hint=hint, field="rows")
    unknown = decisions.keys() - {row.key for row in preview.rows}
    if unknown:
        raise InvalidInput(f"没有 {min(unknown)[:20]} 这一行", hint="请重新打开预览", field="decisions")
    wrong = [key for key, decision in decisions.items() if decision not in DECISION_NAMES]
    if wrong:
        hint = f"可用:{'、'.join(DECISION_NAMES)}"
        raise InvalidInput(f"{wrong[0][:20]} 行的决定不对:{decisions[wrong[0]][:20]}", hint=hint, field="decisions")
    open_rows = [row for row in preview.rows if row.outcome == "duplicate" and row.key not in decisions]
    if open_rows and not suggestions:
        hint = f"每行选择:{'、'.join(DECISION_NAMES.values())}"
        raise InvalidInput(
            f"有 {len(open_rows)} 行疑似重复还没有决定(第一处:第 {open_rows[0].row} 行)", hint=hint, field="decisions"
        )


def _plain(row: RowPreview, preview: ImportPreview, at: str) -> Change | None:
    if row.listing is None or row.outcome == "same":
        return None
    action: Literal["create", "update"] = "update" if row.base else "create"
    version = row.base.version if row.base else None
    return Change(action, row.listing, version, _provenance(row, preview, at), (row.key,))


def _merged(
    row: RowPreview,
    other: Duplicate,
    changes: Mapping[str, Change],
    landed: Mapping[str, str],
    preview: ImportPreview,
    at: str,
) -> Change | None:
    """Join a row to a listing of the catalogue, or to what an earlier row has become.

    A row merged with one that was skipped stands for itself.
    """
    assert row.listing is not None
    target = landed.get(other.row) if other.row else other.id
    before = changes.get(target or "")
    if before:
        listing = joined(before.listing, row.listing)
        return replace(before, listing=listing, rows=(*before.rows, row.key))
    if other.known:
        base = other.known
    elif earlier := next((one for one in preview.rows if one.key == other.row and target and one.base), None):
        base = earlier.base  # type: ignore[assignment]  # the condition above says that it is there
    else:
        return _plain(row, preview, at)
    after = joined(base.listing, row.listing)
    if after == base.listing and not base.retired:
        return None
    return Change("update", after, base.version, _provenance(row, preview, at), (row.key,))


def _provenance(row: RowPreview, preview: ImportPreview, at: str) -> Provenance:
    return Provenance(preview.file, row.sheet, row.row, preview.sha256, row.form, at)
