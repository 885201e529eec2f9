"""`pilotmatch import`, `export`, `template` and `tick`: files in and out of the database, and its daily round."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.change_log import Changes
from matcher.catalogue.database import Database, open_database
from matcher.catalogue.exporting.files import Encoding
from matcher.catalogue.feedback.store import forget_feedback
from matcher.catalogue.importing.headings import Form
from matcher.catalogue.importing.plan import DECISION_NAMES, Decision, apply_plan
from matcher.catalogue.importing.previews import OUTCOME_NAMES, ImportPreview
from matcher.catalogue.lifecycle import State
from matcher.catalogue.listings.clock import tick as move_on
from matcher.catalogue.listings.importable import ADDED_STATES, preview_file, write_changes
from matcher.catalogue.listings.imports import forget_old_imports
from matcher.commands.exporting import export_file, template_file
from matcher.commands.terminal import ending_well, existing, progress_bar, read_settings, write
from matcher.errors import InvalidInput
from matcher.installation import installed_database, installed_listings
from matcher.sending.reminding import remind
from matcher.today import today

FileForm = Literal["xlsx", "csv", "gb18030", "jsonl", "uniquip", "instruments", "directory"]
TemplateForm = Literal["template", "uniquip", "instruments", "directory"]
#: The form of columns, the ending, and the encoding of a CSV.
_FORMS: dict[FileForm, tuple[Form, str, Encoding]] = {
    "xlsx": ("template", ".xlsx", "utf-8-sig"),
    "csv": ("template", ".csv", "utf-8-sig"),
    "gb18030": ("template", ".csv", "gb18030"),
    "jsonl": ("jsonl", ".jsonl", "utf-8-sig"),
    "uniquip": ("uniquip", ".xlsx", "utf-8-sig"),
    "instruments": ("instruments", ".xlsx", "utf-8-sig"),
    "directory": ("directory", ".xlsx", "utf-8-sig"),
}
#: More findings than this are looked at in the file, not on a terminal.
_SHOWN = 50


def import_listings(
    file: Annotated[Path, typer.Argument(help="xlsx、xls、ods、csv 或 jsonl 文件")],
    confirm: Annotated[bool, typer.Option("--confirm", help="写入数据库;不带此项只预览")] = False,
    suggestions: Annotated[bool, typer.Option("--suggestions", help="疑似重复的行按建议合并或保留")] = False,
    skip_errors: Annotated[bool, typer.Option("--skip-errors", help="略过有误的行")] = False,
    decide: Annotated[list[str] | None, typer.Option(help="某一行的决定,如 1-17=merge(merge、keep、skip)")] = None,
    state: Annotated[str, typer.Option(help="新增条目的状态:draft、submitted 或 published")] = "published",
    organisation: Annotated[str | None, typer.Option(help="新增条目所属单位的编号")] = None,
) -> None:
    """预览一个文件里的条目;确认后在一个事务里全部写入,或全部不写。"""
    with ending_well(), _database() as database:
        content = existing(file).read_bytes()
        with progress_bar("读取并比对") as bar, database.reading() as session:
            found = preview_file(
                session, CONSOLE, file.name, content, organisation, lambda done, total: bar(done, total or done)
            )
        _show(found)
        if not confirm:
            write("只是预览,没有写入;带 --confirm 写入")
            return
        changes = apply_plan(found, _decisions(decide or []), suggestions=suggestions, skip_errors=skip_errors)
        with progress_bar("写入数据库") as bar, database.session() as session:
            put = write_changes(
                session, CONSOLE, changes, organisation_id=organisation, state=_state(state), progress=bar
            )
        write(f"已写入:新增 {put.added} 条,更新 {put.changed} 条")


def export_listings(
    form: Annotated[FileForm, typer.Argument(help="文件形式")],
    out: Annotated[Path, typer.Argument(help="写到哪个文件")],
) -> None:
    """把已发布的条目导出为文件,可再导入。"""
    with ending_well():
        settings = read_settings()
        columns, ending, encoding = _FORMS[form]
        if out.suffix.lower() != ending:
            raise InvalidInput(f"{form} 是 {ending} 文件,不是 {out.suffix or '(无扩展名)'}", field="out")
        listings = installed_listings(settings, installed_database(settings))
        export_file(listings, out, columns, encoding)


def write_template(
    form: Annotated[TemplateForm, typer.Argument(help="哪一种表")],
    out: Annotated[Path, typer.Argument(help="写到哪个 .xlsx 文件")],
) -> None:
    """写出一个空白的导入模板。"""
    with ending_well():
        template_file(out, form)


def tick() -> None:
    """每日一次:到期的条目转为待复核、已过期,并提醒其单位;清除过期的反馈记录;服务运行时会自动进行。可重复运行。"""
    with ending_well(), _database() as database:
        settings = read_settings()
        with database.session() as session:
            changes = Changes()
            reminders = move_on(session, today(), changes)
            remind(session, reminders, settings, datetime.now(UTC))
            forget_old_imports(session)
            forget_feedback(session, settings.feedback_days)
            changes.record(session)
        for one in reminders:
            write(f"{one.organisation_id} {one.listing_id} {one.text}")
        write(f"共 {len(reminders)} 条提醒")


@contextlib.contextmanager
def _database() -> Iterator[Database]:
    database = open_database(read_settings())
    try:
        yield database
    finally:
        database.dispose()


def _show(found: ImportPreview) -> None:
    counts = found.counts()
    write(f"{found.file}:{len(found.rows)} 行," + ",".join(f"{OUTCOME_NAMES[one]} {counts[one]}" for one in counts))
    for note in found.notes:
        write(f"  {note}")
    problems = found.problems()
    for problem in problems[:_SHOWN]:
        write(f"  {'错误' if problem.level == 'error' else '注意'} {problem}")
    if len(problems) > _SHOWN:
        write(f"  …… 另有 {len(problems) - _SHOWN} 处")
    for row in [row for row in found.rows if row.outcome == "duplicate"][:_SHOWN]:
        other = row.duplicates[0]
        write(f"  疑似重复 {row.key} 与 {other.id}“{other.name}”:{other.reason},建议 {other.suggestion}")


def _decisions(given: list[str]) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    for one in given:
        key, _, decision = one.partition("=")
        chosen = next((known for known in DECISION_NAMES if known == decision), None)
        if chosen is None:
            raise InvalidInput(f"--decide {one[:40]} 不对", hint="如 --decide 1-17=merge", field="decide")
        found[key] = chosen
    return found


def _state(text: str) -> State:
    chosen = next((state for state in ADDED_STATES if state == text), None)
    if chosen is None:
        raise InvalidInput(f"没有 {text[:20]} 这个状态", hint=f"可用:{'、'.join(ADDED_STATES)}", field="state")
    return chosen
