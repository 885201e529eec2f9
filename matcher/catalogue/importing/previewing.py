"""Holds the rows of a file against the catalogue: new, changed, the same, a likely duplicate, or wrong.

A file that comes again has to find what it found before, though the catalogue has what came of it by now: so a row is
also held against the rows before it as the file has them, whatever listings these have become.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from itertools import islice

from matcher.catalogue.importing.archives import too_many_rows
from matcher.catalogue.importing.changes import field_changes
from matcher.catalogue.importing.drafts import Draft, draft_from_line
from matcher.catalogue.importing.duplicates import Duplicates, Likeness, alike, card_of
from matcher.catalogue.importing.entries import SheetEntries, sheet_entries
from matcher.catalogue.importing.headings import FORM_NAMES
from matcher.catalogue.importing.identity import identity_key, made_apart, made_id, plain
from matcher.catalogue.importing.limits import DEFAULT_LIMITS, Limits
from matcher.catalogue.importing.merging import joined, updated
from matcher.catalogue.importing.previews import Duplicate, ImportPreview, Known, Outcome, RowPreview
from matcher.catalogue.importing.row_reader import draft_from_entry
from matcher.catalogue.importing.tables import PROGRESS_EVERY, Progress, Table
from matcher.errors import InvalidInput
from matcher.records import Listing
from matcher.understanding.refusals import refusal

#: A row that takes over a listing by its id under a name this unlike (0–100) is pointed out.
_RENAMED = 50.0
_SHOWN = 8
#: So many likely duplicates, or listings of one operator and name, are looked at; three are shown.
_WEIGHED = 16
_NAMED = 3


def preview(
    table: Table,
    known: Iterable[Known],
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> ImportPreview:
    """Return what importing a table would do; nothing is written.

    Args:
        known: all listings of the catalogue, whoever owns them; who may change what is for the caller to check.
        progress: told rows done and rows in all.
        now: when the preview is made; the present by default.

    Raises:
        InvalidInput: (field `file`) no sheet with headings that we know, no rows, or too many.
    """
    notes = list(table.notes)
    watch = _Progress(progress, sum(sheet.height or 0 for sheet in table.sheets))
    drafts = list(islice(_drafts(table, limits, notes), limits.rows + 1))
    if len(drafts) > limits.rows:
        raise too_many_rows(limits)
    if not drafts:
        raise refusal("表格里没有可导入的行", "请检查标题行下面是否有数据;示例行不会导入")
    against = _Against(known, [draft.listing for _, draft in drafts if draft.listing])
    rows: list[RowPreview] = []
    for key, draft in drafts:
        rows.append(against.row(key, draft))
        watch.reached(draft.row)
    watch.done(len(rows))
    made = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    return ImportPreview(
        table.name, table.sha256, table.size, table.format, table.encoding, made, _settled(rows), tuple(notes)
    )


@dataclass(slots=True)
class _Progress:
    tell: Progress | None
    total: int
    last: int = 0

    def reached(self, row: int) -> None:
        if self.tell and row - self.last >= PROGRESS_EVERY:
            self.last = row
            self.tell(min(row, self.total), self.total)

    def done(self, rows: int) -> None:
        if self.tell:
            self.tell(max(rows, self.total), max(rows, self.total))


def _drafts(table: Table, limits: Limits, notes: list[str]) -> Iterator[tuple[str, Draft]]:
    private = 0
    if table.format == "jsonl":
        for row in table.sheets[0].rows():
            yield f"1-{row.number}", draft_from_line("", row.number, row.cells[0])
        return
    sheets = _sheets(table, limits, notes)
    for number, entries in sheets:
        context = f"{entries.sheet.name} {entries.title} {table.name}"
        for entry in entries:
            draft = draft_from_entry(entry, entries.layout, context)
            private += draft.private
            yield f"{number}-{draft.row}", draft
        notes += entries.notes
        if entries.examples:
            notes.append(f"略去示例行 {entries.examples} 行")
    if private:
        notes.append(f"联系人、电话、邮箱等个人信息 {private} 处,没有导入")


def _sheets(table: Table, limits: Limits, notes: list[str]) -> list[tuple[int, SheetEntries]]:
    found = []
    for number, sheet in enumerate(table.sheets, 1):
        entries = sheet_entries(sheet, limits)
        if entries is None:
            if sheet.height and sheet.name:
                notes.append(f"工作表“{sheet.name[:40]}”没有认得的标题行,没有导入")
            continue
        found.append((number, entries))
        called = f"工作表“{sheet.name[:40]}”" if sheet.name else "表格"
        notes.append(f"{called}按“{FORM_NAMES[entries.layout.form]}”读取,标题在第 {entries.layout.row} 行")
        if unknown := entries.layout.unknown:
            more = "等" if len(unknown) > _SHOWN else ""
            notes.append(f"没有导入的列:{'、'.join(unknown[:_SHOWN])}{more}")
    if not found:
        raise _no_headings(table, limits)
    return found


def _no_headings(table: Table, limits: Limits) -> InvalidInput:
    for sheet in table.sheets:
        for row in sheet.rows():
            filled = [" ".join(cell.split())[:12] for cell in row.cells if cell.strip()]
            if filled:
                seen = "、".join(filled[:_SHOWN])
                hint = "标题行至少要有“名称”和另外一列;可下载模板,或检查文字编码是否显示正常"
                return refusal(f"前 {limits.heading_rows} 行里没有认得的标题;第一行是:{seen}", hint)
    return refusal("表格是空的", "请检查后重新选择")


class _Against:
    """The catalogue, and the rows of the file that came before."""

    def __init__(self, known: Iterable[Known], rows: Iterable[Listing]) -> None:
        self._known = list(known)
        self._by_id = {one.listing.id: one for one in self._known}
        self._by_key: dict[tuple[str, str, str], list[Known]] = {}
        for one in sorted(self._known, key=lambda known: known.listing.id):
            key = identity_key(one.listing)
            if key and len(self._by_key.setdefault(key, [])) < _WEIGHED:
                self._by_key[key].append(one)
        self._catalogue = Duplicates(one.listing for one in self._known)
        self._file = Duplicates()
        self._rows: list[_Seen] = []
        self._first: dict[str, _Seen] = {}
        self._repeats: Counter[tuple[str, str, str]] = Counter()
        self._ids, self._keys = _named_by(rows)

    def row(self, key: str, draft: Draft) -> RowPreview:
        """Return what would become of a row, and remember it for the rows after it."""
        listing = draft.listing
        if listing is None:
            return _row(key, draft, "error", None)
        before = self._first.get(listing.id)
        if before and draft.own_id:
            draft.add("error", "id", "id", f"编号 {listing.id} 与第 {before.row} 行重复", "每个条目的编号只能出现一次")
            return _row(key, draft, "error", None)
        repeats = self._repeats[_key(listing)]
        self._repeats[_key(listing)] += 1
        base = None if before else self._by_id.get(listing.id) or self._of_same_key(draft, listing)
        if base and base.listing.id in self._first:
            before, listing = self._first[base.listing.id], replace(listing, id=base.listing.id)
        if before:
            return self._again(key, draft, listing, before, repeats)
        result = self._changed(key, draft, base) if base else self._new(key, draft, listing)
        self._first[listing.id] = seen = self._remember(result, draft, listing)
        if base:
            self._first[base.listing.id] = seen
        return result

    def _of_same_key(self, draft: Draft, listing: Listing) -> Known | None:
        """The listing of the same operator and name: of several one that the row leaves as it is, or the first.

        None that another row is by its id, and none that was kept apart.
        """
        key = identity_key(listing)
        found = [
            one
            for one in (self._by_key.get(key, ()) if key else ())
            if one.listing.id not in self._ids and not made_apart(one.listing)
        ]
        free = [one for one in found if one.listing.id not in self._first]
        return next((one for one in free if _leaves(draft, one)), None) or next(iter(free or found), None)

    def _remember(self, result: RowPreview, draft: Draft, listing: Listing) -> _Seen:
        """Have a row found by the rows after it that are like it."""
        stored = result.listing.id if result.listing else listing.id
        seen = _Seen(result.key, draft.row, stored, listing, draft.own_id)
        self._rows.append(seen)
        self._file.add(card_of(listing))
        return seen

    def _changed(self, key: str, draft: Draft, base: Known) -> RowPreview:
        row = draft.listing
        assert row is not None
        if alike(row.name, base.listing.name) < _RENAMED:
            message = f"编号 {base.listing.id} 现在是“{base.listing.name[:30]}”,将改名为“{row.name[:30]}”"
            draft.add("warning", "renamed", "name", message, "若是另一个条目,请清空编号")
        after = updated(base.listing, row, draft.stated, replaces=draft.replaces)
        changes = field_changes(base.listing, after)
        cleared = [change.label for change in changes if not change.new]
        if cleared:
            draft.add("warning", "cleared", None, f"将清空:{'、'.join(cleared)}", "不想清空时请补上内容")
        if base.retired:
            draft.add("warning", "returns", None, _returns(base), "不想恢复时请选择不导入这一行")
        outcome: Outcome = "changed" if changes or base.retired else "same"
        return replace(_row(key, draft, outcome, after), base=base, changes=tuple(changes))

    def _new(self, key: str, draft: Draft, listing: Listing) -> RowPreview:
        card = card_of(listing)
        found = [self._duplicate(one, draft) for one in self._catalogue.find(card, most=_WEIGHED)]
        for one in self._file.find(card, most=_WEIGHED):
            if not (draft.own_id and self._rows[one.position].own_id):
                found.append(self._in_file(one))
        likeliest: dict[str, Duplicate] = {}
        for other in sorted(found, key=lambda other: self._likeliest(other, listing)):
            likeliest.setdefault(other.id, other)
        duplicates = tuple(likeliest.values())[:_NAMED]
        merges = bool(duplicates) and duplicates[0].suggestion == "merge" and not draft.own_id
        base = self._by_id.get(duplicates[0].id) if merges else None
        if base and _holds_all(base, listing):
            # The row was merged with it before: doing so again would change nothing.
            return _contained(key, draft, listing, base)
        return replace(_row(key, draft, "duplicate" if found else "new", listing), duplicates=duplicates)

    def _likeliest(self, one: Duplicate, listing: Listing) -> tuple[bool, bool, bool, float, bool, str]:
        """The order of likely duplicates.

        A listing that a row of the file is comes last, since this row may have been held against that row alone when it
        was decided on. Where two are equal, the one comes first that has what the row says already.
        """
        known = one.known.listing if one.known else None
        named = known is not None and (known.id in self._ids or identity_key(known) in self._keys)
        holds = one.known is not None and _holds_all(one.known, listing)
        return (named, one.suggestion != "merge", not holds, -one.score, known is None, known.id if known else "")

    def _again(self, key: str, draft: Draft, listing: Listing, before: _Seen, repeats: int) -> RowPreview:
        """A row with the operator and name of a row before it: kept apart before, a repetition, or to be decided."""
        apart = made_id(listing.kind, listing.operator, listing.name, again=repeats)
        base = self._by_id.get(apart) or self._of_same_key(draft, listing)
        if base and (base.listing.id == apart or (base.listing.id not in self._first and _leaves(draft, base))):
            result = self._changed(key, draft, base)
            self._first[base.listing.id] = self._remember(result, draft, listing)
            return result
        if replace(listing, id=before.listing.id) == before.listing:
            draft.add("warning", "repeated", None, f"与第 {before.row} 行完全相同,已略去")
            return replace(_row(key, draft, "same", listing), repeats=repeats)
        base = self._by_id.get(before.id)
        if base and _holds_all(base, listing):
            result = _contained(key, draft, listing, base)
        else:
            name, operator, reason = before.listing.name, before.listing.operator, "运营单位与名称相同"
            other = Duplicate(before.id, name, operator, before.key, 100.0, reason, "merge")
            result = replace(_row(key, draft, "duplicate", replace(listing, id=apart)), duplicates=(other,))
        self._remember(result, draft, listing)
        return replace(result, repeats=repeats)

    def _duplicate(self, one: Likeness, draft: Draft) -> Duplicate:
        known = self._known[one.position]
        suggestion = "keep" if draft.own_id else one.suggestion
        other = known.listing
        reason = f"{one.reason};已下架,合并后恢复" if known.retired else one.reason
        return Duplicate(other.id, other.name, other.operator, None, one.score, reason, suggestion, known)

    def _in_file(self, one: Likeness) -> Duplicate:
        seen = self._rows[one.position]
        reason = f"与第 {seen.row} 行:{one.reason}"
        return Duplicate(seen.id, seen.listing.name, seen.listing.operator, seen.key, one.score, reason, one.suggestion)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A row of the file that came before."""

    key: str
    row: int
    id: str
    listing: Listing
    own_id: bool = field(default=False)


