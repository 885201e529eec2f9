"""`pilotmatch understand`: what is read from a text, a document, or a file of texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from matcher.answers import requirement_json
from matcher.commands.read_as import STRENGTHS, read_as
from matcher.commands.terminal import FAILED, complain, ending_well, existing, screen, write
from matcher.errors import InvalidInput
from matcher.ranking.explain import TYPE_NAMES
from matcher.ranking.facts import default_tables
from matcher.records import Need
from matcher.understanding.documents import need_from_document, read_document
from matcher.understanding.places import read_mentions
from matcher.understanding.reading import Reader, Understood
from matcher.understanding.text import normalise


def understand(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="要读的文字")] = None,
    file: Annotated[Path | None, typer.Option(help="Word、PDF、Excel 或文本文件")] = None,
    lines: Annotated[Path | None, typer.Option(help="文本文件,每行一段,逐行输出 JSON")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """读出文字里的要求:数量、地点、资质、行业、阶段、预算、期限,各附原文位置。"""
    with ending_well():
        if sum(given is not None for given in (text, file, lines)) != 1:
            raise InvalidInput("请给出文字、--file 或 --lines 之一", field="text")
        reader = Reader.load()
        if lines is not None:
            _print_lines(reader, existing(lines))
            return
        need = Need(text=text or "") if file is None else _from_document(existing(file))
        understood = reader.read(need)
        if as_json:
            write(json.dumps(_as_json(understood), ensure_ascii=False))
        else:
            _print_table(understood)


def _from_document(path: Path) -> Need:
    document = read_document(path, path.name)
    for note in document.notes:
        complain(f"注意:{note}")
    return need_from_document(document)


def _print_lines(reader: Reader, path: Path) -> None:
    broken = 0
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            write(json.dumps({"text": "", "requirements": [], "notes": []}, ensure_ascii=False))
            continue
        try:
            understood = reader.read(Need(text=line.rstrip(b"\r").decode("utf-8")))
            write(json.dumps(_as_json(understood), ensure_ascii=False))
        except UnicodeDecodeError:
            broken += 1
            _print_broken(number, "不是 UTF-8")
        except InvalidInput as error:
            broken += 1
            _print_broken(number, error.message)
    if broken:
        raise SystemExit(FAILED)


def _print_broken(number: int, message: str) -> None:
    """One JSON a line, also for a line that can't be read: readers count lines."""
    complain(f"第 {number} 行:{message}")
    write(json.dumps({"requirements": [], "notes": [], "error": message}, ensure_ascii=False))


def _as_json(understood: Understood) -> dict[str, Any]:
    read = [requirement_json(requirement) for requirement in understood.requirements]
    return {
        "text": understood.text,
        "requirements": sorted([*read, *_mentioned(understood)], key=_position),
        "notes": list(understood.notes),
    }


def _mentioned(understood: Understood) -> list[dict[str, Any]]:
    """Places that the text names without asking for them (where the requester is), with their role."""
    asked = {requirement.start for requirement in understood.requirements if requirement.type == "place"}
    return [
        requirement_json(mention.requirement) | {"role": mention.role}
        for mention in read_mentions(normalise(understood.text))
        if mention.requirement.start not in asked and mention.role != "excluded"
    ]


def _position(requirement: dict[str, Any]) -> tuple[bool, int]:
    """In the order of the text; what a field gave comes last."""
    return requirement["start"] is None, requirement["start"] or 0


def _print_table(understood: Understood) -> None:
    if not understood.conditions:
        screen.print("没有读到具体条件,将按意思匹配")
    tables = default_tables()
    table = Table("类型", "原文", "位置", "读作", "强度")
    for requirement in understood.conditions:
        place = f"{requirement.start}–{requirement.end}" if requirement.start is not None else "字段"
        table.add_row(
            TYPE_NAMES[requirement.type],
            escape(requirement.text),
            place,
            escape(read_as(requirement, tables.certificates, tables.industries)),
            STRENGTHS[requirement.strength],
        )
    if understood.conditions:
        screen.print(table)
    for note in understood.notes:
        screen.print(f"[yellow]注意[/] {escape(note)}")
