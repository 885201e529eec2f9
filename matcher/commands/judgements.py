"""`pilotmatch judgements`: judgement sets of the database, in and out as files, and frozen."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database, Session, open_database
from matcher.catalogue.judging.content import adjudicated_grades, grades_by_judge, judgements_of, need_fields
from matcher.catalogue.judging.files import Form, csv_of, qrels_of
from matcher.catalogue.judging.importing import IMPORTED, Preview, Upload, parse, preview
from matcher.catalogue.judging.importing import confirm as write_upload
from matcher.catalogue.judging.sets import JudgementSet, create_set, find_set, freeze, list_sets
from matcher.commands.terminal import ending_well, existing, read_settings, screen, write
from matcher.errors import InvalidInput, NotFound, Unavailable

#: More faults than this are mended in the file first.
_SHOWN = 20
#: Ending → form; TREC's own files end in anything.
_CSV = ".csv"
_NEEDS = ".jsonl"


class Act(StrEnum):
    LIST = "list"
    IMPORT = "import"
    EXPORT = "export"
    FREEZE = "freeze"


def judgements(
    act: Annotated[Act, typer.Argument(help="list 列出;import 导入;export 导出;freeze 冻结开放的版本")],
    name: Annotated[str | None, typer.Argument(help="标注集:dev、dev@2(第 2 版)或编号")] = None,
    file: Annotated[Path | None, typer.Argument(help="标注文件:.csv,或 TREC qrels;导出 .jsonl 是需求")] = None,
    needs: Annotated[Path | None, typer.Option(help="导入:需求文件 needs.jsonl")] = None,
    judge: Annotated[str, typer.Option(help="导入:文件没有写标注人时用")] = IMPORTED,
    replace: Annotated[bool, typer.Option("--replace", help="导入:已有的不同等级改为文件里的")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="导入:写入数据库;不带此项只预览")] = False,
) -> None:
    """列出、导入、导出或冻结标注集。"""
    with ending_well(), _database() as database:
        if act is Act.LIST:
            _list(database)
        elif name is None:
            raise InvalidInput("缺少标注集的名称", hint="如 pilotmatch judgements export dev 文件", field="name")
        elif act is Act.IMPORT:
            _import(database, name, _upload(file, needs, judge, replace), confirm)
        elif act is Act.FREEZE:
            _freeze(database, name)
        else:
            _export(database, name, file)


@contextlib.contextmanager
def _database() -> Iterator[Database]:
    database = open_database(read_settings())
    try:
        yield database
    finally:
        database.dispose()


def _list(database: Database) -> None:
    with database.reading() as session:
        found = list_sets(session)
    if not found:
        write("还没有标注集;用 pilotmatch judgements import 导入")
        return
    table = Table("标注集", "版本", "状态", "需求", "对", "标注", "标注人", "裁定")
    for one in found:
        state = "开放" if one.frozen_at is None else "已冻结"
        counts = (one.needs, one.pairs, one.judgements, one.judges, one.adjudications)
        table.add_row(one.name, str(one.version), state, *map(str, counts))
    screen.print(table)


def _upload(file: Path | None, needs: Path | None, judge: str, replace: bool) -> Upload:
    form: Form = "csv" if file is not None and file.suffix.lower() == _CSV else "qrels"
    contents = [None if path is None else existing(path).read_bytes() for path in (file, needs)]
    return Upload(contents[0], contents[1], form, judge, replace)


def _import(database: Database, name: str, upload: Upload, confirmed: bool) -> None:
    parsed = parse(upload)
    with database.session() as session:
        target = _open_set(session, name)
        found = preview(session, target.id, parsed)
        _show(found)
        if confirmed:
            write_upload(session, CONSOLE, target.id, parsed, found.hash)
        else:
            # A set that was made for the preview alone must not stay.
            session.rollback()
    write(f"已写入 {target.label}" if confirmed else "只是预览,没有写入;带 --confirm 写入")


def _open_set(session: Session, name: str) -> JudgementSet:
    """The set of that name, made where there is none."""
    try:
        return find_set(session, name)
    except NotFound:
        return create_set(session, CONSOLE, name)


def _show(found: Preview) -> None:
    for what, counts in (("需求", found.needs), ("标注", found.grades)):
        write(f"{what}:新增 {counts['new']},修改 {counts['changed']},相同 {counts['same']}")
    for problem in found.problems[:_SHOWN]:
        where = "需求文件" if problem.file == "needs" else ""
        write(f"{where}第 {problem.line} 行:{problem.message}")
    if found.problem_count > _SHOWN:
        write(f"……共 {found.problem_count} 处错误")


def _freeze(database: Database, name: str) -> None:
    with database.session() as session:
        frozen, following = freeze(session, CONSOLE, find_set(session, name).id)
    write(f"已冻结 {frozen.label}({(frozen.content_hash or '')[:12]});开放的是第 {following.version} 版")


def _export(database: Database, name: str, file: Path | None) -> None:
    if file is None:
        raise InvalidInput("缺少文件名", hint="如 pilotmatch judgements export dev judgements.csv", field="file")
    with database.reading() as session:
        found = find_set(session, name)
        content = _content(session, found, file.suffix.lower())
    try:
        file.write_text(content, encoding="utf-8", newline="")
    except OSError as error:
        raise Unavailable(f"无法写入 {file}", hint="请检查路径与权限") from error
    write(f"已导出 {found.label} 到 {file}")


def _content(session: Session, found: JudgementSet, suffix: str) -> str:
    if suffix == _NEEDS:
        return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in need_fields(session, found.id).values())
    if suffix == _CSV:
        # A spreadsheet takes UTF-8 for what it is only behind this mark.
        return "\ufeff" + csv_of(grades_by_judge(session, found.id), adjudicated_grades(session, found.id))
    return qrels_of(judgements_of(session, found.id).grades)
