"""`pilotmatch ledger`: verify the neutrality ledger, own or handed over, write it to a file, put a month into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from matcher.catalogue import ledger as chain
from matcher.catalogue.database import Database, open_database
from matcher.catalogue.watching.exposure import Month, month_from
from matcher.catalogue.watching.months import is_over, month_figures, month_written, write_month
from matcher.commands.terminal import ending_well, existing, read_settings, write
from matcher.errors import InvalidInput
from matcher.today import now


class Act(StrEnum):
    VERIFY = "verify"
    EXPORT = "export"
    EXPOSURE = "exposure"


def ledger(
    act: Annotated[Act, typer.Argument(help="verify 校验;export 导出为文件,供第三方校验;exposure 某月的曝光")],
    file: Annotated[Path | None, typer.Argument(help="导出的账本文件;校验时不填即本机数据库")] = None,
    end: Annotated[str | None, typer.Option(help="此前记下的最后一条哈希,用来发现末尾被删去")] = None,
    month: Annotated[str | None, typer.Option(help="用于 exposure,如 2026-11;已结束而未写入账本的会写入")] = None,
) -> None:
    """校验或导出公开账本;任何人都可用导出的文件校验,不需要数据库。exposure 给出某月的曝光集中度。"""
    with ending_well():
        if act is Act.VERIFY and file is not None:
            write(verify_file(existing(file), end))
            return
        if file is None and act is Act.EXPORT:
            raise InvalidInput("请写明导出到哪个文件", hint="例如 pilotmatch ledger export 账本.jsonl", field="FILE")
        wanted = _month(act, month)
        database = open_database(read_settings())
        try:
            if wanted is not None:
                done = exposure_of(database, wanted, now())
            else:
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


def exposure_of(database: Database, month: Month, now: datetime) -> str:
    """A month's exposure as JSON; one that is over is put into the ledger, unless it stands there. What to tell."""
    with database.reading() as session:
        written, over = month_written(session, month), is_over(month, now)
        figures = month_figures(session, month) if written is None else written.figures
    if written is None and over and figures["exposure"]:
        with database.session() as session:
            written = write_month(session, month, now)
            figures = written.figures
    said = "尚未结束" if not over else "没有曝光" if written is None else f"账本第 {written.number} 条"
    return f"{json.dumps(figures, ensure_ascii=False, indent=2)}\n{month}:{said}"


def _month(act: Act, month: str | None) -> Month | None:
    if (act is Act.EXPOSURE) != (month is not None):
        raise InvalidInput("exposure 须写明月份,其他用法不需要", hint="例如 --month 2026-11", field="month")
    return month_from(month) if month is not None else None


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
