"""A row on its way to a listing, with what was found wrong or doubtful on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace

from matcher.catalogue import json_lines
from matcher.catalogue.importing.cells import cleaned
from matcher.catalogue.importing.headings import Form
from matcher.catalogue.importing.identity import made_id
from matcher.catalogue.importing.problems import Level, Problem
from matcher.catalogue.listings.content import (
    check_characters,
    check_items,
    check_parameters,
    check_place,
    check_source,
    check_source_date,
    check_terms,
)
from matcher.catalogue.listings.limits import NAME_MAX, Fault, faults
from matcher.catalogue.listings_file import Check, listing_from
from matcher.catalogue.place_fields import is_elsewhere
from matcher.errors import InvalidInput
from matcher.records import Listing

LISTS = ("industry", "capabilities", "equipment", "qualifications", "services")
_MODEL = re.compile(r"(?P<name>.+)\uff08(?P<model>[^\uff08\uff09]+)\uff09", re.DOTALL)


@dataclass(slots=True)
class Draft:
    """One row as a listing.

    Attributes:
        listing: None where an error keeps the row out.
        stated: the fields of `Listing` that the file has columns for, `terms.x` for those of its terms.
        own_id: whether the file itself gave the id.
        replaces: whether an empty cell empties the field (a file of ours that was edited and sent back).
        private: how many cells of personal data were left out.
        name, operator: as the file has them, also where the row can't be a listing; cut to what a name may have.
    """

    sheet: str
    row: int
    form: Form
    listing: Listing | None
    stated: frozenset[str]
    own_id: bool = False
    replaces: bool = False
    private: int = 0
    problems: list[Problem] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    operator: str | None = None

    def add(self, level: Level, code: str, name: str | None, message: str, hint: str | None = None) -> None:
        """Note a problem with a field."""
        column = self.headings.get(name or "", name if name and not name.isascii() else None)
        self.problems.append(Problem(level, code, self.sheet, self.row, column, message, hint))

    def called(self, name: object, operator: object) -> None:
        """Note what the file calls the row, whatever else is wrong with it."""
        self.name, self.operator = _line_of(name), _line_of(operator)

    @property
    def failed(self) -> bool:
        """Whether an error keeps the row out."""
        return any(problem.level == "error" for problem in self.problems)


def model_of(name: str) -> tuple[str, str]:
    """Return the name and the model of an instrument named 液相色谱仪(1260); the model "" where none is there."""
    match = _MODEL.fullmatch(name)
    return (match["name"], match["model"]) if match else (name, "")


def draft_from_line(sheet: str, row: int, line: str) -> Draft:
    """Return the draft of one JSON line; a missing id is made, lifecycle days are left to the catalogue."""
    draft = Draft(sheet, row, "jsonl", None, frozenset(), replaces=True)
    try:
        found = json_lines.parse_line(line.encode("utf-8", "surrogateescape"))
        draft.called(found.get("name"), found.get("operator"))
        draft.own_id = bool(found.get("id"))
        listing = listing_from(found if draft.own_id else {**found, "id": "?"})
    except InvalidInput as error:
        draft.add("error", "field", error.field, error.message, error.hint)
        return draft
    made = listing.id if draft.own_id else made_id(listing.kind, listing.operator, listing.name)
    known = {one.name for one in fields(Listing)} - {"terms", "verified_on", "stale_since"}
    terms = {f"terms.{name}" for name in found.get("terms") or ()}
    draft.stated = frozenset(known & found.keys()) | terms
    draft.listing = replace(listing, id=made, verified_on=None, stale_since=None)
    check_lengths(draft, draft.listing)
    _check_content(draft, draft.listing)
    draft.listing = None if draft.failed else draft.listing
    return draft


def check_lengths(draft: Draft, listing: Listing) -> None:
    """Note every field that is longer than the catalogue takes, or holds control characters; each field once."""
    seen: set[str] = set()
    for fault in faults(listing):
        name = fault.field.split("[")[0].removeprefix("terms.")
        if name not in seen:
            seen.add(name)
            draft.add("error", "control" if fault.what == "control" else "length", name, *_in_words(fault))
    if cleaned(listing.name) == "" and not draft.failed:
        draft.add("error", "missing", "name", "名称只有不可见字符", "请补上名称")


def _check_content(draft: Draft, listing: Listing) -> None:
    """What a person would be refused keeps the line out; a place that nobody knows is a doubt, as it is in tables."""
    found = {problem.code for problem in draft.problems}
    for code, check in _CHECKS:
        if code == "control" and code in found:
            continue
        try:
            check(listing)
        except InvalidInput as error:
            known = code != "place" or is_elsewhere(listing.province, listing.city)
            draft.add("error" if known else "warning", code, error.field, error.message, error.hint)


def _line_of(value: object) -> str | None:
    return cleaned(value)[:NAME_MAX] or None if isinstance(value, str) else None


def _in_words(fault: Fault) -> tuple[str, str]:
    """What is wrong, and what to do."""
    if fault.what == "control":
        return "含有不可见的控制字符", "请删去"
    if fault.what == "list":
        return f"有 {fault.length} 项,超过 {fault.limit} 项", "请合并同类项"
    if "[" in fault.field:
        return f"有一项 {fault.length} 字,超过 {fault.limit} 字", "请分成几项,或放入简介"
    return f"有 {fault.length} 字,超过 {fault.limit} 字", "请缩短;详细内容放入简介"


_CHECKS: tuple[tuple[str, Check], ...] = (
    ("url", check_source),
    ("place", check_place),
    ("day", check_source_date),
    ("range", check_parameters),
    ("range", check_terms),
    ("missing", check_items),
    ("control", check_characters),
)
