"""`pilotmatch evaluate`: how good the ranking is on judged needs; `evaluate-extraction`: how well needs are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from matcher.catalogue.needs_file import read_needs
from matcher.commands.terminal import (
    complain,
    ending_well,
    existing,
    given_listings,
    progress_bar,
    read_settings,
    screen,
    write,
)
from matcher.errors import InvalidInput
from matcher.evaluation.judgements import read_judgements
from matcher.evaluation.report import Report
from matcher.evaluation.report import evaluate as judge
from matcher.evaluation.report_tables import render
from matcher.evaluation.runs import Run
from matcher.evaluation.slices import read_traits
from matcher.match import Matcher

#: As deep as recall is looked at, with room for unjudged rows between.
DEPTH = 100


def evaluate(
    needs: Annotated[Path, typer.Option(help="需求文件")],
    judgements: Annotated[Path, typer.Option(help="标注文件(TREC qrels)")],
    listings: Annotated[Path | None, typer.Option(help="供给文件;默认为随附目录")] = None,
    profile: Annotated[str | None, typer.Option(help="排序方案:default,或不用重排模型的 fast")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """在已标注的需求上给出 nDCG@10、recall@50、MRR,总体与分组,附置信区间。"""
    with ending_well():
        given = read_judgements(existing(judgements))
        traits = read_traits(existing(needs))
        settings = read_settings()
        supply = given_listings(listings) if listings else None
        with progress_bar("为条目计算向量") as progress:
            matcher = Matcher.load(settings, supply, progress, profile=profile)
        run = _run(matcher, needs)
        kinds = {listing.id: listing.kind for listing in matcher.catalogue.supply}
        report = judge(run, given, traits, kinds=kinds)
        _print(report, as_json)


def _run(matcher: Matcher, path: Path) -> Run:
    needs, broken = read_needs(path)
    for error in broken:
        complain(f"错误:{error}")
    scores = {}
    with progress_bar("匹配需求") as progress:
        for done, need in enumerate(needs, 1):
            progress(done, len(needs))
            try:
                answer = matcher.match(need, top=DEPTH, explained=False, strict=False)
            except InvalidInput as error:
                complain(f"错误:需求 {need.id}:{error}")
                continue
            scores[need.id or str(done)] = {found.listing.id: found.score for found in answer.matches}
    return Run.from_scores(scores)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        write(json.dumps(report.as_dict(), ensure_ascii=False))
        return
    screen.print(render(report))
