"""`listings.jsonl` in and out: one listing a line, as `datasets/README.md` describes it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from matcher.catalogue import json_lines
from matcher.catalogue.json_lines import Fields, whole
from matcher.catalogue.terms_fields import terms_fields, terms_from
from matcher.errors import InvalidInput, Unavailable
from matcher.records import KINDS, Kind, Listing
from matcher.terms import NO_TERMS

#: Called with lines done and lines in all.
Progress = Callable[[int, int], None]

#: Called with each listing that was read; raises InvalidInput where it can't be used.
Check = Callable[[Listing], object]

#: Often enough for a smooth bar, seldom enough to cost nothing: a thousand lines take some 20 ms.
PROGRESS_EVERY = 1000
_KINDS = frozenset(KINDS)


def read_listings(
    path: Path | str, progress: Progress | None = None, check: Check | None = None
) -> tuple[Listing, ...]:
    """All listings of a file in its order; blank lines are skipped and fields that are not known are ignored.

    Args:
        path: UTF-8, with or without a byte order mark, one JSON object a line.
        progress: told how far reading is. check: what else a listing has to pass.

    Raises:
        InvalidInput: the first line that can't be used, by its number, with what to do; or no listing at all.
        NotFound, Unavailable: the file is not there or can't be read.
    """
    path = Path(path)
    lines = list(json_lines.read_lines(path))
    if not lines:
        raise InvalidInput(f"{path.name} 是空文件", hint="每行写一个供给条目(JSON 对象)")
    first_line: dict[str, int] = {}
    listings = []
    for done, (number, line) in enumerate(lines, 1):
        try:
            listing = listing_from(json_lines.parse_line(line))
            if check is not None:
                check(listing)
        except InvalidInput as error:
            message = f"{path.name} 第 {number} 行:{error.message}"
            raise InvalidInput(message, hint=error.hint, field=error.field) from None
        before = first_line.setdefault(listing.id, number)
        if before != number:
            message = f"{path.name} 第 {number} 行:编号 {listing.id} 与第 {before} 行重复"
            raise InvalidInput(message, hint="每个条目的 id 只能出现一次", field="id")
        listings.append(listing)
        if progress is not None and (done % PROGRESS_EVERY == 0 or done == len(lines)):
            progress(done, len(lines))
    return tuple(listings)


def listing_from(fields: Fields) -> Listing:
    """One listing from a parsed JSON object.

    Raises:
        InvalidInput: a field is missing or has the wrong type; `field` names it.
    """
    text, texts = json_lines.text, json_lines.texts
    return Listing(
        id=json_lines.identifier(fields),
        kind=_kind(fields),
        name=json_lines.required(fields, "name"),
        operator=text(fields, "operator"),
        province=text(fields, "province"),
        city=text(fields, "city"),
        industry=texts(fields, "industry"),
        summary=text(fields, "summary") or "",
        capabilities=texts(fields, "capabilities"),
        equipment=texts(fields, "equipment"),
        parameters=json_lines.parameters(fields),
        qualifications=texts(fields, "qualifications"),
        services=texts(fields, "services"),
        level=text(fields, "level"),
        source_url=text(fields, "source_url"),
        source_title=text(fields, "source_title"),
        source_date=text(fields, "source_date"),
        terms=terms_from(json_lines.mapping(fields, "terms")),
        verified_on=json_lines.day(fields, "verified_on"),
        stale_since=json_lines.day(fields, "stale_since"),
    )


def write_listings(path: Path | str, listings: Iterable[Listing]) -> None:
    """Write listings so that `read_listings` returns them again; aside first, so that a crash leaves the old file.

    Raises:
        InvalidInput: a text holds half a surrogate pair, or a number is not finite.
        Unavailable: the file can't be written.
    """
    path = Path(path)
    aside = path.with_name(path.name + ".part")
    try:
        content = "".join(line_of(listing) + "\n" for listing in listings).encode("utf-8")
    except ValueError as error:
        raise InvalidInput(f"条目无法写成 JSON:{error}", hint="请改正该条目中的字符或数值") from None
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise Unavailable(f"无法写入文件 {path}:{error.strerror}", hint="请检查路径、权限与磁盘空间") from None


def line_of(listing: Listing) -> str:
    """One line of `listings.jsonl`, without its line end.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(fields_of(listing), ensure_ascii=False, allow_nan=False)


def fields_of(listing: Listing) -> Fields:
    """A listing as the JSON object that `listing_from` reads; `terms` and the days only where they are filled."""
    fields: dict[str, Any] = asdict(replace(listing, terms=NO_TERMS))
    for parameter in fields["parameters"]:
        parameter["min"], parameter["max"] = whole(parameter["min"]), whole(parameter["max"])
    fields["terms"] = terms_fields(listing.terms)
    for name in ("terms", "verified_on", "stale_since"):
        if not fields[name]:
            del fields[name]
    return fields


def _kind(fields: Fields) -> Kind:
    kind = json_lines.required(fields, "kind")
    if kind not in _KINDS:
        raise InvalidInput(f"未知的类别 {kind!r}", hint=f"kind 只能是 {'、'.join(KINDS)} 之一", field="kind")
    return kind
