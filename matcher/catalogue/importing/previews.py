"""What an import would do, row by row, and as JSON, so that it can be stored until a person confirms it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

from matcher.catalogue.importing.duplicates import Suggestion
from matcher.catalogue.importing.headings import Form
from matcher.catalogue.importing.problems import Problem
from matcher.catalogue.importing.tables import Format
from matcher.catalogue.listings_file import fields_of, listing_from
from matcher.errors import InvalidInput
from matcher.records import Listing

Outcome = Literal["new", "changed", "same", "duplicate", "error"]
OUTCOME_NAMES: dict[Outcome, str] = {
    "new": "新增",
    "changed": "更新",
    "same": "无变化",
    "duplicate": "疑似重复",
    "error": "有误",
}
#: Stored previews say how they are written; another number is refused.
FORMAT_VERSION = 1
Version = int | str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A listing of the catalogue, with its version where the catalogue counts them (for optimistic concurrency).

    `retired`: it was taken off; a row that names it brings it back, whatever else changes.
    """

    listing: Listing
    version: Version = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that would change; `old` and `new` as a person reads them."""

    field: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A likely duplicate of a row.

    Attributes:
        id, name, operator: of the other listing.
        row: the key of the row of this file that it is, None where it stands in the catalogue.
        known: the other listing as the catalogue has it; None where it is a row.
        score: 0–100.
    """

    id: str
    name: str
    operator: str | None
    row: str | None
    score: float
    reason: str
    suggestion: Suggestion
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class RowPreview:
    """What would become of one row.

    Attributes:
        key: names the row in `decisions`: sheet number and row number, 1-17.
        listing: as it would be stored if nothing else is decided; None for errors.
        base: the listing that it changes or leaves the same; None for new rows.
        part: the row as the file has it, where `base` is another listing that holds all of it: it is joined to that
            again, so that nothing is lost where another row changes `base`.
        repeats: how many rows before it have the same operator and name.
        name, operator: of errors, as the file has them; None where `listing` says it, or the file doesn't.
    """

    key: str
    sheet: str
    row: int
    outcome: Outcome
    listing: Listing | None
    base: Known | None = None
    part: Listing | None = None
    form: Form = "template"
    changes: tuple[FieldChange, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    problems: tuple[Problem, ...] = ()
    repeats: int = 0
    name: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a file would do to the catalogue. Nothing has been written."""

    file: str
    sha256: str
    size: int
    format: Format
    encoding: str | None
    created_at: str
    rows: tuple[RowPreview, ...]
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[Outcome, int]:
        """How many rows have each outcome."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOME_NAMES}

    def problems(self) -> list[Problem]:
        """All findings in the order of the rows."""
        return [problem for row in self.rows for problem in row.problems]

    def warnings(self) -> dict[str, int]:
        """How many warnings of each sort (`Problem.code`) there are."""
        return dict(Counter(one.code for one in self.problems() if one.level == "warning"))

    def to_json(self) -> str:
        """The preview as one JSON text."""
        return json.dumps({"version": FORMAT_VERSION, **_fields(self)}, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> ImportPreview:
        """The preview that `to_json` wrote.

        Raises:
            InvalidInput: another version of the format, or no preview at all.
        """
        try:
            found = json.loads(text)
            if found.pop("version") != FORMAT_VERSION:
                raise InvalidInput("保存的导入预览来自另一个版本", hint="请重新上传文件", field="preview")
            rows = tuple(_row(one) for one in found.pop("rows"))
            return cls(rows=rows, notes=tuple(found.pop("notes")), **found)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InvalidInput("保存的导入预览已损坏", hint="请重新上传文件", field="preview") from None


def _fields(preview: ImportPreview) -> dict[str, Any]:
    plain = {name: getattr(preview, name) for name in preview.__dataclass_fields__ if name != "rows"}
    return {**plain, "rows": [_row_fields(row) for row in preview.rows]}


def _row_fields(row: RowPreview) -> dict[str, Any]:
    return {
        "key": row.key,
        "sheet": row.sheet,
        "row": row.row,
        "outcome": row.outcome,
        "form": row.form,
        "repeats": row.repeats,
        "name": row.name,
        "operator": row.operator,
        "listing": _listing_fields(row.listing),
        "base": _known_fields(row.base),
        "part": _listing_fields(row.part),
        "changes": [asdict(one) for one in row.changes],
        "problems": [asdict(one) for one in row.problems],
        "duplicates": [
            {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "known"}
            | {"known": _known_fields(one.known)}
            for one in row.duplicates
        ],
    }


def _listing_fields(listing: Listing | None) -> dict[str, Any] | None:
    return None if listing is None else fields_of(listing)


def _known_fields(known: Known | None) -> dict[str, Any] | None:
    if known is None:
        return None
    return {"listing": fields_of(known.listing), "version": known.version, "retired": known.retired}


def _row(found: dict[str, Any]) -> RowPreview:
    listing, base = found.pop("listing"), found.pop("base")
    return RowPreview(
        listing=_listing(listing),
        base=_known(base),
        part=_listing(found.pop("part", None)),
        changes=tuple(FieldChange(**one) for one in found.pop("changes")),
        problems=tuple(Problem(**one) for one in found.pop("problems")),
        duplicates=tuple(Duplicate(**{**one, "known": _known(one["known"])}) for one in found.pop("duplicates")),
        **found,
    )


def _listing(found: dict[str, Any] | None) -> Listing | None:
    return None if found is None else listing_from(found)


def _known(found: dict[str, Any] | None) -> Known | None:
    if found is None:
        return None
    listing = _listing(found["listing"])
    return None if listing is None else Known(listing, found["version"], bool(found.get("retired")))
