"""The neutrality ledger: every pin, change of weights and month of exposure, in a chain that a third party can verify.

The hash of an entry is SHA-256 over the canonical JSON of [number, at, kind, content, hash of the entry before]
(RFC 8785 in what it needs here: sorted keys, no spaces, UTF-8). To alter, remove or reorder an entry one would have to
write all later ones anew, which whoever noted a later hash can see; the last one is therefore shown to the public.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher.catalogue.tables.base import now
from matcher.catalogue.tables.changes import ChangeCounterRow
from matcher.catalogue.tables.governance import LedgerRow
from matcher.errors import BrokenArtefact, InvalidInput

#: What stands for the entry before the first.
START = "0" * 64
#: Row of `change_counter` that a writer holds until it commits, as for the change log.
COUNTER = 2
PART = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `at` is ISO 8601 in UTC, as it was hashed."""

    number: int
    at: str
    kind: str
    content: Mapping[str, Any]
    previous_hash: str
    hash: str


def append(session: Session, kind: str, content: Mapping[str, Any]) -> Entry:
    """Add an entry to the transaction, behind the last one that is committed.

    Writers queue at the counter, so that two never continue the same entry. `content` holds no personal data and no
    text of what is hidden: the ledger is public.

    Raises:
        InvalidInput: the content can't be written as JSON.
    """
    number = session.execute(
        update(ChangeCounterRow)
        .where(ChangeCounterRow.id == COUNTER)
        .values(number=ChangeCounterRow.number + 1)
        .returning(ChangeCounterRow.number)
    ).scalar_one()
    session.flush()
    before = session.execute(select(LedgerRow.hash).where(LedgerRow.number == number - 1)).scalar_one_or_none()
    at, previous = now().astimezone(UTC).isoformat(), before or START
    written = _canonical(content)
    # Through JSON once: what is hashed is what reading gives back.
    content = json.loads(written)
    entry = Entry(number, at, kind, content, previous, hash_of(number, at, kind, content, previous))
    session.add(LedgerRow(number=number, at=at, kind=kind, content=written, previous_hash=previous, hash=entry.hash))
    session.flush()
    return entry


def entries(session: Session, after: int = 0, limit: int | None = None) -> Iterator[Entry]:
    """Entries in their order, from behind the number `after`."""
    query = select(LedgerRow).where(LedgerRow.number > after).order_by(LedgerRow.number)
    if limit is not None:
        query = query.limit(limit)
    for row in session.scalars(query.execution_options(yield_per=PART)):
        yield _entry(row)


def latest(session: Session) -> Entry | None:
    """The last entry; None of an empty ledger."""
    row = session.scalars(select(LedgerRow).order_by(LedgerRow.number.desc()).limit(1)).one_or_none()
    return None if row is None else _entry(row)


def verify(chain: Iterable[Entry], end: str | None = None) -> int:
    """Check a chain from its first entry on; how many entries it has.

    Args:
        end: the hash that the last entry must have, as somebody noted it: without it nobody can see that the end of the
            chain was cut off.

    Raises:
        BrokenArtefact: an entry was altered, removed, added or moved; the message names the first one.
    """
    last, count = START, 0
    for count, entry in enumerate(chain, 1):
        wrong = _wrong(entry, count, last)
        if wrong:
            raise BrokenArtefact(f"账本第 {count} 条{wrong}", hint="账本自此条起不可信;请与公开的哈希和备份核对")
        last = entry.hash
    if end is not None and end != last:
        raise BrokenArtefact("账本的最后一条与所给的哈希不符", hint="末尾的记录可能被删去或替换")
    return count


def _wrong(entry: Entry, number: int, previous: str) -> str | None:
    if entry.number != number:
        return f"的编号是 {entry.number}:有记录被删除、插入或调换"
    if entry.previous_hash != previous:
        return "与前一条接不上:有记录被删除、插入或调换"
    if entry.hash != hash_of(entry.number, entry.at, entry.kind, entry.content, entry.previous_hash):
        return "的内容与哈希不符:记录被改动"
    return None


def hash_of(number: int, at: str, kind: str, content: Mapping[str, Any], previous: str) -> str:
    """The hash that an entry must have, 64 hexadecimal digits."""
    return hashlib.sha256(_canonical([number, at, kind, content, previous]).encode()).hexdigest()


def line_of(entry: Entry) -> str:
    """One entry as a line of an exported ledger."""
    return _canonical(
        {
            "number": entry.number,
            "at": entry.at,
            "kind": entry.kind,
            "content": entry.content,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
        }
    )


def read_line(line: str, number: int) -> Entry:
    """An entry from a line that `line_of` wrote.

    Raises:
        InvalidInput: it is none; the message names the line by `number`.
    """
    try:
        fields = json.loads(line)
        entry = Entry(**fields)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"第 {number} 行不是账本记录", hint="文件应由 pilotmatch ledger export 写出") from error
    if not isinstance(entry.content, dict):
        raise InvalidInput(f"第 {number} 行的 content 不是对象", hint="文件应由 pilotmatch ledger export 写出")
    return entry


def _entry(row: LedgerRow) -> Entry:
    return Entry(row.number, row.at, row.kind, json.loads(row.content), row.previous_hash, row.hash)


def _canonical(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise InvalidInput("账本记录无法写成 JSON", hint="请检查数值是否有限") from error
