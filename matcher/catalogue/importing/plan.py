"""From a preview and a person's decisions to the listings to write; the caller writes them, all in one transaction.

A listing is first what the catalogue has, or what its own row says; then the rows that are merged with it are joined to
it in their order, wherever its own row stands. So a file that comes again with the same decisions ends where it ended
before, and what would be written as it is already is not written.

That holds for what a file brought by itself. Where rows were merged with listings that the catalogue had before,
nothing is added unasked, but something may change again, and the preview shows it: which rows a listing was made of is
nowhere kept, so of two listings that a row is like the other may be the likelier by then; and a listing without an
operator that got one from a row of its name is that row's from then on, whose cells win.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Literal

from matcher.catalogue.importing.duplicates import Duplicates, card_of
from matcher.catalogue.importing.headings import Form
from matcher.catalogue.importing.identity import identity_key
from matcher.catalogue.importing.merging import joined
from matcher.catalogue.importing.previews import ImportPreview, Known, RowPreview, Version
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
        InvalidInput: rows with errors, duplicates without a decision, decisions for rows that don't exist, or rows
            merged with a listing that is unlike them by then.
    """
    _check(preview, decisions, suggestions=suggestions, skip_errors=skip_errors)
    plan = _Plan(preview)
    for row in preview.rows:
        decision = decisions.get(row.key) or (row.duplicates[0].suggestion if row.duplicates else "keep")
        if row.listing is not None:
            plan.take(row, row.listing, decision)
    return plan.changes(imported_at or preview.created_at)


@dataclass(slots=True)
class _Target:
    """A listing on its way.

    Attributes:
        listing: as the catalogue has it, or as its own row says.
        parts: what is joined to it, in the order of the rows.
        rows: all rows that go into it.
        likened: those of them that a person merged with it as the catalogue has it.
    """

    listing: Listing
    base: Known | None
    parts: list[Listing] = field(default_factory=list)
    rows: list[RowPreview] = field(default_factory=list)
    likened: list[RowPreview] = field(default_factory=list)


class _Plan:
    """Where each row goes."""

    def __init__(self, preview: ImportPreview) -> None:
        self._preview = preview
        self._known = {
            one.listing.id: one
            for row in preview.rows
            for one in (row.base, *(other.known for other in row.duplicates))
            if one is not None
        }
        self._targets: dict[str, _Target] = {}
        #: By the key of a row the id of the listing that it has become.
        self._landed: dict[str, str] = {}

    def take(self, row: RowPreview, listing: Listing, decision: Decision) -> None:
        """Take in a row; the listing of a row that is skipped stays as the catalogue has it."""
        if decision == "skip":
            if row.base is not None:
                self._landed[row.key] = row.base.listing.id
            return
        target = self._merged_with(row) if decision == "merge" else None
        self._landed[row.key] = target or listing.id
        if target:
            self._join(target, row, listing)
            if row.duplicates[0].known:
                self._targets[target].likened.append(row)
        elif row.part is not None:
            self._join(listing.id, row, row.part)
        elif row.outcome != "same":
            own = self._targets.setdefault(listing.id, _Target(listing, row.base))
            own.listing = listing
            own.rows.append(row)

    def changes(self, at: str) -> tuple[Change, ...]:
        """What differs from the catalogue."""
        found = (self._change(target, at) for target in self._targets.values())
        return tuple(one for one in found if one is not None)

    def _merged_with(self, row: RowPreview) -> str | None:
        """The listing that a row is merged with; None where that is a new row that was skipped: so this one is new."""
        if not row.duplicates:
            return None
        other = row.duplicates[0]
        return self._landed.get(other.row) if other.row else other.id

    def _join(self, target: str, row: RowPreview, part: Listing) -> None:
        if target not in self._targets:
            known = self._known[target]
            self._targets[target] = _Target(known.listing, known)
        self._targets[target].parts.append(part)
        self._targets[target].rows.append(row)

    def _change(self, target: _Target, at: str) -> Change | None:
        listing, base = reduce(joined, target.parts, target.listing), target.base
        rows = tuple(row.key for row in target.rows)
        provenance = _provenance(target.rows[0], self._preview, at)
        if base is None:
            return Change("create", listing, None, provenance, rows)
        if listing == base.listing and not base.retired:
            return None
        _check_likeness(listing, target.likened)
        return Change("update", listing, base.version, provenance, rows)


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


def _check_likeness(listing: Listing, rows: Iterable[RowPreview]) -> None:
    """Refuse what the file could not find again: a row that is unlike the listing that it becomes a part of.

    It is unlike by what other rows do to the listing: they give it another operator, name or text. Nothing says which
    rows a listing was made of, so the next time the row would come as a new one, without a question.
    """
    index = Duplicates([listing])
    for row in rows:
        part = row.listing
        if part is None or index.find(card_of(part)) or _same_key(part, listing):
            continue
        raise InvalidInput(
            f"第 {row.row} 行不能并入“{listing.name[:30]}”:别的行改变了它的名称、运营单位或文字,与这一行不再相似",
            hint="请为这一行选择“保留两条”或“不导入”",
            field="decisions",
        )


def _same_key(first: Listing, second: Listing) -> bool:
    key = identity_key(first)
    return key is not None and key == identity_key(second)


def _provenance(row: RowPreview, preview: ImportPreview, at: str) -> Provenance:
    return Provenance(preview.file, row.sheet, row.row, preview.sha256, row.form, at)