def _returns(base: Known) -> str:
    return f"已下架的条目“{base.listing.name[:30]}”将恢复为新增条目的状态;被管理员屏蔽的仍不显示"


def _holds_all(known: Known, listing: Listing) -> bool:
    """Whether joining a row to a listing would change nothing."""
    return not known.retired and joined(known.listing, listing) == known.listing


def _leaves(draft: Draft, known: Known) -> bool:
    """Whether a row leaves a listing as it is."""
    row = draft.listing
    after = known.listing if row is None else updated(known.listing, row, draft.stated, replaces=draft.replaces)
    return not known.retired and after == known.listing


def _key(listing: Listing) -> tuple[str, str, str]:
    return (listing.kind, plain(listing.operator or ""), plain(listing.name))


def _named_by(rows: Iterable[Listing]) -> tuple[set[str], set[tuple[str, str, str] | None]]:
    """The ids and the operators and names by which rows may be listings of the catalogue."""
    ids: set[str] = set()
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        again = counts[_key(row)]
        ids |= {row.id, made_id(row.kind, row.operator, row.name, again=again)} if again else {row.id}
        counts[_key(row)] += 1
    return ids, {key for key in counts if key[1]}


def _contained(key: str, draft: Draft, listing: Listing, known: Known) -> RowPreview:
    base = known.listing
    draft.add("warning", "contained", None, f"已有条目“{base.name[:30]}”({base.id})含有这一行的全部内容,已略去")
    return replace(_row(key, draft, "same", base), base=known, part=listing)


