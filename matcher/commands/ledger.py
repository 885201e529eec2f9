"""`pilotmatch ledger`: verify the neutrality ledger, one's own or one that was handed over, or write it to a file."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from matcher.catalogue import ledger as chain
from matcher.catalogue.database import Database, open_database
from matcher.commands.terminal import ending_well, existing, read_settings, write
from matcher.errors import InvalidInput


class Act(StrEnum):
    VERIFY = "verify"
    EXPORT = "export"


def ledger(
    act: Annotated[Act, typer.Argument(help="verify 校验;export 导出为文件,供第三方校验")],
    file: Annotated[Path | None, typer.Argument(help="导出的账本文件;校验时不填即本机数据库")] = None,
    end: Annotated[str | None, typer.Option(help="此前记下的最后一条哈希,用来发现末尾被删去")] = None,
) -> None:
    """校验或导出公开账本;任何人都可用导出的文件校验,不需要数据库。"""
    with ending_well():
        if act is Act.VERIFY and file is not None:
            write(verify_file(existing(file), end))
            return
        if file is None and act is Act.EXPORT:
            raise InvalidInput("请写明导出到哪个文件", hint="例如 pilotmatch ledger export 账本.jsonl", field="FILE")
        database = open_database(read_settings())
        try:
            done = verify_stored(database, end) if file is None else export(database, file)
        finally:
            database.dispose()
        write(done)


def verify_stored(database: Database, end: str | None = None) -> str:
    """Check the ledger of a database; what to tell. Errors as for `matcher.catalogue.ledger.verify`."""
    with database.reading() as session:
        return _verified(chain.entries(session), end)


def verify_file(path: Path, end: str | None = None) -> str:
    """Check an exported ledger, line by line; what to tell.

    Raises:
        InvalidInput: a line is no entry. BrokenArtefact: the chain does not hold; the message names the entry.
    """
    return _verified(_read(path), end)


def export(database: Database, path: Path) -> str:
    """Write the ledger as lines, aside and renamed, so that a file is whole or not there; what to tell."""
    aside = path.with_name(path.name + ".aside")
    count = 0
    with database.reading() as session, aside.open("w", encoding="utf-8", newline="\n") as out:
        for entry in chain.entries(session):
            out.write(chain.line_of(entry) + "\n")
            count += 1
    aside.replace(path)
    return f"已导出 {count} 条到 {path}"


def _verified(entries: Iterator[chain.Entry], end: str | None) -> str:
    seen = _Last()
    count = chain.verify(seen.through(entries), end.strip().lower() if end else None)
    return f"账本完整:{count} 条,最后一条的哈希 {seen.hash}"


class _Last:
    """Notes the hash of the last entry that goes through."""

    hash = chain.START

    def through(self, entries: Iterator[chain.Entry]) -> Iterator[chain.Entry]:
        for entry in entries:
            self.hash = entry.hash
            yield entry


def _read(path: Path) -> Iterator[chain.Entry]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield chain.read_line(line.decode("utf-8"), number)
            except UnicodeDecodeError as error:
                raise InvalidInput(
                    f"第 {number} 行不是 UTF-8", hint="文件应由 pilotmatch ledger export 写出"
                ) from error
