"""`pilotmatch match`: one need as a table or JSON, or a file of needs as TREC lines or JSON lines."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from matcher.answers import answer_json
from matcher.catalogue.needs_file import read_needs
from matcher.commands.answer_table import print_answer
from matcher.commands.terminal import (
    FAILED,
    complain,
    ending_well,
    existing,
    given_listings,
    progress_bar,
    read_settings,
    write,
)
from matcher.errors import InvalidInput
from matcher.match import Matcher
from matcher.records import Kind, Matches, Need
from matcher.understanding.text import check_text

TAG = "pilotmatch"
#: Fields that an option gives: one at fault is so for every need of a file.
OPTIONS = ("top", "kinds")
#: One of the last decimals printed.
SCORE_STEP = 1e-6


def match(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="用自己的话写下的需求")] = None,
    needs: Annotated[Path | None, typer.Option(help="需求文件,每行一个 JSON 对象;与 TEXT 二选一")] = None,
    listings: Annotated[Path | None, typer.Option(help="只在这个供给文件上匹配,不用数据库")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="只要这类供给:platform equipment manufacturer solution")
    ] = None,
    province: Annotated[str | None, typer.Option(help="只考虑这个省份")] = None,
    city: Annotated[str | None, typer.Option(help="只考虑这个城市")] = None,
    must: Annotated[list[str] | None, typer.Option(help="硬性条件:资质、地点,或 place certificate quantity 等")] = None,
    top: Annotated[int, typer.Option(help="给出多少条")] = 10,
    format: Annotated[Literal["table", "json", "trec"], typer.Option(help="输出格式")] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="等于 --format json")] = False,
    keep_all: Annotated[bool, typer.Option("--all", help="被硬性条件排除的条目也列在最后")] = False,
    profile: Annotated[str | None, typer.Option(help="排序方案:default,或不用重排模型的 fast")] = None,
) -> None:
    """为一个需求(或一个文件的需求)排出能做的平台、设备、代工厂和解决方案,并说明理由。"""
    with ending_well():
        output = "json" if as_json else format
        asked, complaints = _asked(text, needs, province, city, must or [])
        if output == "table" and needs is not None:
            raise InvalidInput("一个文件的需求请用 --format trec 或 --format json", field="format")
        kinds = cast("list[Kind]", kind or [])
        matcher = _matcher(listings, profile)
        ask = partial(matcher.match, top=top, kinds=kinds, explained=output != "trec", keep_removed=keep_all)
        for need in asked:
            try:
                _print(ask(need, strict=needs is None), output)
            except InvalidInput as error:
                if needs is None or error.field in OPTIONS:
                    raise
                complaints.append(f"需求 {need.id}:{error}")
        for complaint in complaints:
            complain(f"错误:{complaint}")
        if complaints:
            raise SystemExit(FAILED)


def _asked(
    text: str | None, needs: Path | None, province: str | None, city: str | None, must: list[str]
) -> tuple[list[Need], list[str]]:
    if (text is None) == (needs is None):
        raise InvalidInput(
            "请给出一句需求,或用 --needs 指定需求文件", hint='例如 pilotmatch match "需要500 L发酵罐"', field="text"
        )
    place = city or province
    if text is not None:
        places = (place,) if place else ()
        return [Need(text=check_text(text), places=places, must=(*must, *places))], []
    if place or must:
        raise InvalidInput("--province、--city、--must 只用于一句需求", hint="请把条件写进需求文件", field="must")
    assert needs is not None
    found, broken = read_needs(existing(needs))
    return found, [str(error) for error in broken]


def _matcher(listings: Path | None, profile: str | None) -> Matcher:
    settings = read_settings()
    given = given_listings(listings) if listings else None
    with progress_bar("为条目计算向量") as progress:
        return Matcher.load(settings, given, progress, profile=profile)


def _print(answer: Matches, output: str) -> None:
    need_id = answer.need.id
    if output == "trec":
        for found, score in zip(answer.matches, _descending(answer), strict=True):
            write(f"{need_id or 'need'} Q0 {found.listing.id} {found.rank} {score:.6f} {TAG}")
    elif output == "json":
        write(json.dumps(({"need_id": need_id} if need_id else {}) | answer_json(answer), ensure_ascii=False))
    else:
        print_answer(answer)


def _descending(answer: Matches) -> Iterator[float]:
    """The scores, those of listings that stand behind in spite of theirs (`--all`) held below the row before.

    Whoever reads run lines sorts them by score.
    """
    least = math.inf
    for found in answer.matches:
        score = found.score if found.score <= least else least - SCORE_STEP
        yield score
        least = score