def _settled(rows: list[RowPreview]) -> tuple[RowPreview, ...]:
    """Rows that change a listing only by what the rows that it holds give back leave it the same."""
    parts: dict[str, list[Listing]] = {}
    for row in rows:
        if row.base and row.part:
            parts.setdefault(row.base.listing.id, []).append(row.part)
    return tuple(_with_parts(row, parts.get(row.base.listing.id, [])) if row.base else row for row in rows)


def _with_parts(row: RowPreview, parts: list[Listing]) -> RowPreview:
    if row.outcome != "changed" or row.base is None or row.listing is None or not parts:
        return row
    base, listing = row.base.listing, reduce(joined, parts, row.listing)
    changes = tuple(field_changes(base, listing))
    if changes or row.base.retired:
        return replace(row, changes=changes or row.changes)
    problems = tuple(one for one in row.problems if one.code != "cleared")
    return replace(row, outcome="same", listing=base, changes=(), problems=problems)


def _row(key: str, draft: Draft, outcome: Outcome, listing: Listing | None) -> RowPreview:
    name, operator = (draft.name, draft.operator) if listing is None else (None, None)
    return RowPreview(
        key, draft.sheet, draft.row, outcome, listing, form=draft.form, problems=tuple(draft.problems), name=name,
        operator=operator,
    )  # fmt: skip
